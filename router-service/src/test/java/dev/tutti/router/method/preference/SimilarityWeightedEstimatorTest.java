package dev.tutti.router.method.preference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.router.Estimate;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimilarityWeightedEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "similarity-weighted";
  }

  @Test
  void whereNothingIsSimilarAllBattlesCountAlike() {
    var outcomes =
        Recorded.outcomes(
            List.of("a", "b"),
            new float[][] {{-1, 0}, {-0.6f, 0.8f}, {-0.6f, -0.8f}},
            new float[][] {{1, 0}, {0, 1}, {0.5f, 0.5f}});
    var estimator =
        SimilarityWeightedEstimator.fit(
            outcomes, new SimilarityWeightedEstimator.Settings(3, 1), new SplittableRandom(1));
    assertArrayEquals(
        new double[] {0.5, 0.5}, estimator.estimate(Recorded.query(1, 0)).quality(), 1e-9);
  }

  private static final float NAN = Float.NaN;

  /**
   * {@code ln(q_a / q_b)} over ln 10 is the difference of two coefficients c and -c: of wins a of
   * both it obeys {@code wins = both / (1 + 10^-2c) + c / ln 10}.
   */
  private static void assertBattles(double wins, double both, Estimate estimate) {
    double[] q = estimate.quality();
    double c = Math.log10(q[0] / q[1]) / 2;
    assertEquals(wins, both / (1 + Math.pow(10, -2 * c)) + c / Math.log(10), 1e-6);
  }

  private static Estimate estimate(int neighbours, double sharpness) {
    // Products with (0.5, 0): 0.5, 0.3, 0, -0.3. a wins, b wins, a tie, b not run.
    var outcomes =
        Recorded.outcomes(
            List.of("a", "b"),
            new float[][] {{1, 0}, {0.6f, 0.8f}, {0, 1}, {-0.6f, 0.8f}},
            new float[][] {{1, 0.5f}, {0, 1}, {0.5f, 0.5f}, {1, NAN}});
    return SimilarityWeightedEstimator.fit(
            outcomes,
            new SimilarityWeightedEstimator.Settings(neighbours, sharpness),
            new SplittableRandom(1))
        .estimate(Recorded.query(0.5f, 0));
  }

  @Test
  void similarBattlesCountMore() {
    assertBattles(1, 1, estimate(1, 1));
    // 10 and 10^0.6, of a mean weight of 1.
    double second = Math.pow(10, 0.6);
    double scale = 2 / (10 + second);
    assertBattles(10 * scale, 2, estimate(2, 1));
    // A tie of weight 1.
    scale = 3 / (10 + second + 1);
    assertBattles((10 + 0.5) * scale, 3, estimate(3, 1));
    // One that nobody fought weighs 10^-0.6 all the same.
    double last = Math.pow(10, -0.6);
    scale = 4 / (10 + second + 1 + last);
    assertBattles((10 + 0.5) * scale, 4 - last * scale, estimate(4, 1));
    // Sharper: 10 and 10^-0.2 of two; not at all: as many.
    scale = 2 / (10 + Math.pow(10, -0.2));
    assertBattles(10 * scale, 2, estimate(2, 3));
    assertBattles(1, 2, estimate(2, 0));
  }
}
