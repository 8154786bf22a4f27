package dev.tutti.decoder.api;

import static dev.tutti.decoder.api.GenerationApiTest.gac;
import static dev.tutti.decoder.api.GenerationApiTest.single;
import static dev.tutti.decoder.api.GenerationApiTest.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Budgets, records and cancelled calls, with models that are scripted to the token. */
@Timeout(30)
class ScriptedAnswersTest {

  private static GenerateRequest request(Recipe recipe, String prompt) {
    return GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user(prompt)).build();
  }

  private static Completion answer(ScriptedDecoder decoder, GenerateRequest request) {
    GenerateResponse last = null;
    for (var events = decoder.stub().generate(request); events.hasNext(); ) {
      last = events.next();
    }
    return last.getCompletion();
  }

  private static Recipe budget(Recipe recipe, double millionths) {
    return recipe.toBuilder()
        .setBudget(Budget.newBuilder().setUsdPerRequest(millionths / 1e6))
        .build();
  }

  /** Prompts 3 each, 7 a token and member: whatever the sums round to, n steps are n. */
  @Test
  void aBudgetForExactlySoManyStepsPaysForThem() {
    try (var decoder =
        new ScriptedDecoder(
            ScriptedModel.constant("x", List.of("a"), 1, 0),
            ScriptedModel.constant("y", List.of("a"), 1, 0),
            ScriptedModel.constant("z", List.of("a"), 1, 0))) {
      for (int steps = 1; steps <= 40; steps++) {
        Completion completion =
            answer(decoder, request(budget(gac("x", "y", "z"), 3 * (3 + 7.0 * steps)), "a"));
        assertEquals("a".repeat(steps), completion.getText());
        assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
      }
    }
  }

  /**
   * 'letters' reads "abcd" as four tokens, of which it wrote none but counts one as its step: three
   * more for 3 at each step after the first. Step 1 costs 2 * (3 + 7) = 20, each further one 14 + 9
   * = 23: 43 after two, 66 after three.
   */
  @Test
  void reencodedPiecesCountAgainstTheBudget() {
    try (var decoder =
        new ScriptedDecoder(
            ScriptedModel.constant("words", List.of("a", "abcd"), 0, 1, 0),
            ScriptedModel.constant("letters", List.of("a", "b", "c", "d"), .3, .3, .2, .2, 0))) {
      Recipe recipe = gac("words", "letters");
      Completion completion = answer(decoder, request(budget(recipe, 65), "a"));
      assertEquals("abcdabcd", completion.getText());
      assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
      assertEquals(43 / 1e6, completion.getCostUsd(), 1e-12);
      assertEquals(66 / 1e6, answer(decoder, request(budget(recipe, 66), "a")).getCostUsd(), 1e-12);
    }
  }

  /** Weights 1, 2, 1: 'broken' never votes, so the others have a third and two thirds. */
  @Test
  void theWeightsOfThoseThatTookPartSumToOne() {
    Recipe.Builder recipe = gac("x", "y", "broken").toBuilder();
    recipe.getMembersBuilder(1).setWeight(2);
    try (var decoder =
        new ScriptedDecoder(
            ScriptedModel.constant("x", List.of("a"), .1, .9),
            ScriptedModel.constant("y", List.of("a"), .1, .9),
            ScriptedModel.constant("broken", List.of("a"), Double.NaN, .9))) {
      var candidates =
          answer(decoder, request(recipe.build(), "a")).getDecision().getCandidatesList();
      assertEquals(1 / 3.0, candidates.get(0).getWeight(), 1e-12);
      assertEquals(2 / 3.0, candidates.get(1).getWeight(), 1e-12);
      assertFalse(candidates.get(2).hasWeight());
      assertTrue(candidates.get(2).getCalled());
      assertFalse(candidates.get(2).getChosen());
      assertTrue(candidates.get(2).getFailure().contains("NaN"));
    }
  }

  /** Weights 3 and 1: 'a' has .75 x .7 + .25 x .4 = .625, and is the favourite of x only. */
  @Test
  void eachTokenTellsWhatItsMembersThoughtOfIt() {
    Recipe.Builder recipe = gac("x", "y").toBuilder();
    recipe.getMembersBuilder(0).setWeight(3);
    GenerateRequest.Builder request = request(recipe.build(), "a").toBuilder();
    request.getSamplingBuilder().setMaxTokens(20).setLogprobs(true);
    try (var decoder =
        new ScriptedDecoder(
            ScriptedModel.constant("x", List.of("a", "b"), .7, .2, .1),
            ScriptedModel.constant("y", List.of("a", "b"), .4, .5, .1))) {
      var events = new ArrayList<GenerateResponse>();
      decoder.stub().generate(request.build()).forEachRemaining(events::add);
      var token = events.getFirst().getDelta().getLogprobs(0);
      assertEquals(Math.log(.625), token.getLogprob(), 1e-12);
      assertEquals(2, token.getMembersCount());
      assertEquals("x", token.getMembers(0).getMember());
      assertEquals(.75, token.getMembers(0).getWeight(), 1e-12);
      assertEquals(Math.log(.7), token.getMembers(0).getLogprob(), 1e-12);
      assertTrue(token.getMembers(0).getFavourite());
      assertEquals("y", token.getMembers(1).getMember());
      assertEquals(.25, token.getMembers(1).getWeight(), 1e-12);
      assertEquals(Math.log(.4), token.getMembers(1).getLogprob(), 1e-12);
      assertFalse(token.getMembers(1).getFavourite());
      assertEquals("b", token.getMembers(1).getWanted());
      assertFalse(token.getMembers(0).hasWanted());
      var inputs = events.getLast().getCompletion().getDecision().getInputs();
      var opinions = inputs.getFieldsOrThrow("opinions").getListValue();
      assertEquals(16, opinions.getValuesCount());
      var first = opinions.getValues(0).getStructValue();
      assertEquals("a", first.getFieldsOrThrow("token").getStringValue());
      assertEquals(
          Math.log(.4),
          first.getFieldsOrThrow("members").getStructValue().getFieldsOrThrow("y").getNumberValue(),
          1e-12);
      // Nobody asked for it.
      request.getSamplingBuilder().setLogprobs(false);
      assertFalse(
          answer(decoder, request.build()).getDecision().getInputs().containsFields("opinions"));
    }
  }

  /** Whoever drafts, and whoever checks. */
  @Test
  void aDraftTellsWhatItsMembersThoughtOfIt() {
    try (var decoder =
        new ScriptedDecoder(
            ScriptedModel.constant("x", List.of("a", "b"), .7, .2, .1),
            ScriptedModel.constant("y", List.of("a", "b"), .4, .5, .1))) {
      for (String method : List.of("safe", "speculative")) {
        Recipe recipe = gac("x", "y").toBuilder().setMethod(method).build();
        GenerateRequest.Builder request = request(recipe, "a").toBuilder();
        request.getSamplingBuilder().setMaxTokens(20).setLogprobs(true);
        var told = new ArrayList<TokenLogprob>();
        GenerateResponse last = null;
        for (var events = decoder.stub().generate(request.build()); events.hasNext(); ) {
          last = events.next();
          told.addAll(last.getDelta().getLogprobsList());
        }
        assertEquals(20, told.size());
        for (TokenLogprob token : told) {
          assertEquals(2, token.getMembersCount());
          assertEquals("x", token.getMembers(0).getMember());
          assertEquals(Math.log(.7), token.getMembers(0).getLogprob(), 1e-12);
          assertTrue(token.getMembers(0).getFavourite());
          assertEquals("y", token.getMembers(1).getMember());
          assertEquals(.5, token.getMembers(1).getWeight(), 1e-12);
          assertEquals(Math.log(.4), token.getMembers(1).getLogprob(), 1e-12);
          assertFalse(token.getMembers(1).getFavourite());
        }
        assertEquals(
            16,
            last.getCompletion()
                .getDecision()
                .getInputs()
                .getFieldsOrThrow("opinions")
                .getListValue()
                .getValuesCount());
      }
    }
  }

  /** In the middle of a block, in either place; and where it may not be missing. */
  @Test
  void whoDiesInABlockIsDroppedOrEndsTheAnswer() {
    ScriptedModel whole = ScriptedModel.constant("whole", List.of("a"), 1, 0);
    var dying =
        new ScriptedModel(
            "dying",
            List.of("a"),
            1_000,
            tokens -> {
              if (tokens.size() > 4) {
                throw new DecodeException("gone");
              }
              return new double[] {1, 0};
            });
    try (var decoder = new ScriptedDecoder(whole, dying)) {
      for (String method : List.of("safe", "speculative")) {
        for (Recipe order : List.of(gac("whole", "dying"), gac("dying", "whole"))) {
          Recipe recipe = order.toBuilder().setMethod(method).build();
          for (String what : List.of("drop", "drop_models")) {
            GenerateRequest.Builder request = request(onFailure(recipe, what), "a").toBuilder();
            request.getSamplingBuilder().setMaxTokens(12);
            Completion completion = answer(decoder, request.build());
            assertEquals("a".repeat(12), completion.getText());
            completion
                .getDecision()
                .getCandidatesList()
                .forEach(
                    candidate ->
                        assertEquals(
                            candidate.getMember().equals("dying") ? "gone" : "",
                            candidate.getFailure()));
          }
          GenerateRequest request = request(onFailure(recipe, "fail"), "a");
          var refused = assertThrows(StatusRuntimeException.class, () -> answer(decoder, request));
          assertTrue(
              refused.getMessage().contains("The member 'dying' failed: gone"),
              refused.getMessage());
        }
        Recipe alone = gac("dying").toBuilder().setMethod(method).build();
        var nobody =
            assertThrows(
                StatusRuntimeException.class,
                () -> answer(decoder, request(onFailure(alone, "drop"), "a")));
        assertTrue(
            nobody.getMessage().contains("No member of the ensemble is left: dying: gone"),
            nobody.getMessage());
      }
      until(() -> decoder.limit.running() == 0);
      assertEquals(0, whole.openSessions.get() + dying.openSessions.get());
    }
  }

  private static Recipe onFailure(Recipe recipe, String what) {
    Recipe.Builder its = recipe.toBuilder();
    its.getSettingsBuilder()
        .putFields("on_member_failure", Value.newBuilder().setStringValue(what).build());
    return its.build();
  }

  /** Over a union of pieces, members tell logarithms of what they list. */
  @Test
  void aMemberThatGivesATokenNothingSaysSo() {
    Recipe recipe = gac("x", "y").toBuilder().setMethod("unite").build();
    GenerateRequest.Builder request = request(recipe, "a").toBuilder();
    request.getSamplingBuilder().setMaxTokens(1).setLogprobs(true);
    try (var decoder =
        new ScriptedDecoder(
            ScriptedModel.constant("x", List.of("a", "b"), .9, 0, .1),
            ScriptedModel.constant("y", List.of("a", "b"), 0, .6, .4))) {
      var token = decoder.stub().generate(request.build()).next().getDelta().getLogprobs(0);
      assertEquals("a", token.getToken());
      assertEquals(Math.log(.9), token.getMembers(0).getLogprob(), 1e-12);
      assertFalse(token.getMembers(1).hasLogprob());
    }
  }

  /** Of two members the second one cannot hold the prompt: the first one does not cut it either. */
  @Test
  void aPromptThatCannotFitIsRefusedBeforeItIsCutOrWaits() {
    var large = ScriptedModel.constant("large", List.of("a"), 0, 1);
    var small = new ScriptedModel("small", List.of("aa"), 5, tokens -> new double[] {0, 1});
    var cuts = new AtomicInteger();
    large.whenCut = cuts::incrementAndGet;
    small.whenCut = cuts::incrementAndGet;
    try (var decoder = new ScriptedDecoder(large, small);
        var _ = decoder.limit.acquire(8)) {
      for (GenerateRequest request :
          List.of(
              single("small", "a".repeat(10), 0), request(gac("large", "small"), "a".repeat(10)))) {
        var refused =
            assertThrows(StatusRuntimeException.class, () -> answer(decoder, request)).getMessage();
        assertTrue(
            refused.contains(
                "The prompt has at least 5 tokens; 'small' holds 5, prompt and answer together."),
            refused);
      }
      assertEquals(0, cuts.get());
      assertEquals(0, decoder.limit.queued());
    }
  }

  @Test
  void promptsAreCutWithinAPermitOnThreadsThatCompute() {
    var model = ScriptedModel.constant("x", List.of("a"), 0, 1);
    var other = ScriptedModel.constant("y", List.of("a"), 0, 1);
    var where = new ConcurrentLinkedQueue<String>();
    try (var decoder = new ScriptedDecoder(model, other)) {
      Runnable note =
          () -> where.add(decoder.limit.running() + " " + Thread.currentThread().isVirtual());
      model.whenCut = note;
      other.whenCut = note;
      answer(decoder, single("x", "a", 0));
      answer(decoder, request(gac("x", "y"), "a"));
    }
    assertEquals(List.of("1 false", "2 false", "2 false"), List.copyOf(where));
  }

  /** (1 + .4) / 2 for "a" while 'little' has room for two tokens, then .6 for "b". */
  @Test
  void anAnswerGoesOnBehindAFullContext() {
    Recipe.Builder recipe = gac("little", "large").toBuilder();
    recipe
        .getSettingsBuilder()
        .putFields("on_member_failure", Value.newBuilder().setStringValue("fail").build());
    GenerateRequest.Builder request = request(recipe.build(), "a").toBuilder();
    request.getSamplingBuilder().setMaxTokens(5);
    try (var decoder =
        new ScriptedDecoder(
            new ScriptedModel("little", List.of("a", "b"), 3, _ -> new double[] {1, 0, 0}),
            ScriptedModel.constant("large", List.of("a", "b"), .4, .6, 0))) {
      var events = new ArrayList<GenerateResponse>();
      decoder.stub().generate(request.build()).forEachRemaining(events::add);
      Completion completion = events.getLast().getCompletion();
      assertEquals("aabbb", completion.getText());
      assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
      assertEquals(
          List.of("little: its context is full"),
          events.stream()
              .filter(event -> event.getProgress().getStage().equals("left_out"))
              .map(event -> event.getProgress())
              .map(progress -> progress.getMember() + ": " + progress.getMessage())
              .toList());
      assertEquals(
          "its context is full",
          completion
              .getDecision()
              .getInputs()
              .getFieldsOrThrow("left_out")
              .getStructValue()
              .getFieldsOrThrow("little")
              .getStringValue());
      assertEquals(2, completion.getUsage().getMembers(0).getCompletionTokens());
      assertEquals(5, completion.getUsage().getMembers(1).getCompletionTokens());
    }
  }

  /** Five members, an answer of all and one of each: ten sessions, of which eight run at once. */
  @Test
  void aRerankTakesAllItsSessionsAtOnce() {
    var models =
        IntStream.range(0, 5)
            .mapToObj(m -> ScriptedModel.constant("m" + m, List.of("a"), .5, .5))
            .toArray(ScriptedModel[]::new);
    Recipe.Builder recipe = gac("m0", "m1", "m2", "m3", "m4").toBuilder().setMethod("cool-fusion");
    recipe.getSettingsBuilder().putFields("rerank", Value.newBuilder().setBoolValue(true).build());
    recipe
        .getMembersBuilderList()
        .forEach(member -> member.addCapabilities(Capability.CAPABILITY_SCORING));
    try (var decoder = new ScriptedDecoder(models)) {
      var refused =
          assertThrows(
              StatusRuntimeException.class, () -> answer(decoder, request(recipe.build(), "a")));
      assertTrue(refused.getMessage().contains("needs 10 sessions"), refused.getMessage());
    }
  }

  /** Never ends; in its third pass it waits until the call is cancelled. */
  private static ScriptedModel endless(String name, CountDownLatch thirdPass) {
    return new ScriptedModel(
        name,
        List.of("a"),
        100_000,
        tokens -> {
          if (tokens.size() == 3) {
            thirdPass.countDown();
            until(() -> Context.current().isCancelled());
          }
          return new double[] {1, 0};
        });
  }

  private static void leaves(ScriptedDecoder decoder, GenerateRequest request, CountDownLatch at)
      throws InterruptedException {
    try (var stream = ClientStream.open(() -> decoder.stub().generate(request))) {
      stream.next();
      at.await();
    }
    until(() -> decoder.limit.running() == 0);
  }

  private static void until(BooleanSupplier holds) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void aModelTakesNoFurtherPassWhenItsCallerLeaves() throws InterruptedException {
    var inPass = new CountDownLatch(1);
    ScriptedModel model = endless("x", inPass);
    try (var decoder = new ScriptedDecoder(model)) {
      leaves(decoder, single("x", "a", 0), inPass);
      assertEquals(3, model.passes.get());
      assertEquals(0, model.openSessions.get());
    }
  }

  @Test
  void anEnsembleTakesNoFurtherPassWhenItsCallerLeaves() throws InterruptedException {
    var inPass = new CountDownLatch(2);
    ScriptedModel one = endless("x", inPass);
    ScriptedModel two = endless("y", inPass);
    try (var decoder = new ScriptedDecoder(one, two)) {
      leaves(decoder, request(gac("x", "y"), "a"), inPass);
      assertEquals(3, one.passes.get());
      assertEquals(3, two.passes.get());
      assertEquals(0, one.openSessions.get() + two.openSessions.get());
    }
  }
}
