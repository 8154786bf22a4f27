package dev.tutti.decoder.api;

import static dev.tutti.decoder.api.GenerationApiTest.gac;
import static dev.tutti.decoder.api.GenerationApiTest.single;
import static dev.tutti.decoder.api.GenerationApiTest.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Lifecycle;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two decoders, 'a' and 'b': models are on either, and nobody can tell. */
@Timeout(60)
class PeersTest {

  private static final Map<String, String> HOLDERS =
      Map.of("adder-weak-1", "a", "adder-weak-2", "b", "adder-bpe-1", "b", "adder-weak-3", "");

  private static HeldDecoder alone() {
    var everything = new HashMap<>(HOLDERS);
    everything.replaceAll((_, _) -> "");
    return new HeldDecoder(HeldDecoder.Setup.of("", Map.of()), everything);
  }

  private static HeldDecoder.Setup setupA(HeldDecoder b) {
    return HeldDecoder.Setup.of("a", Map.of("b", b.address()));
  }

  private static HeldDecoder b() {
    return new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()), HOLDERS);
  }

  private static HeldDecoder a(HeldDecoder b) {
    return new HeldDecoder(setupA(b), HOLDERS);
  }

  private static GenerateRequest request(Recipe recipe, String prompt, Sampling sampling) {
    return GenerateRequest.newBuilder()
        .setRequestId("r")
        .setRecipe(recipe)
        .addMessages(user(prompt))
        .setSampling(sampling)
        .build();
  }

  private static Recipe unite(String... models) {
    return gac(models).toBuilder().setMethod("unite").build();
  }

  private static Recipe with(Recipe recipe, String setting, Value.Builder value) {
    return recipe.toBuilder()
        .setSettings(recipe.getSettings().toBuilder().putFields(setting, value.build()))
        .build();
  }

  private static Recipe onFailure(Recipe recipe, String what) {
    return with(recipe, "on_member_failure", Value.newBuilder().setStringValue(what));
  }

  /** All that is told, but when and how long. */
  private static List<GenerateResponse> events(HeldDecoder decoder, GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    decoder.stub().generate(request).forEachRemaining(event -> events.add(timeless(event)));
    return events;
  }

  private static GenerateResponse timeless(GenerateResponse event) {
    if (!event.hasCompletion()) {
      return event;
    }
    Completion.Builder completion = event.getCompletion().toBuilder().clearTiming();
    if (completion.hasDecision()) {
      completion.getDecisionBuilder().clearTime();
    }
    return event.toBuilder().setCompletion(completion).build();
  }

  private static Completion completion(List<GenerateResponse> events) {
    return events.getLast().getCompletion();
  }

  static void until(BooleanSupplier holds) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void membersOnBothAnswerAsOnOneByteForByte() {
    var drawn =
        Sampling.newBuilder()
            .setTemperature(1)
            .setSeed(11)
            .setTopP(.95)
            .setLogprobs(true)
            .setTopLogprobs(5)
            .build();
    try (var one = alone();
        var b = b();
        var a = a(b)) {
      List<Recipe> recipes =
          List.of(
              gac("adder-weak-1", "adder-weak-2", "adder-weak-3"),
              gac("adder-weak-2", "adder-weak-1"),
              gac("adder-bpe-1", "adder-weak-2"),
              with(
                  gac("adder-weak-2", "adder-weak-1", "adder-bpe-1"),
                  "threshold",
                  Value.newBuilder().setNumberValue(.7)),
              unite("adder-weak-1", "adder-bpe-1"));
      for (Recipe recipe : recipes) {
        for (Sampling sampling : List.of(Sampling.getDefaultInstance(), drawn)) {
          GenerateRequest request =
              request(recipe, "123+456=", sampling.toBuilder().setSeed(11).build());
          List<GenerateResponse> expected = events(one, request);
          assertTrue(completion(expected).getText().matches("[0-9]+"));
          assertEquals(expected, events(a, request));
        }
      }
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  /** As many tokens of each distribution travel as the vocabulary has, or fewer. */
  @Test
  void lessThanTheWholeDistributionTravelsWhereThatIsEnough() {
    try (var one = alone();
        var b = b();
        var narrow = new HeldDecoder(setupA(b).top(3), HOLDERS);
        var wide = new HeldDecoder(setupA(b).top(1_000_000), HOLDERS)) {
      GenerateRequest greedy =
          request(gac("adder-weak-1", "adder-weak-2"), "123+456=", Sampling.getDefaultInstance());
      Completion whole = completion(events(one, greedy));
      assertEquals(whole.getText(), completion(events(wide, greedy)).getText());
      assertEquals(
          whole.getSignals().getSumLogprob(),
          completion(events(wide, greedy)).getSignals().getSumLogprob());
      Completion cut = completion(events(narrow, greedy));
      assertEquals(whole.getText(), cut.getText());
      assertEquals(whole.getSignals().getSumLogprob(), cut.getSignals().getSumLogprob(), 1e-3);
    }
  }

  @Test
  void aModelOfTheOtherAnswersAndScores() {
    try (var one = alone();
        var b = b();
        var a = a(b)) {
      GenerateRequest question =
          single("adder-weak-2", "12+34=", 0).toBuilder().setRequestId("r").build();
      assertEquals(events(one, question), events(a, question));
      ScoreRequest scoring =
          ScoreRequest.newBuilder()
              .setModel("adder-weak-2")
              .setPrompt("12+34=")
              .addTexts("46")
              .addTexts("47")
              .build();
      ScoreResponse scores = a.models().score(scoring);
      assertEquals(one.models().score(scoring), scores);
      assertEquals(2, scores.getScoresCount());
      var look = InspectRequest.newBuilder();
      look.setModel(
          ScriptedRegistry.model("adder-weak-2", Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
              .setDecoder("b"));
      assertEquals(
          one.models()
              .inspect(
                  look.clone().setModel(look.getModelBuilder().clone().clearDecoder()).build()),
          a.models().inspect(look.build()));
      assertEquals(1, a.answered("generate"));
      assertEquals(1, a.answered("score"));
      assertEquals(1, a.answered("inspect"));
      assertEquals(0, a.failures());
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  /** Three steps of b are done when it goes: the answer is that of a's member from there on. */
  @Test
  void theAnswerGoesOnWithoutAMemberWhoseDecoderDies() {
    try (var b = b();
        var a = a(b)) {
      GenerateRequest request =
          request(gac("adder-weak-1", "adder-weak-2"), "123+456=", Sampling.getDefaultInstance());
      List<GenerateResponse> whole = events(a, request);
      b.beforeSteps(step -> killAtThird(b, step));
      List<GenerateResponse> events = events(a, request);
      GenerateResponse failed =
          events.stream().filter(GenerateResponse::hasProgress).findFirst().orElseThrow();
      assertEquals("failed", failed.getProgress().getStage());
      assertEquals("adder-weak-2", failed.getProgress().getMember());
      String why = failed.getProgress().getMessage();
      assertTrue(why.matches("The decoder 'b' (is unreachable|cut the call off)."), why);
      Completion completion = completion(events);
      assertTrue(completion.getText().matches("[0-9]+"), completion.getText());
      assertEquals(why, completion.getDecision().getCandidates(1).getFailure());
      assertEquals(completion(whole).getUsage().getMembers(0), completion.getUsage().getMembers(0));
      // On a busy machine a second call may find it gone.
      assertTrue(a.failures("unreachable") >= 1);
      assertEquals(a.failures("unreachable"), a.failures());
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  private static void killAtThird(HeldDecoder b, int step) {
    if (step == 2) {
      b.kill();
      until(() -> Context.current().isCancelled());
    }
  }

  /** Both are b's: the next try may find it back. */
  @Test
  void whereAllWereOnADecoderThatDiedTheCallerIsToldToTryAgain() {
    try (var b = b();
        var a = a(b)) {
      b.beforeSteps(step -> killAtThird(b, step));
      GenerateRequest request =
          request(gac("adder-weak-2", "adder-bpe-1"), "123+456=", Sampling.getDefaultInstance());
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> a.stub().generate(request).forEachRemaining(_ -> {}));
      assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
      assertEquals("MEMBER_FAILED", FailureStatus.fromThrowable(refused).reason());
      String why = refused.getStatus().getDescription();
      assertTrue(why.startsWith("No member of the ensemble is left: "), why);
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  @Test
  void theAnswerEndsWithWhoDiedWhereTheEnsembleWantsThat() {
    try (var b = b();
        var a = a(b)) {
      b.beforeSteps(step -> killAtThird(b, step));
      GenerateRequest request =
          request(
              onFailure(gac("adder-weak-1", "adder-weak-2"), "fail"),
              "123+456=",
              Sampling.getDefaultInstance());
      var text = new StringBuilder();
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  a.stub()
                      .generate(request)
                      .forEachRemaining(event -> text.append(event.getDelta().getText())));
      assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
      String why = refused.getStatus().getDescription();
      assertTrue(why.startsWith("The member 'adder-weak-2' failed: The decoder 'b' "), why);
      assertEquals("MEMBER_FAILED", FailureStatus.fromThrowable(refused).reason());
      // Of the steps that both did.
      assertEquals(2, text.length());
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  @Test
  void aMemberThatIsLateIsDroppedOrEndsTheAnswer() {
    try (var b = b();
        var a = a(b)) {
      b.beforeSteps(_ -> until(() -> Context.current().isCancelled()));
      Recipe late =
          with(
              gac("adder-weak-1", "adder-weak-2"),
              "late_seconds",
              Value.newBuilder().setNumberValue(.05));
      Completion completion =
          completion(events(a, request(late, "123+456=", Sampling.getDefaultInstance())));
      assertTrue(completion.getText().matches("[0-9]+"), completion.getText());
      String why = completion.getDecision().getCandidates(1).getFailure();
      assertTrue(why.startsWith("The decoder 'b' failed 'adder-weak-2': It was silent for"), why);
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  events(
                      a,
                      request(onFailure(late, "fail"), "123+456=", Sampling.getDefaultInstance())));
      assertTrue(refused.getMessage().contains("'adder-weak-2' failed"), refused.getMessage());
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  /** Whoever checks what a member here has drafted is late in the middle of the answer. */
  @Test
  void aVerifierThatIsLateIsDropped() {
    try (var b = b();
        var a = new HeldDecoder(setupA(b).timeout(Duration.ofMinutes(5)), HOLDERS)) {
      b.beforeSteps(
          step -> {
            if (step > 0) {
              until(() -> Context.current().isCancelled());
            }
          });
      Recipe late =
          with(
              gac("adder-weak-1", "adder-weak-2").toBuilder().setMethod("safe").build(),
              "late_seconds",
              Value.newBuilder().setNumberValue(1));
      Completion completion =
          completion(events(a, request(late, "123+456=", Sampling.getDefaultInstance())));
      assertTrue(completion.getText().matches("[0-9]+"), completion.getText());
      String why = completion.getDecision().getCandidates(1).getFailure();
      assertTrue(why.startsWith("The decoder 'b' failed 'adder-weak-2': It was silent for"), why);
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  /** Whoever drafts or checks is late in the middle of a block: the one here writes on. */
  @Test
  void whoDraftsOrChecksLateIsDropped() {
    try (var b = b();
        var a = new HeldDecoder(setupA(b).timeout(Duration.ofMinutes(5)), HOLDERS)) {
      for (String method : List.of("safe", "speculative")) {
        fallSilent(b, 2);
        whoIsLateIsDropped(a, gac("adder-weak-2", "adder-weak-1"), method, 0);
        // Whoever checks takes one pass a block.
        fallSilent(b, 1);
        whoIsLateIsDropped(a, gac("adder-weak-1", "adder-weak-2"), method, 1);
        until(() -> a.isIdle() && b.isIdle());
      }
    }
  }

  private static void whoIsLateIsDropped(HeldDecoder a, Recipe recipe, String method, int late) {
    Recipe its =
        with(
            recipe.toBuilder().setMethod(method).build(),
            "late_seconds",
            Value.newBuilder().setNumberValue(.3));
    List<GenerateResponse> events =
        events(a, request(its, "123+456=", Sampling.getDefaultInstance()));
    Completion completion = completion(events);
    assertTrue(completion.getText().matches("[0-9]+"), completion.getText());
    String why = completion.getDecision().getCandidates(late).getFailure();
    assertTrue(why.startsWith("The decoder 'b' failed 'adder-weak-2': It was silent for"), why);
    assertEquals("", completion.getDecision().getCandidates(1 - late).getFailure());
    assertEquals(1, events.stream().filter(GenerateResponse::hasProgress).count());
  }

  private static void fallSilent(HeldDecoder b, int steps) {
    b.beforeSteps(
        step -> {
          if (step >= steps) {
            until(() -> Context.current().isCancelled());
          }
        });
  }

  /** Where it may not be missing, or nobody is left, the answer ends. */
  @Test
  void aDraftEndsWithWhoIsLate() {
    try (var b = b();
        var a = new HeldDecoder(setupA(b).timeout(Duration.ofMinutes(5)), HOLDERS)) {
      for (String method : List.of("safe", "speculative")) {
        fallSilent(b, 2);
        Recipe.Builder recipe = gac("adder-weak-2").toBuilder().setMethod(method);
        recipe
            .getSettingsBuilder()
            .putFields("late_seconds", Value.newBuilder().setNumberValue(.1).build());
        var nobody =
            assertThrows(
                StatusRuntimeException.class,
                () ->
                    events(
                        a,
                        request(
                            onFailure(recipe.build(), "drop"),
                            "123+456=",
                            Sampling.getDefaultInstance())));
        String why = nobody.getStatus().getDescription();
        assertTrue(why.contains("'adder-weak-2'"), why);
        assertTrue(why.contains("It was silent for"), why);
        recipe.addMembers(gac("adder-weak-1").getMembers(0));
        fallSilent(b, 2);
        var refused =
            assertThrows(
                StatusRuntimeException.class,
                () ->
                    events(
                        a,
                        request(
                            onFailure(recipe.build(), "fail"),
                            "123+456=",
                            Sampling.getDefaultInstance())));
        assertEquals("MEMBER_FAILED", FailureStatus.fromThrowable(refused).reason());
        String named = refused.getStatus().getDescription();
        assertTrue(named.startsWith("The member 'adder-weak-2' failed: "), named);
        until(() -> a.isIdle() && b.isIdle());
      }
    }
  }

  @Test
  void whoLeavesFreesTheSessionsOfBoth() throws InterruptedException {
    try (var b = b();
        var a = a(b)) {
      var inStep = new CountDownLatch(1);
      b.beforeSteps(
          _ -> {
            inStep.countDown();
            until(() -> Context.current().isCancelled());
          });
      GenerateRequest request =
          request(gac("adder-weak-1", "adder-weak-2"), "123+456=", Sampling.getDefaultInstance());
      try (var _ = ClientStream.open(() -> a.stub().generate(request))) {
        inStep.await();
      }
      until(() -> a.isIdle() && b.isIdle());
      var late =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  a.stub()
                      .withDeadlineAfter(Duration.ofMillis(200))
                      .generate(request)
                      .forEachRemaining(_ -> {}));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  @Test
  void whereTheOtherRunsAsManySessionsAsItMayTheCallerIsToldToTryAgain() {
    try (var b = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()).sessions(1), HOLDERS);
        var a = a(b)) {
      GenerateRequest request =
          request(gac("adder-weak-1", "adder-weak-2"), "123+456=", Sampling.getDefaultInstance());
      try (var _ = b.limit.acquire(1)) {
        var refused = assertThrows(StatusRuntimeException.class, () -> events(a, request));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
        assertEquals(0, b.limit.queued());
      }
      assertTrue(completion(events(a, request)).getText().matches("[0-9]+"));
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  /** The first member is always sure enough, so that the other one is asked for nothing. */
  @Test
  void theCallerIsToldSoBeforeTheFirstTokenWhoeverIsAskedWhen() {
    try (var b = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()).sessions(1), HOLDERS);
        var a = a(b)) {
      Recipe sure =
          with(
              gac("adder-weak-1", "adder-weak-2"),
              "threshold",
              Value.newBuilder().setNumberValue(0));
      GenerateRequest request = request(sure, "123+456=", Sampling.getDefaultInstance());
      try (var _ = b.limit.acquire(1)) {
        var refused = assertThrows(StatusRuntimeException.class, () -> events(a, request));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
        assertTrue(refused.getStatus().getDescription().startsWith("The decoder 'b': "));
        assertEquals(1, a.failures("busy"));
      }
      until(() -> a.isIdle() && b.isIdle());
      b.beforeSteps(
          _ -> {
            throw new AssertionError("It was asked.");
          });
      assertTrue(completion(events(a, request)).getText().matches("[0-9]+"));
      until(() -> a.isIdle() && b.isIdle());
    }
  }

  @Test
  void theOtherMayBeAwayAndComeBack() {
    GenerateRequest request =
        request(gac("adder-weak-1", "adder-weak-2"), "123+456=", Sampling.getDefaultInstance());
    HeldDecoder first = b();
    int port = first.port();
    try (var a = a(first)) {
      String text = completion(events(a, request)).getText();
      first.close();
      Completion alone = completion(events(a, request));
      assertTrue(alone.getDecision().getCandidates(1).getFailure().contains("'b'"));
      var gone =
          assertThrows(
              StatusRuntimeException.class, () -> events(a, single("adder-weak-2", "1+2=", 0)));
      assertEquals(Status.Code.UNAVAILABLE, gone.getStatus().getCode());
      assertEquals("The decoder 'b' is unreachable.", gone.getStatus().getDescription());
      try (var b = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()).port(port), HOLDERS)) {
        Completion again = completion(events(a, request));
        assertEquals(text, again.getText());
        assertEquals("", again.getDecision().getCandidates(1).getFailure());
        until(() -> a.isIdle() && b.isIdle());
      }
    }
  }

  @Test
  void aDecoderThatIsNotThereFromTheBeginningIsAskedAgainSoon() {
    HeldDecoder first = b();
    int port = first.port();
    HeldDecoder.Setup setup = setupA(first);
    first.close();
    try (var a = new HeldDecoder(setup, HOLDERS)) {
      GenerateRequest request =
          request(gac("adder-weak-1", "adder-weak-2"), "123+456=", Sampling.getDefaultInstance());
      var refused = assertThrows(StatusRuntimeException.class, () -> events(a, request));
      assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
      assertEquals(
          "The model 'adder-weak-2' cannot be loaded: The decoder 'b' is unreachable.",
          refused.getStatus().getDescription());
      try (var b = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()).port(port), HOLDERS)) {
        until(
            () -> {
              try {
                return completion(events(a, request)).getText().matches("[0-9]+");
              } catch (StatusRuntimeException e) {
                return false;
              }
            });
        until(() -> a.isIdle() && b.isIdle());
      }
    }
  }

  /** Either takes the other for the one that holds the model: the call does not go round. */
  @Test
  void decodersThatDoNotAgreeSaySo() {
    var holders = Map.of("adder-weak-1", "b", "adder-weak-2", "c");
    try (var b = new HeldDecoder(HeldDecoder.Setup.of("other", Map.of()), holders);
        var a = a(b)) {
      a.pool.follow(HeldDecoder.snapshot(holders));
      for (var call :
          List.<Runnable>of(
              () -> events(a, single("adder-weak-1", "1+2=", 0)),
              () ->
                  a.models()
                      .score(
                          ScoreRequest.newBuilder().setModel("adder-weak-1").addTexts("1").build()),
              () ->
                  events(a, request(gac("adder-weak-1"), "1+2=", Sampling.getDefaultInstance())))) {
        var refused = assertThrows(StatusRuntimeException.class, call::run);
        assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
        assertTrue(
            refused.getMessage().contains("'other' was asked for 'adder-weak-1'"),
            refused.getMessage());
      }
      var unknown =
          assertThrows(
              StatusRuntimeException.class, () -> events(a, single("adder-weak-2", "1+2=", 0)));
      assertTrue(
          unknown
              .getMessage()
              .contains("The decoder 'c', which holds 'adder-weak-2', is not known"),
          unknown.getMessage());
      assertTrue(unknown.getMessage().endsWith("known: b."), unknown.getMessage());
    }
  }
}
