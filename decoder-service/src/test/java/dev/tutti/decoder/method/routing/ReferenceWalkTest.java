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

  private static RecordedSteps walked(String answer, ScriptedModel... models) {
    var walk = new ReferenceWalk(List.of(models), AnswerForm.AUTO);
    assertTrue(walk.walk(new Reference("?", answer)));
    return walk.recorded();
  }

  private static List<Boolean> labels(RecordedSteps steps, int member) {
    return steps.labelled(member, Optional.empty()).stream().map(LabelledState::positive).toList();
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
    assertFalse(steps.isOpen());
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
    assertTrue(steps.isOpen());
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
    assertTrue(
        steps.labelled(0, Optional.of(routers(never))).getFirst().positive(), "the large one");
    assertFalse(
        steps.labelled(0, Optional.of(routers(always))).getFirst().positive(), "the small one");
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
    // In the middle of its own token: it has to cut 1 anew, and ends there.
    assertEquals(
        List.of(Outcome.Wrong.class, Outcome.Right.class),
        steps.steps().get(1).subList(0, 2).stream().map(s -> s.outcome().getClass()).toList());
  }

  @Test
  void whoEndsTooEarlyIsWrong() {
    RecordedSteps steps =
        walked(
            "12",
            model("small", CHARACTERS, Map.of("", "1")),
            model("large", CHARACTERS, Map.of("", "1")));
    assertEquals(new Outcome.Wrong(), steps.steps().get(0).get(1).outcome());
    assertFalse(steps.isOpen());
  }

  @Test
  void whatFitsNobodyIsLeftOut() {
    var walk = new ReferenceWalk(List.of(model("small", CHARACTERS, Map.of())), AnswerForm.AUTO);
    assertFalse(walk.walk(new Reference("?", "1".repeat(40))), "too long");
    assertFalse(walk.walk(new Reference("?", "x")), "in no tokens");
    assertFalse(walk.walk(new Reference("", "1")), "no prompt");
    assertEquals(0, walk.least());
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
    var data = new RecordedSteps(List.of("small"), List.of(steps), (_, _, _) -> false);
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
}
