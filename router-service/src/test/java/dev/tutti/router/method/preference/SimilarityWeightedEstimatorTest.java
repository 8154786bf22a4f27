package dev.tutti.router.method.preference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

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
}
