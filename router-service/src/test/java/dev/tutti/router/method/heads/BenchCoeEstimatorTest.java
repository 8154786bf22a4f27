package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.numerics.Vectors;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BenchCoeEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "bench-coe";
  }

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(new BenchCoeEstimator.Settings(100, 10), new BenchCoeEstimator.Settings());
  }

  /**
   * One number a query, 0, 1 and 5: mean 2, squares 14. Member a: 0.25, 1, 1, of sets s, t, t;
   * member b the other way round and not run on the last.
   */
  @Test
  void fittedByHand() {
    var outcomes =
        Recorded.outcomes(
            List.of("a", "b"),
            new float[][] {{0}, {1}, {5}},
            new float[][] {{0.25f, 1}, {1, 0.5f}, {1, Float.NaN}},
            List.of("s", "t", "t"));
    BenchCoeEstimator fitted =
        BenchCoeEstimator.fit(
            outcomes, new BenchCoeEstimator.Settings(6, 10), new SplittableRandom(1));
    double[] table = {(0.25 + 7.5) / 11, (1 + 7.5) / 11, (2 + 7.5) / 12, (0.5 + 7.5) / 11};
    assertArrayEquals(table, row(fitted, "table"), 1e-6);
    // One-hot targets of s are 1, 0, 0: products -2 (2/3) + 1/3 - 1 = -2, lambda 1.
    double slope = 2 / 15.0;
    assertArrayEquals(
        new double[] {-slope, 1 / 3.0 + 2 * slope, slope, 2 / 3.0 - 2 * slope},
        row(fitted, "subjects"),
        1e-6);
    double s = 0.25 - table[0];
    double t = 1 - table[2];
    double a = (-2 * s - t + 3 * t) / 20;
    double biasA = (s + 2 * t) / 3 - 2 * a;
    // b is known at 0 and 1 only: mean 0.5, squares 0.5.
    double first = 1 - table[1];
    double second = 0.5 - table[3];
    double b = (second - first) / 2 / 6.5;
    double biasB = (first + second) / 2 - b / 2;
    assertArrayEquals(new double[] {a, biasA, b, biasB}, row(fitted, "residual"), 1e-6);
    double left =
        Math.pow(s - biasA, 2) + Math.pow(t - a - biasA, 2) + Math.pow(t - 5 * a - biasA, 2);
    double leftB = Math.pow(first - biasB, 2) + Math.pow(second - b - biasB, 2);
    double[] deviation = {Math.sqrt(left / 3 * 2 / 3), Math.sqrt(leftB / 2 * 2 / 2)};
    assertArrayEquals(deviation, row(fitted, "deviation"), 1e-6);

    // At 3: s 1/3 - slope, t 2/3 + slope.
    double share = 1 / (1 + Math.exp((1 / 3.0 - slope - 2 / 3.0 - slope) / 0.15));
    var estimate = fitted.estimate(Recorded.query(3));
    assertArrayEquals(
        new double[] {
          3 * a + biasA + (1 - share) * table[0] + share * table[2],
          3 * b + biasB + (1 - share) * table[1] + share * table[3]
        },
        estimate.quality(),
        1e-6);
    assertArrayEquals(deviation, estimate.deviation(), 1e-6);
  }

  private static double[] row(BenchCoeEstimator fitted, String name) {
    return Vectors.doubles(fitted.parameters().matrix(name).values());
  }
}
