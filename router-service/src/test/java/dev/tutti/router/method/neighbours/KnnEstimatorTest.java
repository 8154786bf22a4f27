package dev.tutti.router.method.neighbours;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import dev.tutti.router.fit.Outcomes;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KnnEstimatorTest extends FittedMethodContract {

  private static final Outcomes OUTCOMES =
      Recorded.outcomes(
          List.of("a", "b"),
          new float[][] {{1, 0}, {0.8f, 0.6f}, {0, 1}, {-1, 0}},
          new float[][] {{1, 0}, {0, Float.NaN}, {0, 1}, {1, 1}});

  @Override
  protected String name() {
    return "knn";
  }

  private static KnnEstimator knn(int k, double shrinkage) {
    return KnnEstimator.fit(
        OUTCOMES, new KnnEstimator.Settings(k, 0, shrinkage), new SplittableRandom(1));
  }

  @Test
  void neighboursByHand() {
    // Cosines to (0.6, 0.8): 0.6, 0.96, 0.8, -0.6. The nearest two: rows 1 and 2.
    var query = Recorded.query(0.6f, 0.8f);
    assertArrayEquals(new double[] {0, 1}, knn(2, 0).estimate(query).quality(), 1e-9);
    assertArrayEquals(new double[] {1 / 3.0, 0.5}, knn(3, 0).estimate(query).quality(), 1e-9);
    // Means 0.5 and 2/3, with the weight of two queries: (1 + 1) / 5 and (1 + 4/3) / 4.
    var shrunk = knn(3, 2).estimate(query);
    assertArrayEquals(new double[] {0.4, 7 / 12.0}, shrunk.quality(), 1e-7);
    // sqrt(0.4 * 0.6 / 6) and sqrt(7/12 * 5/12 / 5).
    assertArrayEquals(new double[] {0.2, 0.220479}, shrunk.deviation(), 1e-6);
    // More than there are: all.
    assertArrayEquals(new double[] {0.5, 2 / 3.0}, knn(99, 0).estimate(query).quality(), 1e-7);
    // Weights by cosine, row 1 (.96): 1, row 2 (.8): exp(-1.6) = 0.201897, row 0 (.6): exp(-3.6).
    var weighted =
        KnnEstimator.fit(OUTCOMES, new KnnEstimator.Settings(3, 0.1, 0), new SplittableRandom(1));
    assertArrayEquals(
        new double[] {0.027324 / 1.229221, 0.201897 / 0.229221},
        weighted.estimate(query).quality(),
        1e-5);
    // Nobody ran b on row 1: its mean.
    assertArrayEquals(new double[] {0, 2 / 3.0}, knn(1, 0).estimate(query).quality(), 1e-7);
  }

  @Test
  void neighboursThatAgreeAreNoCertainty() {
    // Rows 1 and 2: a 0 of 2, hence 1/4, sqrt(3/16 / 5); b 1 of 1, hence 2/3, sqrt(2/9 / 4).
    assertArrayEquals(
        new double[] {Math.sqrt(3 / 80.0), Math.sqrt(1 / 18.0)},
        knn(2, 0).estimate(Recorded.query(0.6f, 0.8f)).deviation(),
        1e-9);
  }
}
