package dev.tutti.router;

import dev.tutti.router.fit.Matrix;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.estimate.EstimatedRouter;
import dev.tutti.router.method.neighbours.KnnEstimator;
import dev.tutti.router.method.numeric.NeighbourIndex;
import dev.tutti.router.method.numeric.RecordedNeighbours;
import dev.tutti.router.method.selection.QualityMinusCost;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a decision costs beside its embedding, with 100,000 recorded neighbours: {@code ./mvnw -pl
 * router-service -am test -Pbenchmark}. Medians over single decisions; JMH's loops would keep a
 * query's lists in the cache, which no real query finds there.
 */
@Tag("benchmark")
class NeighbourBenchmark {

  private static final int ROWS = 100_000;
  private static final int DIMENSIONS = 384;
  private static final int QUERIES = 2000;
  private static final int K = 40;

  /** The index compares in floats. */
  private static final double ROUNDING = 1e-6;

  @Test
  void decisionsWithAHundredThousandNeighbours() {
    Matrix all = RecordedNeighbours.like(ROWS + QUERIES, DIMENSIONS, 1);
    Matrix rows = new Matrix(ROWS, DIMENSIONS, Arrays.copyOf(all.values(), ROWS * DIMENSIONS));
    var index = new NeighbourIndex(rows);
    int found = 0;
    for (int q = 0; q < 200; q++) {
      float[] query = all.row(ROWS + q);
      double[] sorted =
          IntStream.range(0, ROWS).mapToDouble(i -> rows.dot(i, query)).sorted().toArray();
      double least = sorted[ROWS - K];
      found +=
          (int)
              Arrays.stream(index.search(query, K).similarities())
                  .filter(s -> s >= least - ROUNDING)
                  .count();
    }
    var random = new SplittableRandom(2);
    var quality = new Matrix(ROWS, 4);
    for (int i = 0; i < quality.values().length; i++) {
      quality.values()[i] = random.nextInt(2);
    }
    var outcomes =
        new Outcomes(
            List.of("a", "b", "c", "d"),
            rows,
            new Matrix(0, 0),
            quality,
            new Matrix(0, 0),
            Collections.nCopies(ROWS, ""));
    var router =
        new EstimatedRouter(
            KnnEstimator.fit(outcomes, new KnnEstimator.Settings(K, 0.1, 0), random),
            new QualityMinusCost(1));
    var pool =
        new Pool(
            List.of(
                new Pool.Member("a", 1, 0.01, 1),
                new Pool.Member("b", 1, 0.02, 1),
                new Pool.Member("c", 1, 0.03, 1),
                new Pool.Member("d", 1, 0.04, 1)));
    double[] search = new double[QUERIES];
    double[] route = new double[QUERIES];
    for (int round = 0; round < 5; round++) {
      for (int q = 0; q < QUERIES; q++) {
        Query query = Recorded.query(all.row(ROWS + q));
        long start = System.nanoTime();
        index.search(query.embedding(), K);
        search[q] = (System.nanoTime() - start) / 1e3;
      }
      // In a loop of its own: a search just before would leave the query's lists in the cache.
      for (int q = 0; q < QUERIES; q++) {
        Query query = Recorded.query(all.row(ROWS + q));
        long start = System.nanoTime();
        router.route(query, pool, random);
        route[q] = (System.nanoTime() - start) / 1e3;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "| rows | k | recall | search, us (median, 90 %%) | decision, us (median, 90 %%) |%n"
            + "|---|---|---|---|---|%n| %d | %d | %.3f | %.0f, %.0f | %.0f, %.0f |%n",
        ROWS,
        K,
        found / (200.0 * K),
        quantile(search, 0.5),
        quantile(search, 0.9),
        quantile(route, 0.5),
        quantile(route, 0.9));
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (share * (sorted.length - 1))];
  }
}
