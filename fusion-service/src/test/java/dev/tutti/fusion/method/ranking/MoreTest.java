package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Ran;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class MoreTest extends FusionContract {

  private static final FittedSelector<AnswerTrees, MoreFit.Settings, More.Settings> FIT =
      More.METHOD;
  private static final MoreFit.Settings FEW = new MoreFit.Settings(MoreFit.Learner.BOOSTED, 60, 3);
  private static final RecordedAnswers DATA = data();
  private static final AnswerTrees LEARNED = FIT.fit(DATA, FEW, new SplittableRandom(1));

  /** What is 7 is right where a says it; else b is right, but for every fourth question. */
  private static RecordedAnswers data() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 240; i++) {
      boolean first = i % 2 == 0;
      boolean nobody = i % 4 == 3;
      rows.add(
          new Row(
              i,
              "",
              Map.of(),
              new Query(first ? "What is the sum?" : nobody ? "Why not?" : "Who was it?"),
              new Candidates(List.of(new Answer("a", 1, "" + i), new Answer("b", 1, "x" + i))),
              new float[] {first ? 1 : 0, first || nobody ? 0 : 1}));
    }
    return new RecordedAnswers(List.of("a", "b"), rows);
  }

  private static Selector more(double coverage, double error) {
    return new More(new More.Settings("", AnswerForm.AUTO, coverage, error), LEARNED, 0);
  }

  private static Weighing asked(Selector selector, String question) {
    return selector.weigh(
        new Query(question),
        new Candidates(List.of(new Answer("a", 1, "5"), new Answer("b", 1, "x5"))));
  }

  @Override
  protected Selector selector() {
    return more(1, 1);
  }

  @Test
  void whoFailedItsTestsIsPassedOverWhereAnybodyPassedThem() {
    var passed =
        new Answer("b", 0, 1, "x5", Optional.empty(), Optional.of(new Ran(Optional.of("t"))), "b");
    for (Answer other : List.of(passed, passed.withoutVote())) {
      Weighing weighing =
          more(1, 1)
              .weigh(
                  new Query("What is the sum?"),
                  new Candidates(List.of(new Answer("a", 1, "5").withoutVote(), other)));
      assertEquals(other == passed ? 1 : 0, weighing.chosen().orElseThrow());
    }
  }

  @Test
  void whoIsRightIsLearnedByQuestion() {
    for (var learner : MoreFit.Learner.values()) {
      var settings = new MoreFit.Settings(learner, 40, 4);
      Selector selector = FIT.selector(FIT.fit(DATA, settings, new SplittableRandom(2)), settings);
      assertEquals(0, asked(selector, "What is the sum?").chosen().orElseThrow());
      assertEquals(1, asked(selector, "Who was it?").chosen().orElseThrow());
    }
  }

  @Test
  void whatIsNotProbableEnoughIsNotGiven() {
    // A quarter of the questions nobody answers right.
    assertTrue(asked(more(1, 0.2), "What is the sum?").chosen().isPresent());
    assertTrue(asked(more(1, 0.2), "Who was it?").chosen().isPresent());
    Weighing refused = asked(more(0.5, 1), "Why not?");
    assertFalse(refused.chosen().isPresent());
    assertTrue(refused.explanation().contains("is wanted"), refused.explanation());
    assertFalse(asked(more(1, 0.05), "Why not?").chosen().isPresent());
    assertTrue(asked(more(1, 0.5), "Why not?").chosen().isPresent());
  }

  @Test
  void thresholdsAreReadFromTheCalibration() {
    var table = new Matrix(AnswerTrees.PERCENT, 2);
    for (int c = 0; c < AnswerTrees.PERCENT; c++) {
      table.values()[2 * c] = 1 - (c + 1) / 100f;
      table.values()[2 * c + 1] = (c + 1) / 200f;
    }
    var its = new AnswerTrees(LEARNED.members(), LEARNED.trees(), true, table);
    assertEquals(0, its.threshold(1, 1));
    assertEquals(0.5, its.threshold(0.5, 1), 1e-6);
    // A risk of .2 is at coverage .4.
    assertEquals(0.6, its.threshold(1, 0.2), 1e-6);
    assertEquals(0.9, its.threshold(0.1, 0.2), 1e-6);
    // No risk is 0: only the surest.
    assertEquals(0.99, its.threshold(1, 0), 1e-6);
    assertEquals(0.71, its.threshold(0.29, 1), 1e-6);
  }

  @Test
  void blankAnswersComeLast() {
    Weighing weighing =
        selector()
            .weigh(
                new Query("What is the sum?"),
                new Candidates(List.of(new Answer("a", 1, " "), new Answer("b", 0.1, "x"))));
    assertEquals(1, weighing.chosen().orElseThrow());
  }

  @Test
  void whatWasFittedIsReadBackAndTheSameDataFitTheSame() {
    Parameters kept = FIT.parameters(LEARNED);
    Selector again = FIT.selector(FIT.read(kept), FEW);
    Selector anew = FIT.selector(FIT.fit(DATA, FEW, new SplittableRandom(1)), FEW);
    for (Row row : DATA.rows().subList(0, 20)) {
      Weighing weighing = selector().weigh(row.query(), row.candidates());
      assertEquals(weighing, again.weigh(row.query(), row.candidates()));
      assertEquals(weighing, anew.weigh(row.query(), row.candidates()));
    }
    assertEquals(List.of("a", "b"), LEARNED.members());
  }

  @Test
  void whatIsNoArtifactOfItIsRefused() {
    Parameters kept = FIT.parameters(LEARNED);
    var other = new Parameters(List.of("a", "b", "c"), kept.matrices());
    var e = assertThrows(IllegalArgumentException.class, () -> FIT.selector(FIT.read(other), FEW));
    assertTrue(e.getMessage().contains("Fit it anew"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> FIT.read(kept.with("calibration", 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> FIT.fit(DATA.at(new int[] {0, 1}), FEW, new SplittableRandom(1)));
  }

  @Test
  void whoWasInterruptedGivesUp() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> FIT.fit(DATA, FEW, new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
