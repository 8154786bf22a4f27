package dev.tutti.cascade.method.calibrated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.cascade.method.calibrated.CalibratedCascading.Settings;
import dev.tutti.cascade.method.calibrated.CalibratedMembers.Curve;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.tuning.StageThresholds;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.numerics.calibration.Logistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibratedCascadingTest extends PolicyContract {

  private static final float ALL = StageThresholds.ALWAYS;
  private static final float OUT = StageThresholds.LEFT_OUT;

  /** Members may be left out, and the artifact may not know some; there is always an answer. */
  @Override
  protected Policy policy(int members, Random random) {
    int known = 1 + random.nextInt(members);
    var values = new float[2 * known];
    for (int m = 0; m < known; m++) {
      values[m] = random.nextInt(3) == 0 ? OUT : random.nextFloat();
      values[known + m] = ALL;
    }
    return policy(new Random(random.nextInt()).ints(known, 0, 2).toArray(), values);
  }

  /**
   * A policy of one point.
   *
   * @param falling 1 where the member's confidence is worse than chance
   */
  private static CalibratedCascading policy(int[] falling, float... values) {
    List<Curve> curves =
        Arrays.stream(falling)
            .mapToObj(f -> new Curve(-9, 9, new Logistic(0, f == 1 ? -1 : 1, .1)))
            .toList();
    return new CalibratedCascading(
        Settings.DEFAULTS,
        new CalibratedMembers(
            IntStream.range(0, falling.length).mapToObj(m -> "m" + m).toList(),
            Confidence.MAXPROB,
            Scale.TWO_SIDED,
            curves,
            new TunedPoints(List.of(new TunedPoints.Point(1, .5, values)), 0)));
  }

  private static List<Stage> said(double... probabilities) {
    var stages = new ArrayList<Stage>();
    for (int m = 0; m < probabilities.length; m++) {
      Asked asked = new Asked(m, 0, m, m + 1, "");
      stages.add(
          Double.isNaN(probabilities[m])
              ? new Failed(asked)
              : says(asked, "x", Math.log(probabilities[m])));
    }
    return stages;
  }

  private static Policy.Step next(Policy policy, int members, double... probabilities) {
    return policy.next(episode(members, said(probabilities), false));
  }

  private static int asked(Policy.Step step) {
    return assertInstanceOf(Policy.Ask.class, step).calls().getFirst().member();
  }

  private static int accepted(Policy.Step step) {
    return assertInstanceOf(Policy.Accept.class, step).stage();
  }

  /** At probability .9 the stretched one is ln 5, and the calibrated one 5/6; at .1, 1/6. */
  @Test
  void whatIsProbablyRightIsTaken() {
    CalibratedCascading policy = policy(new int[] {0, 0}, .8f, ALL, ALL, ALL);
    assertEquals(0, asked(next(policy, 2)));
    Policy.Step step = next(policy, 2, .9);
    assertEquals(0, accepted(step));
    assertEquals(5.0 / 6, step.confidence().orElseThrow(), 1e-6);
    assertEquals("calibrated confidence 0.833 > threshold 0.8.", step.explanation());
    step = next(policy, 2, .1);
    assertEquals(1, asked(step));
    assertEquals(1.0 / 6, step.confidence().orElseThrow(), 1e-6);
    assertEquals("calibrated confidence 0.167 <= threshold 0.8.", step.explanation());
    assertEquals(1, accepted(next(policy, 2, .1, .1)));
  }

  @Test
  void aConfidenceThatIsWorseThanChanceIsTurned() {
    CalibratedCascading policy = policy(new int[] {1, 0}, .8f, ALL, ALL, ALL);
    assertEquals(1, asked(next(policy, 2, .9)));
    assertEquals(0, accepted(next(policy, 2, .1)));
  }

  @Test
  void aConfidenceThatEqualsTheThresholdDoesNotExceedIt() {
    float same =
        (float)
            policy(new int[] {0}, ALL, ALL)
                .next(episode(1, said(.9), false))
                .confidence()
                .orElseThrow();
    assertEquals(1, asked(next(policy(new int[] {0, 0}, same, ALL, ALL, ALL), 2, .9)));
    assertEquals(
        0, accepted(next(policy(new int[] {0, 0}, Math.nextDown(same), ALL, ALL, ALL), 2, .9)));
  }

  @Test
  void whoIsLeftOutIsAskedOnlyWhereAllOthersFail() {
    CalibratedCascading policy = policy(new int[] {0, 0, 0}, OUT, .8f, ALL, ALL, ALL, ALL);
    List<Stage> stages = new ArrayList<>();
    assertEquals(1, asked(policy.next(episode(4, stages, false))));
    stages.add(new Failed(new Asked(0, 0, 1, 1, "")));
    assertEquals(2, asked(policy.next(episode(4, stages, false))));
    stages.add(new Failed(new Asked(1, 0, 2, 2, "")));
    assertEquals(0, asked(policy.next(episode(4, stages, false))));
    stages.add(new Failed(new Asked(2, 0, 0, 3, "")));
    var ask = assertInstanceOf(Policy.Ask.class, policy.next(episode(4, stages, false)));
    assertEquals(3, ask.calls().getFirst().member(), "nobody learned about it");
    assertTrue(ask.live());
    stages.add(says(new Asked(3, 0, 3, 4, ""), "x", -9));
    assertEquals(3, accepted(policy.next(episode(4, stages, false))));
  }

  @Test
  void aChainEndsWithWhoAlwaysAnswers() {
    CalibratedCascading policy = policy(new int[] {0, 0, 0}, .8f, ALL, OUT, ALL, ALL, ALL);
    var ask = assertInstanceOf(Policy.Ask.class, next(policy, 3, .1));
    assertTrue(ask.live());
    assertEquals(1, accepted(next(policy, 3, .1, .01)));
    assertFalse(assertInstanceOf(Policy.Ask.class, next(policy, 3)).live());
  }

  @Test
  void ofAnEnsembleThatLacksTheLastTheLastThereIsAnswers() {
    CalibratedCascading policy = policy(new int[] {0, 0, 0}, .9f, .9f, ALL, ALL, ALL, ALL);
    assertEquals(1, accepted(next(policy, 2, .1, .1)));
  }

  @Test
  void answersWithoutTheSignalAreRejectedWhileThereIsSomebodyToAsk() {
    CalibratedCascading policy = policy(new int[] {0, 0}, 0, ALL, ALL, ALL);
    Stage silent = new Answered(new Asked(0, 0, 0, 1, ""), "x", AnswerSignals.NONE);
    Policy.Step step = policy.next(episode(2, List.of(silent), false));
    assertEquals(1, asked(step));
    assertEquals("Its answer lacks the signal that confidence is read from.", step.explanation());
    assertEquals(0, accepted(policy.next(episode(2, List.of(silent), true))));
  }

  @Test
  void whereNobodyElseCanAnswerTheMostConfidentAnswerStands() {
    CalibratedCascading policy = policy(new int[] {0, 0, 0}, .99f, .99f, ALL, ALL, ALL, ALL);
    assertEquals(0, accepted(next(policy, 3, .7, .6, Double.NaN)));
    assertEquals(1, accepted(next(policy, 3, .7, .7, Double.NaN)));
    assertEquals(0, accepted(policy.next(episode(3, said(.7, .6), true))));
  }

  /** Up to .2 at the first, up to .3 at the last no answer is given: .1 is calibrated to 1/6. */
  @Test
  void whereNoAnswerIsCheaperNoneIsGiven() {
    CalibratedCascading policy = policy(new int[] {0, 0}, .8f, ALL, .2f, .3f);
    Policy.Step step = next(policy, 2, .1);
    assertInstanceOf(Policy.Abstain.class, step);
    assertEquals(
        "calibrated confidence 0.167 <= threshold 0.2. No answer is given.", step.explanation());
    assertEquals(1, asked(next(policy, 2, .5)));
    assertFalse(assertInstanceOf(Policy.Ask.class, next(policy, 2, .5)).live());
    assertInstanceOf(Policy.Abstain.class, next(policy, 2, .5, .1));
    assertEquals(1, accepted(next(policy, 2, .5, .5)));
  }

  /** The cheap point takes everything that the first member says, the dear one nothing. */
  @Test
  void theBudgetSaysWhichPointAnswers() {
    CalibratedMembers learned =
        new CalibratedMembers(
            List.of("m0", "m1"),
            Confidence.MAXPROB,
            Scale.ONE_SIDED,
            List.of(new Curve(0, 1, new Logistic(0, 1, 1)), new Curve(0, 1, new Logistic(0, 1, 1))),
            new TunedPoints(
                List.of(
                    new TunedPoints.Point(1, .5, new float[] {ALL, ALL, ALL, ALL}),
                    new TunedPoints.Point(9, .7, new float[] {1, ALL, ALL, ALL})),
                0));
    for (double budget : new double[] {0, 1, 8.9}) {
      var policy = new CalibratedCascading(new Settings("a", budget), learned);
      assertEquals(0, accepted(next(policy, 2, .99)), () -> "within " + budget);
    }
    var policy = new CalibratedCascading(new Settings("a", 9), learned);
    assertEquals(1, asked(next(policy, 2, .99)));
  }

  @Test
  void whatIsInfiniteIsTheMostThatWasLearnedFrom() {
    Curve curve = new Curve(-2, 3, new Logistic(0, 1, 1));
    assertEquals(1 / (1 + Math.exp(-3)), curve.of(Double.POSITIVE_INFINITY), 1e-6);
    assertEquals(1 / (1 + Math.exp(2)), curve.of(Double.NEGATIVE_INFINITY), 1e-6);
    assertEquals(1 / (1 + Math.exp(-5)), curve.of(5), 1e-6);
  }

  /** Of those that the point asks. */
  @Test
  @Override
  protected void timeIsLeftForThoseThatMayBeAskedYet() {
    Run run = run(policy(new int[] {0, 0, 0}, .5f, .5f, ALL, ALL, ALL, ALL), 3, Failed::new, 99);
    assertEquals(List.of(3, 2, 1), run.asks().stream().map(Policy.Ask::turns).toList());
  }

  /** Of five members a point asks two: each has a share of the time among those two. */
  @Test
  void whoIsLeftOutTakesNoTimeFromTheChain() {
    float out = StageThresholds.LEFT_OUT;
    CalibratedCascading policy =
        policy(new int[] {0, 0, 0, 0, 0}, .8f, out, out, ALL, out, ALL, ALL, ALL, ALL, ALL);
    Policy.Ask first = assertInstanceOf(Policy.Ask.class, next(policy, 5));
    assertEquals(2, first.turns());
    Policy.Ask second = assertInstanceOf(Policy.Ask.class, next(policy, 5, .1));
    assertEquals(3, second.calls().getFirst().member());
    assertEquals(1, second.turns());
  }
}
