package dev.tutti.cascade.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.cascade.v1.CascadeServiceGrpc;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.cascade.v1.Verdict;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.ToolCall;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a cascade makes of answers that a caller brings along, over gRPC; nobody is ever asked. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class DecideTest {

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

  @AfterEach
  void nobodyWasAsked() {
    assertEquals(List.of(), decoder.requests());
  }

  private static Recipe.Builder recipe(String method, String... members) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod(method);
    for (String member : members) {
      Member.Builder its = recipe.addMembersBuilder().setModel(member);
      its.addCapabilities(Capability.CAPABILITY_GENERATION)
          .addCapabilities(Capability.CAPABILITY_LOGPROBS);
      // An answer of 256 assumed tokens, or of 100 that were seen, is expected to cost .0256 or
      // .01.
      its.getPricesBuilder().setUsdPerMillionCompletionTokens(100);
    }
    return recipe;
  }

  private static Recipe.Builder cascade(double threshold, String... members) {
    Recipe.Builder recipe = recipe("model-cascading", members);
    recipe
        .getSettingsBuilder()
        .putFields(
            "thresholds",
            Value.newBuilder()
                .setListValue(
                    ListValue.newBuilder().addValues(Value.newBuilder().setNumberValue(threshold)))
                .build());
    return recipe;
  }

  private static DecideRequest.Builder request(Recipe.Builder recipe, BroughtAnswer... answers) {
    return DecideRequest.newBuilder()
        .setRequest(
            GenerateRequest.newBuilder()
                .setRecipe(recipe)
                .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("7+7=")))
        .addAllAnswers(List.of(answers));
  }

  private static BroughtAnswer answer(String member, double probability) {
    return BroughtAnswer.newBuilder()
        .setMember(member)
        .setText("14")
        .addLogprobs(Math.log(probability))
        .setCostUsd(0.001)
        .build();
  }

  private static BroughtAnswer says(String member, String text) {
    return BroughtAnswer.newBuilder().setMember(member).setText(text).build();
  }

  private static DecideResponse decide(DecideRequest.Builder request) {
    return CascadeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .decide(request.build());
  }

  @Test
  void aConfidentAnswerIsTakenWhereverItStandsInTheRequest() {
    DecideResponse decided =
        decide(request(cascade(0.5, "a", "b"), answer("b", 0.9), answer("a", 0.5)));
    assertEquals(Verdict.VERDICT_ACCEPT, decided.getVerdict());
    assertEquals(1, decided.getChosen());
    assertEquals(0, decided.getWantedCount());
    assertEquals(0.5, decided.getConfidence(), 1e-12);
    assertEquals(0.5, decided.getThreshold());
    assertTrue(decided.getAnswers(1).getSeen());
    assertEquals(0.5, decided.getAnswers(1).getThreshold());
    // Nobody would have asked for it.
    assertFalse(decided.getAnswers(0).getSeen());
    assertFalse(decided.getAnswers(0).hasConfidence());
    Candidate a = decided.getDecision().getCandidates(0);
    assertTrue(a.getChosen());
    assertFalse(a.getCalled());
    assertEquals("14", a.getAnswer());
    assertEquals(0.5, a.getScore(), 1e-12);
    assertEquals(0.5, a.getThreshold());
    assertEquals(0.001, a.getCostSoFarUsd());
    assertEquals(
        "'a' answers after 1 of 2 members were asked. maxprob 0.500 >= threshold 0.500.",
        decided.getDecision().getExplanation());
    // b would write as much as a did: one estimated token.
    assertEquals(0.001 - 0.001, decided.getDecision().getCostAvoidedUsd(), 1e-12);
  }

  @Test
  void anUnsureAnswerIsDeferredToTheNextMember() {
    DecideRequest.Builder request = request(cascade(0.5, "a", "b"), answer("a", 0.49));
    request.getRequestBuilder().getSamplingBuilder().setTemperature(0.25);
    DecideResponse decided = decide(request);
    assertEquals(Verdict.VERDICT_DEFER, decided.getVerdict());
    assertFalse(decided.hasChosen());
    assertEquals(1, decided.getWantedCount());
    assertEquals("b", decided.getWanted(0).getMember());
    assertEquals(CallKind.CALL_KIND_GENERATE, decided.getWanted(0).getKind());
    assertEquals(1, decided.getWanted(0).getSamples());
    assertEquals(0.25, decided.getWanted(0).getSampling().getTemperature());
    assertEquals(0, decided.getWanted(0).getMessagesCount());
    assertEquals(0.49, decided.getConfidence(), 1e-12);
    assertEquals(
        "'b' is to be asked after 1 of 2 members were asked. maxprob 0.490 < threshold 0.500.",
        decided.getDecision().getExplanation());
    assertFalse(decided.getDecision().hasCostAvoidedUsd());
    assertEquals(0.49, decided.getDecision().getCandidates(0).getScore(), 1e-12);
    // The answer that was missing leads one step on.
    DecideResponse more = decide(request.addAnswers(answer("b", 0.01)));
    assertEquals(Verdict.VERDICT_ACCEPT, more.getVerdict());
    assertEquals(1, more.getChosen());
  }

  /** Checks are calls of the caller's too: first they are wanted, as they are to be made. */
  @Test
  void checksOfAnAnswerMayBeBroughtAlong() {
    Recipe.Builder automix = cascade(0.5, "a", "b").setMethod("automix");
    automix.getSettingsBuilder().putFields("checks", Value.newBuilder().setNumberValue(2).build());
    DecideRequest.Builder request = request(automix, says("a", "14"));
    DecideResponse wanted = decide(request);
    assertEquals(Verdict.VERDICT_DEFER, wanted.getVerdict());
    assertEquals("a", wanted.getWanted(0).getMember());
    assertEquals("verify", wanted.getWanted(0).getPurpose());
    assertEquals(2, wanted.getWanted(0).getSamples());
    assertEquals(32, wanted.getWanted(0).getSampling().getMaxTokens());
    assertTrue(wanted.getWanted(0).getMessages(0).getContent().contains("---\n14\n---"));
    BroughtAnswer check = says("a", "correct").toBuilder().setPurpose("verify").build();
    DecideResponse accepted = decide(request.clone().addAnswers(check).addAnswers(check));
    assertEquals(Verdict.VERDICT_ACCEPT, accepted.getVerdict());
    assertEquals(0, accepted.getChosen());
    assertEquals(1, accepted.getConfidence());
    BroughtAnswer doubt = check.toBuilder().setText("incorrect").build();
    DecideResponse deferred = decide(request.clone().addAnswers(check).addAnswers(doubt));
    assertEquals("b", deferred.getWanted(0).getMember());
    assertEquals("", deferred.getWanted(0).getPurpose());
  }

  /** A program is brought as it was written; the decision says what it comes to. */
  @Test
  void programsMayBeBroughtAlong() {
    Recipe.Builder thoughts = cascade(1, "a", "b").setMethod("mixture-of-thought");
    thoughts
        .getSettingsBuilder()
        .putFields("samples", Value.newBuilder().setNumberValue(1).build())
        .putFields("family", Value.newBuilder().setStringValue("verify").build());
    BroughtAnswer words = says("a", "The answer is 14.").toBuilder().setPurpose("cot 1").build();
    BroughtAnswer program =
        says("a", "```\nans = 7 + 7\n```").toBuilder().setPurpose("pot 1").build();
    DecideRequest.Builder request = request(thoughts, words);
    DecideResponse wanted = decide(request);
    assertEquals("pot 1", wanted.getWanted(0).getPurpose());
    assertEquals(1, wanted.getWantedCount());
    DecideResponse accepted = decide(request.addAnswers(program));
    assertEquals(Verdict.VERDICT_ACCEPT, accepted.getVerdict());
    assertEquals(0, accepted.getChosen());
  }

  @Test
  void withoutAnAnswerItIsSaidWhoComesFirst() {
    DecideResponse decided = decide(request(cascade(0.5, "a", "b")));
    assertEquals(Verdict.VERDICT_DEFER, decided.getVerdict());
    assertEquals("a", decided.getWanted(0).getMember());
    assertFalse(decided.hasConfidence());
    assertEquals(
        "a", decide(request(cascade(0.5, "a", "b"), answer("b", 1))).getWanted(0).getMember());
  }

  /** One that failed is a rejected answer, and so is one without the signal. */
  @Test
  void aFailureAndAMissingSignalAreRejected() {
    BroughtAnswer failed = BroughtAnswer.newBuilder().setMember("a").setFailed(true).build();
    DecideResponse decided = decide(request(cascade(0, "a", "b"), failed));
    assertEquals("b", decided.getWanted(0).getMember());
    assertEquals(0, decide(request(cascade(0, "a", "b"), says("a", "14"))).getChosen());
    assertEquals(
        "b", decide(request(cascade(0.1, "a", "b"), says("a", "14"))).getWanted(0).getMember());
    BroughtAnswer other = failed.toBuilder().setMember("b").build();
    DecideResponse none = decide(request(cascade(0, "a", "b"), failed, other));
    assertEquals(Verdict.VERDICT_ABSTAIN, none.getVerdict());
    assertFalse(none.hasChosen());
    assertEquals("It failed, the caller says.", none.getDecision().getCandidates(1).getFailure());
  }

  /** Both calls of a member that stands in the chain twice are told apart by their order. */
  @Test
  void aMemberMayStandInTheChainTwice() {
    Recipe.Builder chain = cascade(0.5, "a", "b", "a");
    assertEquals("b", decide(request(chain, answer("a", 0.1))).getWanted(0).getMember());
    DecideResponse again = decide(request(chain, answer("a", 0.1), answer("b", 0.2)));
    assertEquals("a", again.getWanted(0).getMember());
    DecideResponse last =
        decide(request(chain, answer("a", 0.1), answer("b", 0.2), answer("a", 0.3)));
    assertEquals(Verdict.VERDICT_ACCEPT, last.getVerdict());
    assertEquals(2, last.getChosen());
  }

  @Test
  void whomTheBudgetDoesNotPayIsNotAskedFor() {
    Recipe.Builder chain = cascade(0.5, "a", "b");
    chain.getBudgetBuilder().setUsdPerRequest(0.0011);
    BroughtAnswer unsure = answer("a", 0.1).toBuilder().setText("x".repeat(400)).build();
    DecideResponse decided = decide(request(chain, unsure));
    assertEquals(Verdict.VERDICT_ACCEPT, decided.getVerdict(), "100 tokens more cost .01");
    assertEquals(0, decided.getChosen());
    assertTrue(
        decided.getDecision().getExplanation().contains("beyond the budget"),
        decided.getDecision().getExplanation());
    assertEquals(0.01 - 0.001, decided.getDecision().getCostAvoidedUsd(), 1e-12);
    // What is there already was paid.
    assertEquals(1, decide(request(chain, unsure, answer("b", 0.1))).getChosen());
    DecideResponse none = decide(request(chain));
    assertEquals(Verdict.VERDICT_ABSTAIN, none.getVerdict());
    assertEquals(0, none.getWantedCount());
  }

  @Test
  void samplesThatAreMissingAreWantedUnlessTheyChangeNothing() {
    Recipe.Builder chain = recipe("consistency", "a", "b");
    chain.getSettingsBuilder().putFields("samples", Value.newBuilder().setNumberValue(5).build());
    DecideResponse two = decide(request(chain, says("a", "14"), says("a", "14")));
    assertEquals(Verdict.VERDICT_DEFER, two.getVerdict());
    assertEquals("a", two.getWanted(0).getMember());
    assertEquals(3, two.getWanted(0).getSamples());
    assertEquals(0.8, two.getWanted(0).getSampling().getTemperature());
    assertFalse(two.getAnswers(0).getSeen());
    // Four of five agree at 3/5, whatever the fifth says: the first of them is taken.
    DecideResponse four =
        decide(
            request(
                chain,
                says("a", "13"),
                says("a", "14"),
                says("a", "14"),
                says("a", "14"),
                says("a", "14")));
    assertEquals(1, four.getChosen());
    assertEquals(0.8, four.getConfidence(), 1e-12);
    assertEquals(0.6, four.getThreshold());
    DecideResponse settled =
        decide(request(chain, says("a", "14"), says("a", "14"), says("a", "14"), says("a", "14")));
    assertEquals(Verdict.VERDICT_ACCEPT, settled.getVerdict());
    assertEquals(0.8, settled.getConfidence(), 1e-12, "the fifth is none");
    DecideResponse apart =
        decide(
            request(
                chain,
                says("a", "1"),
                says("a", "2"),
                says("a", "3"),
                says("a", "4"),
                says("a", "5")));
    assertEquals("b", apart.getWanted(0).getMember());
    assertEquals(1, apart.getWanted(0).getSamples());
  }

  @Test
  void callsOfToolsAndDistancesAreLookedAt() {
    BroughtAnswer calls =
        answer("a", 0.75).toBuilder()
            .clearText()
            .addToolCalls(ToolCall.newBuilder().setName("add").setArguments("{}"))
            .build();
    assertEquals(0, decide(request(cascade(0.7, "a", "b"), calls)).getChosen());
    Recipe.Builder chain = cascade(0.5, "a", "b");
    chain
        .getSettingsBuilder()
        .putFields("confidence", Value.newBuilder().setStringValue("min_dtu").build());
    BroughtAnswer sure =
        says("a", "14").toBuilder().addDistancesToUniform(0.9).addDistancesToUniform(0.4).build();
    DecideResponse decided = decide(request(chain, sure));
    assertEquals(Verdict.VERDICT_DEFER, decided.getVerdict());
    assertEquals(0.4, decided.getConfidence());
  }

  /** Of .6 and .2 the shares are .75 and .25. */
  @Test
  void optionsTellByHowMuchTheFirstIsAhead() {
    Recipe.Builder chain = cascade(0.4, "a", "b");
    chain
        .getSettingsBuilder()
        .putFields("confidence", Value.newBuilder().setStringValue("margin").build());
    BroughtAnswer.Builder named =
        says("a", "The answer is (B).").toBuilder()
            .putOptions("B", Math.log(0.6))
            .putOptions("A", Math.log(0.2));
    DecideResponse decided = decide(request(chain, named.build()));
    assertEquals(Verdict.VERDICT_ACCEPT, decided.getVerdict());
    assertEquals(0.5, decided.getConfidence(), 1e-9);
    BroughtAnswer longer = named.addLogprobs(-1).addLogprobs(-2).build();
    assertEquals(0.5, decide(request(chain, longer)).getConfidence(), 1e-9);
    assertEquals(
        Verdict.VERDICT_DEFER, decide(request(chain, answer("a", 0.9))).getVerdict(), "unknown");
  }

  @Test
  void whatIsWrongIsNamed() {
    Recipe.Builder chain = cascade(0.5, "a", "b");
    BroughtAnswer good = answer("a", 0.5);
    assertRefused(request(chain, good, says("c", "x")), "answers[1].member");
    assertRefused(request(chain, says("", "x")), "answers[0].member");
    for (double wrong : new double[] {0.1, Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertRefused(
          request(chain, good.toBuilder().addLogprobs(wrong).build()), "answers[0].logprobs");
    }
    assertRefused(
        request(chain, good.toBuilder().putOptions("A", 0.1).build()), "answers[0].options");
    assertRefused(
        request(chain, good.toBuilder().putOptions("", -0.1).build()), "answers[0].options");
    for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
      assertRefused(
          request(chain, good.toBuilder().addDistancesToUniform(wrong).build()),
          "answers[0].distances_to_uniform");
    }
    for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused(
          request(chain, good.toBuilder().setCostUsd(wrong).build()), "answers[0].cost_usd");
    }
    assertRefused(request(chain, good.toBuilder().setFailed(true).build()), "answers[0].failed");
    assertRefused(
        request(chain, good.toBuilder().addToolCalls(ToolCall.getDefaultInstance()).build()),
        "answers[0].tool_calls[0].name");
    DecideRequest.Builder many = request(chain);
    for (int i = 0; i < 257; i++) {
      many.addAnswers(good);
    }
    assertRefused(many, "answers");
    chain.getSettingsBuilder().putFields("x", Value.newBuilder().setNumberValue(1).build());
    assertRefused(request(chain, good), "recipe.settings.x");
    assertRefused(request(recipe("no-such-method", "a"), good), "recipe.method");
    assertRefused(DecideRequest.newBuilder(), "target");
  }

  private static void assertRefused(DecideRequest.Builder request, String field) {
    Failure failure =
        FailureStatus.fromThrowable(
            assertThrows(StatusRuntimeException.class, () -> decide(request)));
    assertEquals(field, assertInstanceOf(Failure.InvalidArgument.class, failure).field());
  }
}
