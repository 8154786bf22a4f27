package dev.tutti.fusion.method.similarity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmoothieTest extends FusionContract {

  private static final Query QUERY = new Query("?");
  private static final FittedSelector<SmoothieVoices, SmoothieVoices.Settings, Smoothie.Settings>
      METHOD = Smoothie.METHOD;
  private static final List<String> ABC = List.of("a", "b", "c");

  /** All members of the contract lie equally far from each other. */
  @Override
  protected Selector selector() {
    var members = new ArrayList<String>();
    var points = new float[8][8];
    for (int m = 0; m < points.length; m++) {
      members.add("m" + m);
      points[m][m] = 1;
    }
    return smoothie(
        fit(new SmoothieVoices.Settings(0, 0), members, row(0, members, q(1, 0), points)));
  }

  private static SmoothieVoices fit(
      SmoothieVoices.Settings settings, List<String> members, Row... rows) {
    return METHOD.fit(
        new RecordedAnswers(members, List.of(rows)), settings, new SplittableRandom(1));
  }

  private static Smoothie smoothie(SmoothieVoices learned) {
    return new Smoothie(new Smoothie.Settings("s"), METHOD.read(learned.parameters()), 2);
  }

  private static float[] q(float... numbers) {
    return numbers;
  }

  /** A point a member; null where it says nothing. */
  private static Row row(int number, List<String> members, float[] query, float[]... points) {
    var answers = new ArrayList<Answer>();
    for (int m = 0; m < points.length; m++) {
      answers.add(new Answer(members.get(m), 1, points[m] == null ? "" : "says " + m));
    }
    var candidates = new Candidates(answers, evidence(query, points));
    return new Row(number, "", Map.of(), QUERY, candidates, new float[points.length]);
  }

  private static Evidence evidence(float[] query, float[]... points) {
    var embeddings = new ArrayList<Optional<float[]>>();
    for (float[] point : points) {
      embeddings.add(Optional.ofNullable(point));
    }
    return new Evidence(Optional.ofNullable(query), embeddings, new LinkedHashMap<>(), List.of());
  }

  private static Answer says(String member, double prior, String text) {
    return new Answer(member, prior, text);
  }

  private static Candidates three(Evidence evidence) {
    return new Candidates(
        List.of(says("a", 1, "x"), says("b", 1, "y"), says("c", 1, "z")), evidence);
  }

  /** Squared distances of a to b and c 1 and 2, of b to c 2: errors 1/2, 1/2, 3/2. */
  private static Row apart(int number, float[] query) {
    return row(number, ABC, query, q(0, 1, 0), q(0, 0, 0), q(1, 0, 0));
  }

  @Test
  void theWeightIsTheInverseError() {
    // D_ab = 1, D_ac = 2, D_bc = 1: errors (1 + 2 - 1) / 2, (1 + 1 - 2) / 2, (2 + 1 - 1) / 2.
    Weighing weighing =
        smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, apart(0, q(1))))
            .weigh(QUERY, three(Evidence.NONE));
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(1, weighing.weights().get(1), 1e-8);
    assertTrue(weighing.explanation().contains("'b'"), weighing.explanation());
    // On average over two questions D is 1, 3, 2: errors 1, 0 and 2.
    Row other = row(1, ABC, q(1), q(0, 2, 0), q(0, 1, 0), q(0, 1, 1.7320508f));
    weighing =
        smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, apart(0, q(1)), other))
            .weigh(QUERY, three(Evidence.NONE));
    assertEquals(1, weighing.chosen().orElseThrow());
  }

  @Test
  void errorsThatAreAllAboveNothingWeighAsTheyShould() {
    // On a regular triangle, then with c twice as far: D 1, 1, 1 and 1, 4, 4; mean 1, 2.5, 2.5.
    float h = (float) Math.sqrt(3) / 2;
    float far = (float) Math.sqrt(3.75);
    Row near = row(0, ABC, q(1), q(-.5f, 0), q(.5f, 0), q(0, h));
    Row wide = row(1, ABC, q(1), q(-.5f, 0), q(.5f, 0), q(0, far));
    Weighing weighing =
        smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, near, wide))
            .weigh(QUERY, three(Evidence.NONE));
    // Errors 1/2, 1/2, 2: weights 4 : 4 : 1.
    assertEquals(4 / 9.0, weighing.weights().get(0), 1e-6);
    assertEquals(4 / 9.0, weighing.weights().get(1), 1e-6);
    assertEquals(1 / 9.0, weighing.weights().get(2), 1e-6);
    assertEquals(0, weighing.chosen().orElseThrow());
    var stronger = new Candidates(List.of(says("c", 9, "z"), says("b", 2, "y"), says("a", 1, "x")));
    assertEquals(
        1,
        smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, near, wide))
            .weigh(QUERY, stronger)
            .chosen()
            .orElseThrow(),
        "of equals the higher prior");
  }

  @Test
  void similarQuestionsAndTheOneAskedTellWhomToBelieve() {
    // Where x is asked a lies between the others, where y is, c does.
    Row x = row(0, ABC, q(1, 0), q(0, 0), q(-1, .1f), q(1, .1f));
    Row y = row(1, ABC, q(0, 1), q(-1, .1f), q(1, .1f), q(0, 0));
    var settings = new SmoothieVoices.Settings(1, 0);
    Smoothie local = smoothie(fit(settings, ABC, x, y));
    assertEquals(Set.of(Evidence.Kind.EMBEDDINGS), local.evidence());
    assertEquals(
        0,
        local.weigh(QUERY, three(evidence(q(.9f, .1f), null, null, null))).chosen().orElseThrow());
    assertEquals(
        2,
        local.weigh(QUERY, three(evidence(q(.1f, .9f), null, null, null))).chosen().orElseThrow());
    // Its own answers say b, further apart than the neighbour's.
    var own = evidence(q(.9f, .1f), q(-9, .1f), q(0, 0), q(9, .1f));
    assertEquals(1, local.weigh(QUERY, three(own)).chosen().orElseThrow());
    // Without the question's embedding all questions tell.
    assertEquals(
        smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, x, y))
            .weigh(QUERY, three(Evidence.NONE))
            .weights(),
        local.weigh(QUERY, three(Evidence.NONE)).weights());
    assertEquals(Set.of(), smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, x, y)).evidence());
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> local.weigh(QUERY, three(evidence(q(1, 0, 0), null, null, null))));
    assertTrue(e.getMessage().contains("3 numbers"), e.getMessage());
  }

  @Test
  void whoSaysNothingOrIsUnknownSpeaksLast() {
    Smoothie smoothie = smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, apart(0, q(1))));
    Weighing weighing =
        smoothie.weigh(
            QUERY,
            new Candidates(List.of(says("b", 1, " "), says("new", 5, "n"), says("c", 1, "z"))));
    assertEquals(2, weighing.chosen().orElseThrow());
    assertEquals(List.of(0.0, 0.0, 1.0), weighing.weights());
    weighing = smoothie.weigh(QUERY, new Candidates(List.of(says("b", 1, ""), says("n", 1, "n"))));
    assertEquals(1, weighing.chosen().orElseThrow());
  }

  @Test
  void samplesOfAMemberShareItsWeight() {
    Smoothie smoothie = smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, apart(0, q(1))));
    var samples =
        List.of(
            new Answer("b", 0, 1, "y", Optional.empty(), "b"),
            new Answer("b", 1, 1, "yy", Optional.empty(), "b"),
            says("c", 1, "z"));
    Weighing weighing = smoothie.weigh(QUERY, new Candidates(samples));
    assertEquals(0, weighing.chosen().orElseThrow());
    assertEquals(.5, weighing.weights().get(0), 1e-8);
    assertEquals(.5, weighing.weights().get(1), 1e-8);
  }

  @Test
  void twoOfAFamilyAreOneVoice() {
    List<String> four = List.of("a", "twin", "b", "c");
    Row row = row(0, four, q(1), q(0, 1), q(0, 1), q(0, 0), q(1, 0));
    assertArrayEquals(
        new float[] {0, 0, 2, 3},
        fit(new SmoothieVoices.Settings(0, .01), four, row).parameters().matrix("voices").row(0));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                fit(
                    new SmoothieVoices.Settings(0, .01),
                    ABC,
                    row(0, ABC, q(1), q(0, 1), q(0, 1), q(1, 0))));
    assertTrue(e.getMessage().contains("2 answer differently"), e.getMessage());
  }

  @Test
  void aPairThatWasNeverSeenTogetherTellsNothing() {
    // c and d never answer the same question; both are heard.
    List<String> four = List.of("a", "b", "c", "d");
    Row with = row(0, four, q(1), q(-.5f, 0), q(.5f, 0), q(0, .8660254f), null);
    Row without = row(1, four, q(1), q(-.5f, 0), q(.5f, 0), null, q(0, .8660254f));
    Weighing weighing =
        smoothie(fit(new SmoothieVoices.Settings(0, 0), four, with, without))
            .weigh(QUERY, new Candidates(List.of(says("c", 1, "x"), says("d", 1, "y"))));
    assertEquals(.5, weighing.weights().get(0), 1e-6);
    assertEquals(.5, weighing.weights().get(1), 1e-6);
  }

  @Test
  void whatWasLearnedIsNamed() {
    Smoothie smoothie = smoothie(fit(new SmoothieVoices.Settings(0, 0), ABC, apart(0, q(1))));
    assertEquals(Optional.of(new Fitted("s", 2, ABC)), smoothie.fitted());
    assertEquals("smoothie", METHOD.name());
    assertEquals(3, METHOD.members().least());
    assertThrows(
        IllegalArgumentException.class,
        () -> fit(SmoothieVoices.Settings.DEFAULTS, ABC, apart(0, null)));
  }
}
