package dev.tutti.decoder.method.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.routing.PerceptronFit.LabelledState;
import dev.tutti.decoder.method.routing.RecordedSteps.Outcome;
import dev.tutti.decoder.method.routing.RecordedSteps.Step;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** CITER's labels, each branch, on answers whose prompt is {@code ?}. */
class ReferenceWalkTest {

  private static final List<String> CHARACTERS = List.of("?", "1", "2", "3", " ");
  private static final List<String> PAIRS = List.of("?", "12", "1", "2", "3", " ");

  /** Writes after each text what the map says; ends where it says nothing. */
  private static ScriptedModel model(
      String name, List<String> pieces, Map<String, String> continuations) {
    var model =
        new ScriptedModel(
            name,
            pieces,
            40,
            tokens -> {
              String next = continuations.get(text(pieces, tokens));
              var p = new double[pieces.size() + 1];
              p[next == null ? pieces.size() : pieces.indexOf(next)] = 1;
              return p;
            });
    model.hidden = tokens -> new float[] {tokens.size()};
    return model;
  }

  private static String text(List<String> pieces, List<Integer> tokens) {
    return String.join("", tokens.subList(1, tokens.size()).stream().map(pieces::get).toList());
  }

  /** All are recorded. */
  private static RecordedSteps walked(String answer, ScriptedModel... models) {
    ReferenceWalk walk = walk(models.length, 100, models);
    assertTrue(walk.walk(new Reference("?", answer)));
    return walk.recorded();
  }

  private static ReferenceWalk walk(int recorded, int most, ScriptedModel... models) {
    return new ReferenceWalk("citer", List.of(models), recorded, most, AnswerForm.AUTO);
  }

  private static List<Boolean> labels(RecordedSteps steps, int member) {
    return labels(steps, member, Optional.empty());
  }

  private static List<Boolean> labels(
      RecordedSteps steps, int member, Optional<TokenRouters> current) {
    return steps.labelled(member, steps.rollouts().by(current)).stream()
        .map(LabelledState::positive)
        .toList();
  }

  @Test
  void whatTheReferenceHasIsFine() {
    RecordedSteps steps =
        walked(
            "12",
            model("small", CHARACTERS, Map.of("", "1", "1", "2")),
            model("large", CHARACTERS, Map.of("", "3", "1", "3")));
    assertEquals(List.of(true, true, true), labels(steps, 0));
    assertEquals(
        List.of(1f, 2f, 3f), steps.steps().get(0).stream().map(s -> s.hidden()[0]).toList());
    // The end alone.
    assertEquals(List.of(false, false, true), labels(steps, 1));
    // Nobody is asked after it.
    assertEquals(2, steps.open());
  }

  @Test
  void whatAnotherHasInsteadIsNotFine() {
    // small writes 3 after 1, which nothing would save; large writes the reference.
    RecordedSteps steps =
        walked(
            "12",
            model("small", CHARACTERS, Map.of("", "1", "1", "3")),
            model("large", CHARACTERS, Map.of("", "1", "1", "2")));
    assertEquals(List.of(true, false, true), labels(steps, 0));
    assertEquals(new Outcome.Wrong(), steps.steps().get(0).get(1).outcome());
  }

  /** The reference is 2; both write a space first, and go on to 2, or to 3. */
  @Test
  void whereNobodyHasItTheAnswerThatComesOfItDecides() {
    ScriptedModel right = model("small", CHARACTERS, Map.of("", " ", " ", "2"));
    ScriptedModel wrong = model("large", CHARACTERS, Map.of("", " ", " ", "3"));
    RecordedSteps steps = walked("2", right, wrong);
    assertEquals(new Outcome.Open(0, " "), steps.steps().get(0).getFirst().outcome());
    assertEquals(2, steps.open());
    assertEquals(List.of(true, true), labels(steps, 0));
    assertEquals(List.of(false, true), labels(steps, 1));
  }

