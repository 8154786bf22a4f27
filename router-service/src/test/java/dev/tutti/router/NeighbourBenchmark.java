package dev.tutti.router;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.RecordedNeighbours;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.estimate.EstimatedRouter;
import dev.tutti.router.method.neighbours.KnnEstimator;
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

  @Test
  void decisionsWithAHundredThousandNeighbours() {
    Matrix all = RecordedNeighbours.like(ROWS + QUERIES, DIMENSIONS, 1);
    Matrix rows = new Matrix(ROWS, DIMENSIONS, Arrays.copyOf(all.values(), ROWS * DIMENSIONS));
    var index = new NeighbourIndex(rows);
    double recall = recall(rows, index, all, ROWS);
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
        recall,
        quantile(search, 0.5),
        quantile(search, 0.9),
        quantile(route, 0.5),
        quantile(route, 0.9));
  }

  /** Share of the nearest that are found, over 200 queries that follow the rows. */
  private static double recall(Matrix rows, NeighbourIndex index, Matrix all, int first) {
    int found = 0;
    for (int q = 0; q < 200; q++) {
      float[] query = all.row(first + q);
      double[] sorted =
          IntStream.range(0, rows.rows()).mapToDouble(i -> rows.dot(i, query)).sorted().toArray();
      double least = sorted[rows.rows() - K];
      found +=
          (int)
              Arrays.stream(index.search(query, K).rows())
                  .filter(row -> rows.dot(row, query) >= least)
                  .count();
    }
    return found / (200.0 * K);
  }

  /** Real queries lie less neatly; skipped where the replay has not embedded them. */
  @Test
  void recallAmongRecordedQueries() {
    List<float[]> embeddings = new RecordedEmbeddings().all();
    assumeTrue(embeddings.size() > 2_000, "no recorded queries: run the replay first");
    Matrix all = Matrix.of(embeddings);
    int count = all.rows() - 200;
    System.out.println("| recorded queries | k | recall |\n|---|---|---|");
    for (int size : new int[] {2_000, 8_000, count}) {
      var rows =
          new Matrix(
              size,
              all.columns(),
              Arrays.copyOfRange(
                  all.values(), (count - size) * all.columns(), count * all.columns()));
      System.out.printf(
          Locale.ROOT,
          "| %d | %d | %.3f |%n",
          size,
          K,
          recall(rows, new NeighbourIndex(rows), all, count));
    }
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (share * (sorted.length - 1))];
  }
}
