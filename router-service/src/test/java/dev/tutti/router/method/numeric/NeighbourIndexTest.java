package dev.tutti.router.method.numeric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.fit.Matrix;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighbourIndexTest {

  /** Clusters in a space of few real dimensions, as embeddings are. */
  static Matrix rows(int count, int columns, long seed) {
    var random = new SplittableRandom(seed);
    int topics = 200;
    var axes = new float[24][columns];
    for (float[] axis : axes) {
      for (int d = 0; d < columns; d++) {
        axis[d] = (float) random.nextGaussian();
      }
    }
    var places = new double[topics][axes.length];
    for (double[] place : places) {
      Arrays.setAll(place, i -> random.nextGaussian());
    }
    var rows = new Matrix(count, columns);
    for (int i = 0; i < count; i++) {
      double[] place = places[random.nextInt(topics)];
      var row = new float[columns];
      for (int a = 0; a < axes.length; a++) {
        double along = place[a] + 0.6 * random.nextGaussian();
        for (int d = 0; d < columns; d++) {
          row[d] += (float) along * axes[a][d];
        }
      }
      double norm = 0;
      for (int d = 0; d < columns; d++) {
        row[d] += (float) (0.5 * random.nextGaussian());
        norm += row[d] * row[d];
      }
      for (int d = 0; d < columns; d++) {
        rows.values()[i * columns + d] = (float) (row[d] / Math.sqrt(norm));
      }
    }
    return rows;
  }

  @Test
  void fewRowsAreComparedExactly() {
    Matrix rows = rows(500, 96, 1);
    var index = new NeighbourIndex(rows);
    for (int q = 0; q < 20; q++) {
      float[] query = rows.row(q);
      int[] expected =
          IntStream.range(0, 500)
              .boxed()
              .sorted(
                  (a, b) -> {
                    int by = Double.compare(rows.dot(b, query), rows.dot(a, query));
                    return by == 0 ? a - b : by;
                  })
              .limit(10)
              .mapToInt(i -> i)
              .toArray();
      assertArrayEquals(expected, index.search(query, 10).rows());
    }
  }

  @Test
  void manyRowsAreSearchedNearlyExactly() {
    Matrix rows = rows(8000, 96, 2);
    var index = new NeighbourIndex(rows);
    Matrix queries = rows(200, 96, 2);
    int found = 0;
    for (int q = 0; q < 100; q++) {
      float[] query = queries.row(q);
      double[] all = IntStream.range(0, 8000).mapToDouble(i -> rows.dot(i, query)).sorted().toArray();
      double tenth = all[all.length - 10];
      found +=
          (int)
              Arrays.stream(index.search(query, 10).similarities())
                  .filter(s -> s >= tenth)
                  .count();
    }
    assertTrue(found >= 900, found + " of 1000");
  }

  @Test
  void theSameRowsGiveTheSameIndex() {
    Matrix rows = rows(3000, 96, 3);
    float[] query = rows.row(7);
    assertArrayEquals(
        new NeighbourIndex(rows).search(query, 50).rows(),
        new NeighbourIndex(rows).search(query, 50).rows());
  }
}
