package dev.tutti.router.method.neighbours;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(new KnnEstimator.Settings(150, 0.1, 0), new KnnEstimator.Settings());
  }

  @Test
  void whereWeightsDifferFewerNeighboursCount() {
    // Cosines to (0.6, 0.8): row 1 0.96, row 2 0.8, row 0 0.6.
    var query = Recorded.query(0.6f, 0.8f);
    double w2 = Math.exp(-0.16 / 0.2);
    double w0 = Math.exp(-0.36 / 0.2);
    double total = 1 + w2 + w0;
    double seen = total * total / (1 + w2 * w2 + w0 * w0);
    double q = (seen * w0 / total + 2 * 0.5) / (seen + 2);
    var shrunk =
        KnnEstimator.fit(OUTCOMES, new KnnEstimator.Settings(3, 0.2, 2), new SplittableRandom(1))
            .estimate(query);
    assertEquals(q, shrunk.quality()[0], 1e-6);
    assertEquals(Math.sqrt(q * (1 - q) / (seen + 3)), shrunk.deviation()[0], 1e-6);
    var plain =
        KnnEstimator.fit(OUTCOMES, new KnnEstimator.Settings(3, 0.2, 0), new SplittableRandom(1))
            .estimate(query);
    double smooth = (w0 / total * seen + 1) / (seen + 2);
    assertEquals(Math.sqrt(smooth * (1 - smooth) / (seen + 3)), plain.deviation()[0], 1e-6);
  }

  @Test
  void whoNobodyRanHereIsEstimatedAsOneQuery() {
    // b on row 1 alone: its mean, 2/3, of one query.
    var estimate = knn(1, 0).estimate(Recorded.query(0.8f, 0.6f));
    double smooth = (2 / 3.0 + 1) / 3;
    assertEquals(Math.sqrt(smooth * (1 - smooth) / 4), estimate.deviation()[1], 1e-7);
    var shrunk = knn(1, 5).estimate(Recorded.query(0.8f, 0.6f));
    assertEquals(2 / 3.0, shrunk.quality()[1], 1e-7);
    assertEquals(Math.sqrt(2 / 9.0 / 2), shrunk.deviation()[1], 1e-7);
  }

  @Test
  void agreementWithTheMeanIsNoCertaintyEither() {
    var sure =
        Recorded.outcomes(
            List.of("a", "b"), new float[][] {{1, 0}, {0, 1}}, new float[][] {{0, 1}, {0, 1}});
    var estimate =
        KnnEstimator.fit(sure, new KnnEstimator.Settings(2, 0, 3), new SplittableRandom(1))
            .estimate(Recorded.query(1, 0));
    assertArrayEquals(new double[] {0, 1}, estimate.quality(), 0);
    // Five queries and Laplace's two.
    double deviation = Math.sqrt(1 / 7.0 * 6 / 7 / 8);
    assertArrayEquals(new double[] {deviation, deviation}, estimate.deviation(), 1e-12);
  }

  @Test
  void aShareIsSmoothedByTwoVotes() {
    assertEquals(Math.sqrt(0.3125 * 0.6875 / 9), Smoothed.deviation(0.25, 6), 1e-15);
  }
}
