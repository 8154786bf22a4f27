package dev.tutti.fusion.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusedAnswer;
import dev.tutti.fusion.v1.FusionServiceGrpc;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that a caller brings along, over gRPC, with decoder-service played by a script. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class FuseTest {

  private static ScriptedGeneration decoder;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() {
    decoder = NeighbourPorts.start("decoder", (request, sink) -> {});
    channel = NeighbourPorts.service();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    decoder.close();
  }

  @BeforeEach
  void forget() {
    decoder.forget();
    decoder.script((request, sink) -> ScriptedGeneration.answer(sink, "w", "written"));
  }

  private static Recipe.Builder recipe(String method, String... members) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod(method);
    for (String member : members) {
      recipe.addMembers(
          Member.newBuilder().setModel(member).addCapabilities(Capability.CAPABILITY_GENERATION));
    }
    return recipe;
  }

  private static FuseRequest.Builder request(Recipe.Builder recipe, String... answers) {
    FuseRequest.Builder request =
        FuseRequest.newBuilder()
            .setRequest(
                GenerateRequest.newBuilder()
                    .setRecipe(recipe)
                    .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("7+7=")));
    for (String answer : answers) {
      String[] parts = answer.split(":", 2);
      request.addAnswersBuilder().setMember(parts[0]).setText(parts[1]);
    }
    return request;
  }

  private static FuseResponse fuse(FuseRequest.Builder request) {
    return FusionServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .fuse(request.build());
  }

  private static void assertRefused(FuseRequest.Builder request, String field) {
    Failure failure =
        FailureStatus.fromThrowable(
            assertThrows(StatusRuntimeException.class, () -> fuse(request)));
    assertEquals(field, assertInstanceOf(Failure.InvalidArgument.class, failure).field());
    assertEquals(List.of(), decoder.requests());
  }

  /** The caller's order is neither that of the members nor that of the answers' worth. */
  @Test
  void theMajorityIsGivenAndNobodyIsAsked() {
    FuseRequest.Builder request =
        request(recipe("majority-vote", "a", "b", "c"), "c:14.0", "a:13", "b:#### 14");
    request.getAnswersBuilder(2).setCostUsd(0.25).addLogprobs(-0.5).addLogprobs(-1.5);
    FuseResponse fused = fuse(request);
    assertEquals(List.of(), decoder.requests());
    assertEquals(2, fused.getChosen());
    assertEquals("#### 14", fused.getCompletion().getText());
    assertEquals("b", fused.getCompletion().getAuthor());
    assertEquals(2.0 / 3, fused.getCompletion().getSignals().getAgreement(), 1e-12);
    assertEquals(-1, fused.getCompletion().getSignals().getMeanLogprob());
    assertEquals(0, fused.getCompletion().getCostUsd());
    assertEquals(0, fused.getCompletion().getUsage().getCompletionTokens());
    assertEquals(
        List.of("c", "a", "b"),
        fused.getAnswersList().stream().map(FusedAnswer::getMember).toList());
    assertEquals(
        List.of("14", "13", "14"),
        fused.getAnswersList().stream().map(FusedAnswer::getAnswer).toList());
    for (FusedAnswer answer : fused.getAnswersList()) {
      assertEquals(1.0 / 3, answer.getWeight(), 1e-12);
      assertEquals(answer.getMember().equals("a") ? 1.0 / 3 : 2.0 / 3, answer.getScore(), 1e-12);
    }
    Candidate b = fused.getCompletion().getDecision().getCandidates(1);
    assertTrue(b.getChosen());
    assertFalse(b.getCalled());
    assertEquals(0.25, b.getCostUsd());
    assertEquals("majority-vote", fused.getCompletion().getDecision().getMethod());
  }

  @Test
  void severalOfAMemberAreItsSamples() {
    FuseResponse fused = fuse(request(recipe("majority-vote", "a", "b"), "a:1", "b:2", "a:2"));
    assertEquals(
        List.of(0, 0, 1), fused.getAnswersList().stream().map(FusedAnswer::getSample).toList());
    assertEquals("2", fused.getCompletion().getText());
    assertEquals(2, fused.getChosen());
    assertEquals(2, fused.getCompletion().getDecision().getCandidates(0).getCallsCount());
  }

  /** Two members have not answered; an ensemble asks one after the other. */
  @Test
  void nobodyIsAskedForWhatWasNotBrought() {
    Recipe.Builder recipe = recipe("majority-vote", "a", "b", "c");
    recipe
        .getSettingsBuilder()
        .putFields("ask_at_once", Value.newBuilder().setNumberValue(1).build());
    assertEquals("1", fuse(request(recipe, "a:1")).getCompletion().getText());
    assertEquals(List.of(), decoder.requests());
  }

  @Test
  void calledToolsAreComparedByWhatTheyMean() {
    FuseRequest.Builder request = request(recipe("majority-vote", "a", "b", "c"), "a:", "b:", "c:");
    for (int i = 0; i < 3; i++) {
      request
          .getAnswersBuilder(i)
          .addToolCalls(
              ToolCall.newBuilder()
                  .setName("add")
                  .setArguments(
                      List.of("{\"x\":1,\"y\":3}", "{\"x\":1,\"y\":2}", "{ \"y\": 2, \"x\": 1 }")
                          .get(i)));
    }
    FuseResponse fused = fuse(request);
    assertEquals(1, fused.getChosen());
    assertEquals(FinishReason.FINISH_REASON_TOOL_CALLS, fused.getCompletion().getFinishReason());
    assertEquals("{\"x\":1,\"y\":2}", fused.getCompletion().getToolCalls(0).getArguments());
  }

  /** They are the first round's: the proposer is not sampled, the aggregator reads and writes. */
  @Test
  void whoWritesReadsThem() {
    Recipe.Builder recipe = recipe("self-moa", "p", "w");
    recipe.getMembersBuilder(0).setRole("proposer");
    recipe.getMembersBuilder(1).setRole("aggregator");
    FuseResponse fused = fuse(request(recipe, "p:thirteen", "p:fourteen"));
    assertEquals("written", fused.getCompletion().getText());
    assertFalse(fused.hasChosen());
    assertEquals(1, decoder.requests().size());
    GenerateRequest asked = decoder.requests().getFirst();
    assertEquals("w", asked.getMember().getModel());
    String system = asked.getMessages(0).getContent();
    assertTrue(
        system.indexOf("thirteen") > 0 && system.indexOf("fourteen") > system.indexOf("thirteen"),
        system);
    assertEquals("written".length(), fused.getCompletion().getUsage().getCompletionTokens());
    assertTrue(fused.getAnswersList().stream().noneMatch(FusedAnswer::hasWeight));
  }

  @Test
  void whereTheWriterFailsTheFirstIsGiven() {
    decoder.script(
        (request, sink) -> {
          throw new Failure.Unavailable("ENDPOINT_DOWN", "It is away.").exception();
        });
    Recipe.Builder recipe = recipe("self-moa", "p");
    FuseResponse fused = fuse(request(recipe, "p:thirteen", "p:fourteen"));
    assertEquals("thirteen", fused.getCompletion().getText());
    assertEquals(0, fused.getChosen());
  }

  @Test
  void withTooLittleAgreementNoneIsGiven() {
    Recipe.Builder recipe = recipe("majority-vote", "a", "b", "c");
    recipe
        .getSettingsBuilder()
        .putFields("least_agreement", Value.newBuilder().setNumberValue(0.5).build());
    FuseResponse fused = fuse(request(recipe, "a:1", "b:2", "c:3"));
    assertFalse(fused.hasChosen());
    assertEquals(FinishReason.FINISH_REASON_ABSTAIN, fused.getCompletion().getFinishReason());
    assertEquals(1.0 / 3, fused.getAnswers(0).getWeight(), 1e-12);
  }

  @Test
  void badRequestsAreRefusedWithTheirField() {
    Recipe.Builder recipe = recipe("majority-vote", "a", "b");
    assertRefused(request(recipe), "answers");
    FuseRequest.Builder many = request(recipe);
    for (int i = 0; i < 257; i++) {
      many.addAnswersBuilder().setMember("a");
    }
    assertRefused(many, "answers");
    FuseRequest.Builder discussed = request(recipe("debate", "a"));
    for (int i = 0; i < 61; i++) {
      discussed.addAnswersBuilder().setMember("a").setText("1");
    }
    assertRefused(discussed, "answers");
    assertRefused(request(recipe, "a:1", "nobody:1"), "answers[1].member");
    FuseRequest.Builder request = request(recipe, "a:1", "b:1");
    request.getAnswersBuilder(1).addLogprobs(0.1);
    assertRefused(request, "answers[1].logprobs");
    request.getAnswersBuilder(1).clearLogprobs().addLogprobs(Double.NaN);
    assertRefused(request, "answers[1].logprobs");
    request.getAnswersBuilder(1).clearLogprobs().setCostUsd(-1);
    assertRefused(request, "answers[1].cost_usd");
    request.getAnswersBuilder(1).setCostUsd(Double.POSITIVE_INFINITY);
    assertRefused(request, "answers[1].cost_usd");
    request.getAnswersBuilder(1).setCostUsd(0).addToolCallsBuilder();
    assertRefused(request, "answers[1].tool_calls[0].name");
    FuseRequest.Builder two = request(recipe, "a:1");
    two.getRequestBuilder().setChoices(2);
    assertRefused(two, "choices");
    FuseRequest.Builder silent = request(recipe, "a:1");
    silent.getRequestBuilder().clearMessages();
    assertRefused(silent, "messages");
    assertRefused(request(recipe("none", "a"), "a:1"), "recipe.method");
    Recipe.Builder odd = recipe("majority-vote", "a");
    odd.getSettingsBuilder().putFields("x", Value.newBuilder().setNumberValue(1).build());
    assertRefused(request(odd, "a:1"), "recipe.settings.x");
  }

  /** The writer has begun: its text cannot be taken back, and it has used what it says. */
  @Test
  void whatAFailedFusionUsedIsToldWithTheFailure() {
    decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("wri"));
          sink.emit(
              GenerateResponse.newBuilder()
                  .setSpent(
                      Spent.newBuilder()
                          .setUsage(Usage.newBuilder().setPromptTokens(11))
                          .setCostUsd(0.5))
                  .build());
          throw new Failure.Unavailable("ENDPOINT_CUT", "Cut off.").exception();
        });
    var failed =
        assertThrows(
            StatusRuntimeException.class,
            () -> fuse(request(recipe("self-moa", "p"), "p:x", "p:y")));
    assertEquals("ENDPOINT_CUT", FailureStatus.fromThrowable(failed).reason());
    assertEquals(0.5, FailureStatus.spent(failed).getCostUsd());
    assertEquals(11, FailureStatus.spent(failed).getUsage().getPromptTokens());
  }

  @Test
  void whoIsAskedAgainDrawsInItsOwnWay() {
    Recipe.Builder recipe = recipe("self-moa", "p", "w");
    recipe.getMembersBuilder(0).setRole("proposer");
    recipe.getMembersBuilder(1).setRole("aggregator").getSamplingBuilder().setTemperature(0.25);
    fuse(request(recipe, "p:thirteen", "p:fourteen"));
    assertEquals(0.25, decoder.requests().getFirst().getSampling().getTemperature());
    recipe.getMembersBuilder(0).getSamplingBuilder().setN(2);
    decoder.forget();
    assertRefused(request(recipe, "p:thirteen"), "recipe.members[0].sampling.n");
  }
}
