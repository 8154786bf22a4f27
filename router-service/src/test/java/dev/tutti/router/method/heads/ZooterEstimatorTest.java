package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ZooterEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "zooter";
  }

  @Test
  void theDefaultsAreThePapers() {
    assertEquals(new ZooterEstimator.Settings(0.3, 1, 1e-4), new ZooterEstimator.Settings());
  }

  @Test
  void labelsAreMixedWithTheirTags() {
    double[][] own = {{0.8, 0.2}, {0.4, 0.6}, {0.5, 0.5}, {0.1, 0.9}};
    double[][] enhanced = ZooterEstimator.enhanced(own, List.of("x", "x", "", "y"), 0.25);
    // The mean of tag x is 0.6 and 0.4; y has one query only, the third no tag.
    assertArrayEquals(new double[] {0.65, 0.35}, enhanced[0], 1e-12);
    assertArrayEquals(new double[] {0.55, 0.45}, enhanced[1], 1e-12);
    assertArrayEquals(new double[] {0.5, 0.5}, enhanced[2], 1e-12);
    assertArrayEquals(new double[] {0.1, 0.9}, enhanced[3], 1e-12);
    assertArrayEquals(
        new double[] {0.8, 0.2},
        ZooterEstimator.enhanced(own, List.of("", "", "", ""), 0.25)[0],
        1e-12);
  }

  @Test
  void whereNothingIsSeenTheMeanLabelIsLearned() {
    // At temperature 2: 3 to 1 and 1 to 1; the last, on which b was not run, teaches nothing.
    float reward = (float) (2 * Math.log(3));
    ZooterEstimator fitted =
        ZooterEstimator.fit(
            Recorded.blind(new float[] {reward, 0}, new float[] {1, 1}, new float[] {0, Float.NaN}),
            new ZooterEstimator.Settings(0.3, 2, 1e-4),
            new SplittableRandom(1));
    assertArrayEquals(
        new double[] {0.625, 0.375}, fitted.estimate(Recorded.query(0)).quality(), 1e-3);
  }

  @Test
  void withinATagOnlyTheOwnShareTellsQueriesApart() {
    assertEquals(0, learned(0, "t", "t"), 1e-4);
    double alone = learned(0, "t", "u");
    assertTrue(alone > 0.2, "a tag each: " + alone);
    assertEquals(alone, learned(1, "t", "t"), 1e-9);
    assertEquals(alone, learned(0, "", ""), 1e-9);
    double half = learned(0.5, "t", "t");
    assertTrue(half > 0.05 && half < alone - 0.05, half + " of " + alone);
  }

  /** By how much member a is preferred more at 1, where it earned more, than at -1. */
  private static double learned(double beta, String first, String second) {
    var outcomes =
        Recorded.outcomes(
            List.of("a", "b"),
            new float[][] {{1}, {-1}},
            new float[][] {{1, 0}, {0, 0.5f}},
            List.of(first, second));
    var fitted =
        ZooterEstimator.fit(
            outcomes, new ZooterEstimator.Settings(beta, 1, 1e-4), new SplittableRandom(1));
    return fitted.estimate(Recorded.query(1)).quality()[0]
        - fitted.estimate(Recorded.query(-1)).quality()[0];
  }
}
