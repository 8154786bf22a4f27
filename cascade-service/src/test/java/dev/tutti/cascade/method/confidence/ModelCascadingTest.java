package dev.tutti.cascade.method.confidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeContract;
import dev.tutti.cascade.DeferralRule;
import dev.tutti.cascade.Verdict;
import dev.tutti.cascade.method.confidence.ModelCascading.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.settings.SettingsException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ModelCascadingTest extends CascadeContract {

  @Override
  protected DeferralRule rule(int members) {
    return rule(0.5);
  }

  private static ModelCascading rule(Double... thresholds) {
    return new ModelCascading(new Settings(Confidence.MAXPROB, List.of(thresholds)));
  }

  /** An answer to which the model gave this probability. */
  private static Answered sure(double probability) {
    return answered("x", Math.log(probability));
  }

  private static Verdict decide(DeferralRule rule, int members, Stage... stages) {
    return rule.decide(episode(members, List.of(stages), stages.length == members));
  }

  private static int accepted(Verdict verdict) {
    return assertInstanceOf(Verdict.Accept.class, verdict).stage();
  }

  @Test
  void theFirstOneThatReachesItsThresholdIsTaken() {
    ModelCascading rule = rule(0.9, 0.6);
    assertEquals(0, accepted(decide(rule, 3, sure(0.91))));
    Verdict.Defer defer = assertInstanceOf(Verdict.Defer.class, decide(rule, 3, sure(0.7)));
    assertEquals(0.7, defer.confidence().getAsDouble(), 1e-12);
    assertEquals("maxprob 0.700 < threshold 0.900.", defer.explanation());
    assertEquals(1, accepted(decide(rule, 3, sure(0.7), sure(0.7))));
    assertInstanceOf(Verdict.Defer.class, decide(rule, 3, sure(0.7), sure(0.5)));
    assertEquals(2, accepted(decide(rule, 3, sure(0.7), sure(0.5), sure(0.01))));
  }

  @Test
  void aConfidenceEqualToTheThresholdIsEnough() {
    assertEquals(0, accepted(decide(rule(1.0), 2, answered("x", 0))));
    assertEquals(0, accepted(decide(rule(0.0), 2, answered("x", Double.NEGATIVE_INFINITY))));
  }

  @Test
  void oneThresholdHoldsForAll() {
    assertInstanceOf(Verdict.Defer.class, decide(rule(0.8), 3, sure(0.1), sure(0.79)));
    assertEquals(1, accepted(decide(rule(0.8), 3, sure(0.1), sure(0.81))));
  }

  @Test
  void theLastAnswersEvenWithoutSignals() {
    assertEquals(
        1,
        accepted(decide(rule(0.9), 2, sure(0.89), new Answered(ASKED, "x", AnswerSignals.NONE))));
    assertEquals(1, accepted(decide(rule(0.9), 2, new Failed(ASKED), sure(0.1))));
  }

  @Test
  void whereTheLastFailsTheMostConfidentAnswerStands() {
    ModelCascading rule = rule(0.9);
    Verdict verdict = decide(rule, 3, sure(0.7), sure(0.2), new Failed(ASKED));
    assertEquals(0, accepted(verdict));
    assertTrue(verdict.confidence().isEmpty(), "the latest stage failed");
    assertEquals(1, accepted(decide(rule, 3, sure(0.5), sure(0.5), new Failed(ASKED))), "a tie");
    Answered unknown = new Answered(ASKED, "x", AnswerSignals.NONE);
    assertEquals(0, accepted(decide(rule, 3, sure(0.01), unknown, new Failed(ASKED))));
    assertEquals(0, accepted(decide(rule, 3, unknown, new Failed(ASKED), new Failed(ASKED))));
  }

  @Test
  void whereTheBudgetEndsTheMostConfidentAnswerStands() {
    ModelCascading rule = rule(0.9);
    Episode ended = episode(3, List.of(sure(0.7), sure(0.2)), true);
    assertEquals(0, accepted(rule.decide(ended)));
    Episode good = episode(3, List.of(sure(0.7), sure(0.95)), true);
    assertEquals(1, accepted(rule.decide(good)));
  }

  @Test
  void nothingToAcceptIsAFault() {
    Episode failed = episode(1, List.of(new Failed(ASKED)), true);
    assertThrows(IllegalArgumentException.class, () -> rule(0.5).decide(failed));
  }

  @Test
  void onlyTheLastMayBeGivenWhileItIsWritten() {
    ModelCascading rule = rule(0.9);
    assertFalse(rule.acceptsNext(episode(2, List.of(), false)));
    assertTrue(rule.acceptsNext(episode(2, List.of(sure(0.1)), false)));
    assertTrue(rule.acceptsNext(episode(1, List.of(), false)));
    assertTrue(rule(0.0).acceptsNext(episode(2, List.of(), false)), "no answer is below 0");
  }

  @Test
  void thresholdsFitTheMembers() {
    Settings two = new Settings(Confidence.DTU, List.of(0.5, 0.5));
    two.requireFit(3);
    SettingsException e = assertThrows(SettingsException.class, () -> two.requireFit(2));
    assertEquals("thresholds", e.setting());
    assertThrows(SettingsException.class, () -> two.requireFit(4));
    Settings one = new Settings(Confidence.DTU, List.of(0.5));
    for (int members = 1; members <= 5; members++) {
      one.requireFit(members);
    }
    Settings none = new Settings(Confidence.DTU, List.of());
    none.requireFit(1);
    assertThrows(SettingsException.class, () -> none.requireFit(2));
    assertEquals(0, accepted(decide(new ModelCascading(none), 1, sure(0.1))));
  }

  /** Runs a whole cascade over confidences that are known beforehand. */
  private static int run(DeferralRule rule, List<Double> confidences) {
    var stages = new ArrayList<Stage>();
    for (double confidence : confidences) {
      stages.add(sure(confidence));
      boolean all = stages.size() == confidences.size();
      if (rule.decide(episode(confidences.size(), stages, all)) instanceof Verdict.Accept accept) {
        return accept.stage();
      }
    }
    throw new AssertionError("no answer");
  }

  @Property
  void aHigherThresholdNeverAcceptsEarlier(
      @ForAll @Size(min = 1, max = 6) List<@DoubleRange(max = 1) Double> confidences,
      @ForAll @DoubleRange(max = 1) double one,
      @ForAll @DoubleRange(max = 1) double other) {
    int early = run(rule(Math.min(one, other)), confidences);
    int late = run(rule(Math.max(one, other)), confidences);
    assertTrue(early <= late, early + " > " + late);
  }

  @Property
  void zeroTakesTheFirst(
      @ForAll @Size(min = 1, max = 6) List<@DoubleRange(max = 1) Double> confidences) {
    assertEquals(0, run(rule(0.0), confidences));
  }

  @Property
  void theOneTakenIsTheFirstThatReachesItsThreshold(
      @ForAll @Size(3) List<@DoubleRange(max = 1) Double> confidences,
      @ForAll @Size(2) List<@DoubleRange(max = 1) Double> thresholds) {
    int expected =
        IntStream.of(0, 1)
            .filter(j -> Math.exp(Math.log(confidences.get(j))) >= thresholds.get(j))
            .findFirst()
            .orElse(2);
    assertEquals(expected, run(rule(thresholds.toArray(Double[]::new)), confidences));
  }

  @Test
  void whyAnAnswerIsNotTakenIsTold() {
    assertEquals(
        "Its answer lacks the signal for maxprob.",
        decide(rule(0.9), 2, new Answered(ASKED, "x", AnswerSignals.NONE)).explanation());
    assertEquals("It failed.", decide(rule(0.9), 2, new Failed(ASKED)).explanation());
    Settings two = new Settings(Confidence.DTU, List.of(0.5, 0.5));
    SettingsException e = assertThrows(SettingsException.class, () -> two.requireFit(5));
    assertTrue(
        e.getMessage().contains("2 entries; 5 members take one for each but the last (4)"),
        e.getMessage());
  }
}
