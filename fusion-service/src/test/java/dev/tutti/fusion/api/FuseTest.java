package dev.tutti.fusion.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusedAnswer;
import dev.tutti.fusion.v1.FusionServiceGrpc;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
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
import java.util.concurrent.atomic.AtomicReference;
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

  private static final String SCHEMA =
      "{\"required\": [\"n\"], \"properties\": {\"n\": {\"type\": \"integer\"}, \"s\":"
          + " {\"type\": \"string\"}}}";

  /** The third is what most say, field by field, and no answer; the fourth satisfies no schema. */
  @Test
  void fieldsAreVotedOnByASchema() {
    FuseRequest.Builder request =
        request(
                recipe("field-vote", "a", "b", "c", "d"),
                "a:{\"n\": 1, \"s\": \"x\", \"t\": 0}",
                "b:It is {\"n\": 1.0, \"s\": \"y\", \"t\": 5}",
                "c:{\"n\": 2, \"s\": \"y\", \"t\": 0}",
                "d:{\"n\": \"1\", \"s\": \"x\", \"t\": 0}")
            .setAnswerSchema(SCHEMA);
    request.getAnswersBuilder(0).addLogprobs(-0.5);
    FuseResponse fused = fuse(request);
    assertEquals("{\"n\":1,\"s\":\"y\",\"t\":0}", fused.getCompletion().getText());
    assertEquals(0, fused.getChosen());
    assertFalse(fused.getAnswers(3).hasAnswer());
    assertEquals(0, fused.getAnswers(3).getScore());
    // Nobody wrote this text, so no log-probability is its own.
    assertEquals(
        Signals.newBuilder()
            .setAgreement(fused.getCompletion().getSignals().getAgreement())
            .build(),
        fused.getCompletion().getSignals());
    assertEquals(1.25 / 3, fused.getCompletion().getSignals().getAgreement(), 1e-12);
    // A score is the support that the decision tells, not the weight of equal answers alone.
    for (int i = 0; i < 3; i++) {
      assertEquals(
          fused.getCompletion().getDecision().getCandidates(i).getScore(),
          fused.getAnswers(i).getScore());
    }
    assertEquals(1.25 / 3, fused.getAnswers(0).getScore(), 1e-12);
    assertTrue(fused.getCompletion().getDecision().getCandidates(0).getChosen());
  }

  @Test
  void whereNoAnswerSatisfiesTheSchemaNoneIsGiven() {
    FuseResponse fused =
        fuse(request(recipe("field-vote", "a"), "a:{\"n\": true}").setAnswerSchema(SCHEMA));
    assertEquals(FinishReason.FINISH_REASON_ABSTAIN, fused.getCompletion().getFinishReason());
    assertFalse(fused.hasChosen());
  }

  @Test
  void equalResultsShareAVote() {
    FuseRequest.Builder request =
        request(
            recipe("majority-vote", "a", "b", "c", "d"),
            "a:select x from t order by x",
            "b:select x, 1 from t",
            "c:select x, y / y from t",
            "d:select x from t");
    rows(request, 0, "[3, null]", "[1, \"a\"]");
    rows(request, 1, "[1, \"A\"]", "[3, null]");
    rows(request, 2, "[3.0,null]", "[1,\"A\"]");
    FuseResponse fused = fuse(request);
    assertEquals(1, fused.getChosen());
    assertEquals(.5, fused.getCompletion().getSignals().getAgreement(), 1e-12);
    assertEquals("[[1,\"A\"],[3,null]]", fused.getAnswers(2).getAnswer());
    // Nobody knows what it gives.
    assertFalse(fused.getAnswers(3).hasAnswer());
    assertEquals(0, fused.getAnswers(3).getScore());
    assertEquals(.25, fused.getAnswers(3).getWeight());
  }

  /** Two of three order their rows, so the order tells them apart. */
  @Test
  void theOrderOfRowsCountsWhereMostQueriesOrderThem() {
    FuseRequest.Builder request =
        request(
            recipe("majority-vote", "a", "b", "c"),
            "a:select x from t order by x desc",
            "b:select x from t order by x",
            "c:select x from t");
    rows(request, 0, "[2]", "[1]");
    rows(request, 1, "[1]", "[2]");
    rows(request, 2, "[1]", "[2]");
    assertEquals(1, fuse(request).getChosen());
    request.getAnswersBuilder(1).setText("select x from t");
    assertEquals(0, fuse(request).getChosen());
  }

  @Test
  void noRowsAreAResult() {
    FuseRequest.Builder request =
        request(recipe("majority-vote", "a", "b", "c"), "a:1", "b:2", "c:2");
    request.getAnswersBuilder(0).getResultBuilder();
    rows(request, 1, "[1]");
    request.getAnswersBuilder(2).getResultBuilder();
    FuseResponse fused = fuse(request);
    assertEquals(0, fused.getChosen());
    assertEquals("[]", fused.getAnswers(2).getAnswer());
  }

  private static void rows(FuseRequest.Builder request, int answer, String... rows) {
    request.getAnswersBuilder(answer).getResultBuilder().addAllRows(List.of(rows));
  }

  /** Two pass one test, the same; two pass another two, the same; one passes two others. */
  @Test
  void whoPassedMostVotesByWhatItPassed() {
    FuseRequest.Builder request =
        request(
            recipe("majority-vote", "a", "b", "c", "d", "e", "f"),
            "a:one",
            "b:one",
            "c:three",
            "d:two",
            "e:2",
            "f:no tests");
    String[] passed = {"x", "x", "yz", "xy", "xy"};
    for (int i = 0; i < passed.length; i++) {
      for (String test : List.of("x", "y", "z")) {
        request.getAnswersBuilder(i).putTests(test, passed[i].contains(test));
      }
    }
    FuseResponse fused = fuse(request);
    assertEquals(3, fused.getChosen());
    assertEquals("two", fused.getCompletion().getText());
    assertEquals(2.0 / 6, fused.getCompletion().getSignals().getAgreement(), 1e-12);
    assertEquals("{\"x\":true,\"y\":true,\"z\":false}", fused.getAnswers(4).getAnswer());
    assertEquals(1.0 / 6, fused.getAnswers(2).getScore(), 1e-12);
    assertFalse(fused.getAnswers(0).hasAnswer());
    assertFalse(fused.getAnswers(5).hasAnswer());
  }

  @Test
  void whereNoTestIsPassedNobodyHasAVote() {
    FuseRequest.Builder request = request(recipe("majority-vote", "a", "b"), "a:1", "b:2");
    request.getAnswersBuilder(0).putTests("x", false);
    request.getAnswersBuilder(1).putTests("x", false);
    FuseResponse fused = fuse(request);
    assertEquals(0, fused.getCompletion().getSignals().getAgreement());
    assertFalse(fused.getAnswers(0).hasAnswer());
  }

  @Test
  void theDecisionTellsHowAlikeAnswersAre() {
    FuseResponse fused =
        fuse(request(recipe("agent-forest", "a", "b"), "a:one two three four", "b:one two"));
    var told =
        fused
            .getCompletion()
            .getDecision()
            .getInputs()
            .getFieldsOrThrow("similarity")
            .getStructValue();
    assertEquals(
        "b", told.getFieldsOrThrow("members").getListValue().getValues(1).getStringValue());
    var rows = told.getFieldsOrThrow("rows").getListValue();
    assertEquals(2, rows.getValuesCount());
    assertEquals(1, rows.getValues(1).getListValue().getValues(1).getNumberValue());
    double between = rows.getValues(0).getListValue().getValues(1).getNumberValue();
    assertTrue(between > 0 && between < 1, () -> "" + between);
    assertEquals(Math.rint(between * 100) / 100, between);
    assertFalse(
        fuse(request(recipe("majority-vote", "a", "b"), "a:1", "b:2"))
            .getCompletion()
            .getDecision()
            .getInputs()
            .containsFields("similarity"));
  }

  @Test
  void badSchemasResultsAndTestsAreRefused() {
    Recipe.Builder recipe = recipe("field-vote", "a", "b");
    assertRefused(
        request(recipe, "a:{}").setAnswerSchema("{\"$ref\": \"http://x/y\"}"), "answer_schema");
    assertRefused(
        request(recipe("majority-vote", "a"), "a:1").setAnswerSchema("{}"), "answer_schema");
    FuseRequest.Builder request = request(recipe, "a:1", "b:2");
    rows(request, 1, "[1]", "{}");
    assertRefused(request, "answers[1].result");
    request.getAnswersBuilder(1).getResultBuilder().clearRows();
    request.getAnswersBuilder(0).putTests("x", true);
    assertRefused(request, "answers[0].tests");
    request.getAnswersBuilder(1).clearResult().putTests("y", true);
    assertRefused(request, "answers[1].tests");
    request.getAnswersBuilder(1).clearTests().putTests("", true);
    assertRefused(request, "answers[1].tests");
    FuseRequest.Builder both = request(recipe, "a:{}").setAnswerSchema("{}");
    rows(both, 0, "[1]");
    assertRefused(both, "answer_schema");
    FuseRequest.Builder read = request(recipe("debate", "a", "b"), "a:1", "b:2");
    rows(read, 0, "[1]");
    assertRefused(read, "answers");
    FuseRequest.Builder large = request(recipe, "a:1");
    for (int i = 0; i < 10_001; i++) {
      large.getAnswersBuilder(0).getResultBuilder().addRows("[]");
    }
    assertRefused(large, "answers[0].result");
    large.getAnswersBuilder(0).getResultBuilder().clearRows().addRows(" ".repeat(1 << 20) + "[]");
    assertRefused(large, "answers[0].result");
  }

  /** As the front door hands on what it does not interpret. */
  @Test
  void membersThatAreAskedAreHeldToTheSchemaOfTheRequest() {
    decoder.script(
        (request, sink) -> {
          String member = request.getMember().getModel();
          String text = member.equals("c") ? "{\"n\": 2}" : "{\"n\": \"1\"}";
          ScriptedGeneration.answer(sink, member, text);
        });
    String body =
        "{\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"schema\": %s}}}"
            .formatted(SCHEMA);
    GenerateRequest asked =
        request(recipe("field-vote", "a", "b", "c")).getRequest().toBuilder()
            .setWire(
                WireRequest.newBuilder()
                    .setForm(WireForm.WIRE_FORM_CHAT)
                    .setBody(ByteString.copyFromUtf8(body))
                    .setUninterpreted("response_format"))
            .build();
    var completion = new AtomicReference<Completion>();
    GenerationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .generate(asked)
        .forEachRemaining(
            event -> {
              if (event.hasCompletion()) {
                completion.set(event.getCompletion());
              }
            });
    assertEquals("{\"n\": 2}", completion.get().getText());
    assertEquals(3, decoder.requests().size());
    decoder.requests().forEach(its -> assertTrue(its.getWire().getInterpreted()));
  }
}