  /** By itself the small one goes on to 3; the routers hand over to the large one, which has 2. */
  @Test
  void laterRoundsCompleteByTheRouters() {
    ScriptedModel small = model("small", CHARACTERS, Map.of("", " ", " ", "3"));
    ScriptedModel large = model("large", CHARACTERS, Map.of("", " ", " ", "2"));
    RecordedSteps steps = walked("2", small, large);
    assertEquals(List.of(false, true), labels(steps, 0));
    var never =
        new Perceptron(new Matrix(2, 2), new Matrix(1, 3), new Matrix(1, 2, new float[] {0, -9}));
    var always =
        new Perceptron(new Matrix(2, 2), new Matrix(1, 3), new Matrix(1, 2, new float[] {0, 9}));
    assertTrue(labels(steps, 0, Optional.of(routers(never))).getFirst(), "the large one");
    assertFalse(labels(steps, 0, Optional.of(routers(always))).getFirst(), "the small one");
  }

  private static TokenRouters routers(Perceptron all) {
    return new TokenRouters(List.of("small", "large"), List.of(all, all));
  }

  @Test
  void aRollOutThatDoesNotEndIsWrong() {
    var continuations = new java.util.HashMap<String, String>();
    for (String text = ""; text.length() < 60; text += " ") {
      continuations.put(text, " ");
    }
    RecordedSteps steps =
        walked(
            "2",
            model("small", CHARACTERS, continuations),
            model("large", CHARACTERS, Map.of("", " ")));
    assertFalse(labels(steps, 0).getFirst());
  }

  @Test
  void membersOfOtherVocabulariesAreComparedByText() {
    RecordedSteps steps =
        walked(
            "123",
            model("pairs", PAIRS, Map.of("", "12", "12", "1")),
            model("characters", CHARACTERS, Map.of("", "3", "1", "2", "12", "3")));
    // 12, 3, end.
    assertEquals(3, steps.steps().get(0).size());
    assertEquals(List.of(true, false, true), labels(steps, 0));
    // 1 (pairs would write 12), 2, 3, end.
    assertEquals(4, steps.steps().get(1).size());
    assertEquals(List.of(false, true, true, true), labels(steps, 1));
    // pairs knows better, but is not asked after it.
    assertEquals(
        List.of(new Outcome.Open(0, "3"), new Outcome.Right()),
        steps.steps().get(1).subList(0, 2).stream().map(Step::outcome).toList());
  }

  /** The answer stands behind the chat template: nobody wrote the space that marks its start. */
  @Test
  void modelsThatMarkTheStartOfATextWalkAndRollOutWithoutTheMark() {
    ScriptedModel marking = model("marking", CHARACTERS, Map.of("", "1", "1", " ", "1 ", "2"));
    marking.marksStart = true;
    ScriptedModel plain = model("plain", CHARACTERS, Map.of("", "3", "1", "3"));
    RecordedSteps steps = walked("12", plain, marking);
    // 1, which the marking one has; then " " instead of 2 is no better than 3; the end.
    assertEquals(
        List.of(new Outcome.Wrong(), new Outcome.Open(0, "13"), new Outcome.Right()),
        steps.steps().getFirst().stream().map(Step::outcome).toList());
    steps = walked("12", marking, plain);
    assertEquals(
        List.of(1f, 2f, 3f),
        steps.steps().getFirst().stream().map(s -> s.hidden()[0]).toList(),
        "no token more than those of the prompt and the answer");
    assertEquals(
        Optional.of("2"),
        Completions.alone(marking, "?", "1 ", 10),
        "goes on behind 1 and a space");
  }

  @Test
  void whoEndsTooEarlyIsWrong() {
    RecordedSteps steps =
        walked(
            "12",
            model("small", CHARACTERS, Map.of("", "1")),
            model("large", CHARACTERS, Map.of("", "1")));
    assertEquals(new Outcome.Wrong(), steps.steps().get(0).get(1).outcome());
    assertEquals(0, steps.open());
  }

