package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MultiLabelEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "multi-label";
  }

  private static final float[][] QUARTER = {
    {0, 1, 0}, {1, 1, 0.5f}, {0, 0, Float.NaN}, {0, 1, 0.25f}
  };

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(
        new MultiLabelEstimator.Settings(0.001, false), new MultiLabelEstimator.Settings());
  }

  @Test
  void whereNothingIsSeenTheConfidenceIsTheShare() {
    MultiLabelEstimator fitted =
        MultiLabelEstimator.fit(
            Recorded.blind(QUARTER), new MultiLabelEstimator.Settings(), new SplittableRandom(1));
    var estimate = fitted.estimate(Recorded.query(0));
    assertArrayEquals(new double[] {0.25, 0.75, 0.25}, estimate.quality(), 1e-3);
    // p (1 - p) of four with two parameters; 1/16 twice of three.
    double half = Math.sqrt(3 / 16.0 * 2 / 4);
    assertArrayEquals(
        new double[] {half, half, Math.sqrt(2 / 16.0 / 3 * 2 / 3)}, estimate.deviation(), 1e-3);
  }

  @Test
  void balancingIsBounded() {
    var quality = new float[20][];
    for (int i = 0; i < 20; i++) {
      // Right in 1/4, 1/10 and 19/20.
      quality[i] = new float[] {i < 5 ? 1 : 0, i < 2 ? 1 : 0, i < 19 ? 1 : 0};
    }
    MultiLabelEstimator fitted =
        MultiLabelEstimator.fit(
            Recorded.blind(quality),
            new MultiLabelEstimator.Settings(0.001, true),
            new SplittableRandom(1));
    // c p / (c p + 1 - p) with c = 3, 9 held to 5, 1/19 held to 1/5.
    assertArrayEquals(
        new double[] {0.5, 0.5 / (0.5 + 0.9), 0.19 / (0.19 + 0.05)},
        fitted.estimate(Recorded.query(0)).quality(),
        1e-3);
  }

  @Test
  void whoIsRightOnOneSideIsConfidentThere() {
    var outcomes =
        Recorded.outcomes(
            List.of("a", "b"),
            new float[][] {{1}, {-1}, {1}, {-1}},
            new float[][] {{1, 0}, {0, 1}, {1, 0}, {0, 1}});
    var estimate =
        MultiLabelEstimator.fit(
                outcomes, new MultiLabelEstimator.Settings(), new SplittableRandom(1))
            .estimate(Recorded.query(1));
    assertTrue(estimate.quality()[0] > 0.9 && estimate.quality()[1] < 0.1);
  }
}
