package dev.tutti.router.method.contrastive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import org.junit.jupiter.api.Test;

class RouterDcEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "router-dc";
  }

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(
        new RouterDcEstimator.Settings(48, 3, 0.1, 1, 8, 1000, 2e-3, 0.3),
        new RouterDcEstimator.Settings());
  }

  @Test
  void estimatedByHand() {
    // P x = (0.6, 0.8); cosines 1 and 0.6 and, of nobody's direction, 0.
    var estimator =
        new RouterDcEstimator(
            Recorded.parameters("a", "b", "c")
                .with("projection", new Matrix(2, 2, new float[] {1, 0, 0, 2}))
                .with("members", new Matrix(3, 2, new float[] {3, 4, 2, 0, 0, 0}))
                .with("temperature", 0.5));
    assertArrayEquals(
        Vectors.softmax(new double[] {2, 1.2, 0}, 1),
        estimator.estimate(Recorded.query(0.6f, 0.4f)).quality(),
        1e-6);
  }
}