  @Test
  void whatFitsNobodyIsLeftOut() {
    ReferenceWalk walk = walk(1, 100, model("small", CHARACTERS, Map.of()));
    assertFalse(walk.walk(new Reference("?", "1".repeat(40))), "too long");
    assertFalse(walk.walk(new Reference("?", "x")), "in no tokens");
    assertFalse(walk.walk(new Reference("", "1")), "no prompt");
    assertEquals(0, walk.steps());
    assertFalse(walk.isFull());
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new TokenRouterFit()
                    .fit(
                        walk.recorded(),
                        TokenRouterFit.Settings.DEFAULTS,
                        new SplittableRandom(1)));
    assertTrue(refused.getMessage().contains("'small'"), refused.getMessage());
  }

  @Test
  void sessionsAreClosed() {
    ScriptedModel small = model("small", CHARACTERS, Map.of("", " ", " ", "3"));
    ScriptedModel large = model("large", CHARACTERS, Map.of("", " ", " ", "2"));
    RecordedSteps steps = walked("2", small, large);
    labels(steps, 0);
    assertEquals(0, small.openSessions.get());
    assertEquals(0, large.openSessions.get());
  }

  /** A state of 1 is fine, one of 0 is not: the router learns which is which. */
  @Test
  void routersLearnWhatTheLabelsSay() {
    List<Step> steps =
        java.util.stream.IntStream.range(0, 200)
            .mapToObj(
                i ->
                    new Step(
                        new float[] {i % 2, 1 - i % 2, 1, i % 2},
                        i % 2 == 1 ? new Outcome.Right() : new Outcome.Wrong()))
            .toList();
    var data = new RecordedSteps(List.of("small"), List.of(steps), _ -> (_, _) -> false);
    TokenRouters learned =
        new TokenRouterFit()
            .fit(
                data,
                new TokenRouterFit.Settings(AnswerForm.AUTO, 9, 1, 1e-2, 10, 30, 30),
                new SplittableRandom(2));
    Perceptron router = learned.of("small").orElseThrow();
    assertTrue(router.probability(new float[] {1, 0, 1, 1}) > 0.8);
    assertTrue(router.probability(new float[] {0, 1, 1, 0}) < 0.2);
  }

  /**
   * 1 is right, and the first alone knows it: the second is not wrong for that, nor is the last.
   */
  @Test
  void onlyLaterMembersMakeATokenWrong() {
    ScriptedModel first = model("first", CHARACTERS, Map.of("", "1"));
    ScriptedModel second = model("second", CHARACTERS, Map.of("", "2"));
    ScriptedModel third = model("third", CHARACTERS, Map.of("", "3"));
    RecordedSteps steps = walked("1", first, second, third);
    assertEquals(new Outcome.Right(), steps.steps().get(0).getFirst().outcome());
    assertEquals(new Outcome.Open(0, "2"), steps.steps().get(1).getFirst().outcome());
    assertEquals(new Outcome.Open(0, "3"), steps.steps().get(2).getFirst().outcome());
    steps = walked("1", second, first, third);
    assertEquals(new Outcome.Wrong(), steps.steps().get(0).getFirst().outcome());
  }

  @Test
  void aMemberThatTellsNoHiddenStateIsRefusedAtOnceWhereItIsRecorded() {
    ScriptedModel mute = model("mute", CHARACTERS, Map.of("", "1"));
    mute.hidden = null;
    ScriptedModel other = model("other", CHARACTERS, Map.of("", "1"));
    assertEquals(
        "'mute' tells no hidden state (HIDDEN_STATE), which citer needs of it.",
        assertThrows(
                IllegalArgumentException.class,
                () -> walk(2, 100, other, mute).walk(new Reference("?", "12")))
            .getMessage());
    assertEquals(0, mute.openSessions.get());
    ReferenceWalk walk = walk(1, 3, other, mute);
    assertTrue(walk.walk(new Reference("?", "12")));
    assertTrue(walk.isFull());
    assertEquals(List.of("other"), walk.recorded().members());
  }

  /** pairs has two tokens and the end, characters three and the end. */
  @Test
  void whoHasEnoughIsRecordedNoMore() {
    ScriptedModel characters =
        model("characters", CHARACTERS, Map.of("", "1", "1", "2", "12", "3"));
    ScriptedModel pairs = model("pairs", PAIRS, Map.of("", "12", "12", "3"));
    ReferenceWalk walk = walk(2, 5, characters, pairs);
    assertTrue(walk.walk(new Reference("?", "123")));
    assertFalse(walk.isFull());
    assertEquals(List.of(4, 3), sizes(walk));
    assertTrue(walk.walk(new Reference("?", "123")));
    assertTrue(walk.isFull());
    assertEquals(List.of(5, 5), sizes(walk));
    int passes = characters.passes.get();
    assertFalse(walk.walk(new Reference("?", "123")));
    assertEquals(passes, characters.passes.get());
    assertEquals(List.of(5, 5), sizes(walk));
  }

  /** Whoever is too small for every question keeps nobody else going. */
  @Test
  void whoIsFullIsNotReadForOneThatFitsNothing() {
    ScriptedModel large = model("large", CHARACTERS, Map.of("", "1"));
    var small = new ScriptedModel("small", CHARACTERS, 2, _ -> new double[] {0, 1, 0, 0, 0, 0});
    ReferenceWalk walk = walk(2, 3, large, small);
    assertTrue(walk.walk(new Reference("?", "12")));
    int passes = large.passes.get();
    for (int i = 0; i < 100; i++) {
      assertFalse(walk.walk(new Reference("?", "12")));
    }
    assertEquals(passes, large.passes.get());
    assertEquals(3, walk.steps());
  }

  private static List<Integer> sizes(ReferenceWalk walk) {
    return walk.recorded().steps().stream().map(List::size).toList();
  }

  @Test
  void moreThanMemoryHasRoomForIsRefused() {
    ScriptedModel wide = model("wide", CHARACTERS, Map.of());
    wide.hidden = _ -> new float[1 << 16];
    String refused =
        assertThrows(
                IllegalArgumentException.class,
                () -> walk(1, 1_000_000, wide).walk(new Reference("?", "1")))
            .getMessage();
    assertTrue(
        refused.startsWith("1000000 hidden states of 'wide' with 65536 numbers each"), refused);
    // Few states, but a router of 4 x 65536^2 weights.
    refused =
        assertThrows(
                IllegalArgumentException.class,
                () -> walk(1, 1, wide).walk(new Reference("?", "1")))
            .getMessage();
    assertTrue(refused.startsWith("To learn from hidden states of 'wide' with 65536"), refused);
  }

  private static final List<String> HALVES = List.of("?", "<0xc3>", "<0xa9>", "<0xa4>", "1");

  /** A text of bytes: its tokens are those of UTF-8, e9 in two. */
  private static ScriptedModel bytes(String name, int... favourites) {
    var model =
        new ScriptedModel(
            name,
            HALVES,
            40,
            tokens -> {
              var p = new double[HALVES.size() + 1];
              p[favourites[tokens.size() - 1]] = 1;
              return p;
            });
    model.hidden = tokens -> new float[] {tokens.size()};
    model.byBytes = true;
    return model;
  }

  /** The reference is 1\u00e91: places 0, 1, 3 and the end; 2 is within the character. */
  @Test
  void nothingIsRecordedWithinACharacterNorWhereHalfOfOneWouldBeWritten() {
    List<String> whole = List.of("?", "\u00e9", "\u00e4", "1");
    ScriptedModel large = model("large", whole, Map.of("", "1", "1", "\u00e4", "1\u00e9", "1"));
    // 1, then c3 (right as far as it goes), a4 (would be another character), 1, end.
    RecordedSteps steps = walked("1\u00e91", bytes("small", 4, 1, 3, 4, 5), large);
    assertEquals(
        List.of(1f, 2f, 4f, 5f),
        steps.steps().getFirst().stream().map(s -> s.hidden()[0]).toList());
    assertEquals(List.of(true, true, true, true), labels(steps, 0));
    // Where it writes the first half of something behind 1: no roll-out goes on there.
    steps =
        walked(
            "111", bytes("small", 4, 1, 4, 5), model("l", whole, Map.of("", "1", "1", "\u00e9")));
    assertEquals(
        List.of(1f, 3f, 4f), steps.steps().getFirst().stream().map(s -> s.hidden()[0]).toList());
    assertTrue(
        steps.steps().getFirst().stream().allMatch(s -> s.outcome() instanceof Outcome.Right));
  }

  /** Each place of a foreign vocabulary is read from where the one before ended. */
  @Test
  void placesOfOthersAreReadOnce() {
    String answer = "12".repeat(18);
    ScriptedModel characters = model("characters", CHARACTERS, Map.of());
    ScriptedModel pairs = model("pairs", PAIRS, Map.of());
    ReferenceWalk walk = walk(1, 100, characters, pairs);
    assertTrue(walk.walk(new Reference("?", answer)));
    // At odd places 1 is cut anew behind the pairs: two tokens a pair of places, and the prompt.
    assertTrue(pairs.tokensRead.get() <= 2 * 37 + 1, pairs.tokensRead.get() + " tokens");
  }
}
