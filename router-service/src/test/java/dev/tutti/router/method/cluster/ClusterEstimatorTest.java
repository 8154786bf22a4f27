package dev.tutti.router.method.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class ClusterEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "clusters";
  }

  private static final float NAN = Float.NaN;

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(new ClusterEstimator.Settings(50, 3, 0.1, 10), new ClusterEstimator.Settings());
  }

  @Test
  void fittedByHand() {
    // Two kinds; overall means 0.75 and 0.5; b was not run on the second kind.
    var outcomes =
        Recorded.outcomes(
            List.of("a", "b"),
            new float[][] {{1, 0}, {0, 1}, {1, 0.2f}, {0, 0.8f}},
            new float[][] {{1, 0.25f}, {0.5f, NAN}, {0.5f, 0.75f}, {1, NAN}});
    var fitted =
        ClusterEstimator.fit(
            outcomes, new ClusterEstimator.Settings(2, 1, 0.5, 3), new SplittableRandom(1));
    var first = fitted.estimate(Recorded.query(0.9f, 0.1f));
    // Both are of the mean; of two queries and three, or nobody's and one.
    assertArrayEquals(new double[] {0.75, 0.5}, first.quality(), 1e-6);
    assertArrayEquals(
        new double[] {Math.sqrt(3 / 16.0 / 6), Math.sqrt(1 / 4.0 / 6)}, first.deviation(), 1e-6);
    var second = fitted.estimate(Recorded.query(0.1f, 0.9f));
    assertArrayEquals(new double[] {0.75, 0.5}, second.quality(), 1e-6);
    assertEquals(Math.sqrt(1 / 4.0 / 2), second.deviation()[1], 1e-6);
    var centres = fitted.parameters().matrix("centres");
    int right = centres.at(0, 0) > 0.5 ? 0 : 1;
    assertArrayEquals(new float[] {1, 0.1f}, centres.row(right), 1e-6f);
    assertArrayEquals(new float[] {0, 0.9f}, centres.row(1 - right), 1e-6f);
  }

  @Test
  void meansAreDrawnToTheOverallOne() {
    var outcomes =
        Recorded.outcomes(
            List.of("a"),
            new float[][] {{1, 0}, {1, 0.2f}, {1, -0.2f}, {0, 1}},
            new float[][] {{1}, {0.5f}, {1}, {0}});
    // Overall 0.625: (2.5 + 1.25) / 5 and (0 + 1.25) / 3.
    var fitted =
        ClusterEstimator.fit(
            outcomes, new ClusterEstimator.Settings(2, 1, 0.5, 2), new SplittableRandom(1));
    var estimate = fitted.estimate(Recorded.query(1, 0));
    assertEquals(0.75, estimate.quality()[0], 1e-6);
    assertEquals(Math.sqrt(3 / 16.0 / 6), estimate.deviation()[0], 1e-6);
    double q = 1.25 / 3;
    var other = fitted.estimate(Recorded.query(0, 1));
    assertEquals(q, other.quality()[0], 1e-6);
    assertEquals(Math.sqrt(q * (1 - q) / 4), other.deviation()[0], 1e-6);
  }

  private static ClusterEstimator written(int nearest) {
    return new ClusterEstimator(
        Recorded.parameters("a", "b")
            .with("centres", new Matrix(4, 2, new float[] {0, 0, 2, 0, 0, 3, -1, 0}))
            .with("table", new Matrix(4, 2, new float[] {9, 9, 0.2f, 0.9f, 0.6f, 0.5f, 1, 1}))
            .with("deviation", new Matrix(4, 2, new float[] {9, 9, 0.1f, 0.2f, 0.3f, 0.4f, 8, 8}))
            .with("nearest", nearest)
            .with("temperature", 0.5));
  }

  @Test
  void theNearestClustersAreMixedByCosine() {
    // Cosines 0, 0.6, 0.8 and -0.6: third and second, e^1.6 to e^1.2.
    double third = 1 / (1 + Math.exp(-0.4));
    var mixed = written(2).estimate(Recorded.query(0.6f, 0.8f));
    assertArrayEquals(
        new double[] {0.6 * third + 0.2 * (1 - third), 0.5 * third + 0.9 * (1 - third)},
        mixed.quality(),
        1e-6);
    assertArrayEquals(new double[] {0.3, 0.4}, mixed.deviation(), 1e-6);
    // Alone by distance, not by cosine: the centre at 0 is as near as any.
    var alone = written(1).estimate(Recorded.query(0.6f, 0.8f));
    assertArrayEquals(new double[] {9, 9}, alone.quality(), 1e-6);
    assertArrayEquals(new double[] {9, 9}, alone.deviation(), 1e-6);
  }

  @Test
  void whoWasInterruptedGivesUp() {
    var outcomes = Recorded.blind(new float[] {1, 0}, new float[] {0, 1});
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class,
          () ->
              ClusterEstimator.fit(
                  outcomes, new ClusterEstimator.Settings(), new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
