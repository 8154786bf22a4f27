package dev.tutti.fusion.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.heads.SelectLlm.Policy;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SelectLlmFitTest {

  private static final FittedSelector<MemberHeads, SelectLlmFit.Settings, SelectLlm.Settings>
      METHOD = SelectLlm.METHOD;
  private static final SelectLlmFit.Settings SETTINGS =
      new SelectLlmFit.Settings(AnswerForm.CHOICE, 1e-4);
  private static final List<String> ABC = List.of("a", "b", "c");
  private static final float[] EAST = {1, 0};
  private static final float[] NORTH = {0, 1};

  private static Ballot ballot(int[] answers, float... scores) {
    return new Ballot(0, "", "", answers, scores);
  }

  /** .9 against .5, then against .5 + .3; one against one, then against two. */
  @Test
  void scoresOfTheWinnersByHand() {
    double[] confidences = {.9, .5, .3};
    Ballot first = ballot(new int[] {0, 1, 1}, 1, 0, 0);
    assertArrayEquals(new double[] {1, 1, 1}, SelectLlmFit.bySize(first, confidences, true));
    assertArrayEquals(new double[] {1, 1, 0}, SelectLlmFit.bySize(first, confidences, false));
    double[] rising = {.3, .5, .7};
    assertArrayEquals(new double[] {0, 0, 0}, SelectLlmFit.bySize(first, rising, true));
    // An answer that cannot be read takes a place, and is given where there is no other.
    Ballot silent = ballot(new int[] {-1, 0, -1}, .25f, 1, 0);
    assertArrayEquals(new double[] {.25, 1, 1}, SelectLlmFit.bySize(silent, confidences, true));
    // Who was not asked takes none.
    Ballot absent = ballot(new int[] {-1, 0, 1}, Float.NaN, 1, 0);
    assertArrayEquals(new double[] {1, 1, 1}, SelectLlmFit.bySize(absent, confidences, true));
    Ballot nobody = ballot(new int[] {-1, -1, -1}, Float.NaN, Float.NaN, Float.NaN);
    assertArrayEquals(new double[] {0, 0, 0}, SelectLlmFit.bySize(nobody, confidences, true));
    // The likelier of two that say the same speaks for both.
    Ballot same = ballot(new int[] {0, 0, 1}, .75f, .25f, 1);
    assertArrayEquals(new double[] {.75, .75, .75}, SelectLlmFit.bySize(same, confidences, false));
  }

  /** As the vote itself has it, on random answers. */
  @Test
  void sizesAreJudgedByTheVoteThatIsCast() {
    var random = new Random(5);
    for (int round = 0; round < 500; round++) {
      var answers = new int[4];
      var scores = new float[4];
      var said = new ArrayList<Answer>();
      var means = new double[4];
      for (int m = 0; m < 4; m++) {
        answers[m] = random.nextInt(4) - 1;
        scores[m] = random.nextFloat();
        means[m] = (1 + random.nextInt(1000)) / 1001.0;
        said.add(new Answer("m" + m, 1, answers[m] < 0 ? "" : "" + (char) ('A' + answers[m])));
      }
      List<String> names = said.stream().map(Answer::member).toList();
      var heads = new LinearHeads(new Matrix(4, 3));
      for (boolean weighted : new boolean[] {true, false}) {
        double[] bySize =
            SelectLlmFit.bySize(new Ballot(0, "", "", answers, scores), means, weighted);
        for (int size = 1; size <= 4; size++) {
          var vote =
              new ConfidenceVote(
                  new SelectLlm.Settings(
                      "",
                      AnswerForm.CHOICE,
                      weighted ? Policy.WEIGHTED_MAX_CONF : Policy.MAX_CONF,
                      size),
                  new MemberHeads(names, heads, means, 1, 1));
          Weighing weighing = vote.ofEverybody(new Query("?"), new Candidates(said));
          assertEquals(scores[weighing.chosen().orElseThrow()], bySize[size - 1], 1e-12);
          assertEquals(
              OptionalInt.of(size), vote.measured().asks(new Query("?"), new Candidates(said)));
        }
      }
    }
  }

  private static Row row(int number, float[] query, String right, String... said) {
    var answers = new ArrayList<Answer>();
    var scores = new float[said.length];
    for (int m = 0; m < said.length; m++) {
      answers.add(new Answer(ABC.get(m), 1, said[m]));
      scores[m] = said[m].equals(right) ? 1 : 0;
    }
    var evidence =
        new Evidence(Optional.ofNullable(query), List.of(), new LinkedHashMap<>(), List.of());
    return new Row(number, "", Map.of(), new Query("?"), new Candidates(answers, evidence), scores);
  }

  private static MemberHeads fit(List<Row> rows) {
    return METHOD.fit(new RecordedAnswers(ABC, rows), SETTINGS, new SplittableRandom(1));
  }

  /** In the east the first is right, in the north the second; the third never is. */
  private static List<Row> regions() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 60; i++) {
      boolean east = i % 2 == 0;
      rows.add(row(i / 2, east ? EAST : NORTH, "A", east ? "A" : "C", east ? "C" : "A", "C"));
    }
    return rows;
  }

  @Test
  void itLearnsWhoIsLikelyRightOnWhat() {
    MemberHeads learned = fit(regions());
    double[] east = learned.confidences(Optional.of(EAST));
    double[] north = learned.confidences(Optional.of(NORTH));
    assertTrue(east[0] > .8 && east[1] < .2, "in the east the first");
    assertTrue(north[1] > .8 && north[0] < .2, "in the north the second");
    assertEquals(0, east[2]);
    assertArrayEquals(new double[] {.5, .5, 0}, learned.confidences(Optional.empty()), 1e-12);
    // One alone is always right, two are where the likelier counts more, and one costs less.
    assertEquals(1, learned.weighted());
    assertEquals(1, learned.plain());
    Selector measured = METHOD.selector(learned, SETTINGS);
    Row asked = row(0, NORTH, "B", "A", "B", "A");
    Weighing weighing = measured.weigh(asked.query(), asked.candidates());
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(List.of(0.0, 1.0, 0.0), weighing.weights());
  }

  /** Each errs alone on a third of the questions, and nothing tells on which. */
  @Test
  void asManyAreAskedAsAreBestTogether() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 90; i++) {
      int wrong = i / 3 % 3;
      rows.add(
          row(
              i,
              EAST,
              "A",
              wrong == 0 ? "B" : "A",
              wrong == 1 ? "C" : "A",
              wrong == 2 ? "D" : "A"));
    }
    MemberHeads learned = fit(rows);
    assertEquals(3, learned.weighted());
    assertEquals(3, learned.plain());
    for (double confidence : learned.confidences(Optional.of(EAST))) {
      assertEquals(2 / 3.0, confidence, .02);
    }
  }

  @Test
  void whoIsMissingIsNoWrongAnswer() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 60; i++) {
      rows.add(i % 2 == 0 ? row(i, EAST, "A", "A", "B") : row(i, EAST, "A", "B"));
    }
    MemberHeads learned = fit(rows);
    double[] confidences = learned.confidences(Optional.of(EAST));
    assertEquals(.5, confidences[0], .02);
    assertEquals(0, confidences[1]);
    assertEquals(0, confidences[2], "nobody ever asked it");
    assertEquals(.5, learned.means()[0]);
  }

  @Test
  void questionsThatSayNothingTeachNoHead() {
    List<Row> rows = regions();
    rows.add(row(99, null, "A", "C", "C", "A"));
    MemberHeads learned = fit(rows);
    assertArrayEquals(
        fit(regions()).confidences(Optional.of(EAST)),
        learned.confidences(Optional.of(EAST)),
        1e-12);
    assertEquals(
        "None of the questions says anything.",
        assertThrows(
                IllegalArgumentException.class,
                () -> fit(List.of(row(0, null, "A", "A", "B", "B"))))
            .getMessage());
    // So few that a third of them has no others.
    assertEquals(1, fit(List.of(row(0, EAST, "A", "A", "B", "B"))).weighted());
  }

  @Test
  void scoresThatAreNoFractionsAreRefused() {
    Row row = row(0, EAST, "A", "A", "B", "B");
    var odd =
        new Row(0, "", Map.of(), row.query(), row.candidates(), new float[] {1, 7.5f, Float.NaN});
    assertEquals(
        "A score of b is 7.5; this method takes fractions from 0 to 1.",
        assertThrows(IllegalArgumentException.class, () -> fit(List.of(odd))).getMessage());
  }

  @Test
  void whatIsReadBackIsWhatWasFitted() {
    MemberHeads fitted = fit(regions());
    MemberHeads again = METHOD.read(METHOD.parameters(fitted));
    for (float[] query : List.of(EAST, NORTH)) {
      assertArrayEquals(
          fitted.confidences(Optional.of(query)), again.confidences(Optional.of(query)), 0);
    }
    assertArrayEquals(fitted.means(), again.means(), 0);
    assertEquals(fitted.weighted(), again.weighted());
    assertEquals(fitted.plain(), again.plain());
    assertEquals(fitted.members(), again.members());
    assertEquals("select-llm", METHOD.name());
    assertEquals(Set.of(Evidence.Kind.QUERY), METHOD.evidence());
    assertEquals(SelectLlmFit.Settings.DEFAULTS, METHOD.defaults());
  }
}
