package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighbourIndexTest {

  @Test
  void fewRowsAreComparedExactly() {
    Matrix rows = RecordedNeighbours.like(500, 96, 1);
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
    Matrix rows = RecordedNeighbours.like(8000, 96, 2);
    var index = new NeighbourIndex(rows);
    Matrix queries = RecordedNeighbours.like(200, 96, 2);
    int found = 0;
    for (int q = 0; q < 100; q++) {
      float[] query = queries.row(q);
      double[] all =
          IntStream.range(0, 8000).mapToDouble(i -> rows.dot(i, query)).sorted().toArray();
      double tenth = all[all.length - 10];
      NeighbourIndex.Neighbours near = index.search(query, 10);
      for (int i = 0; i < near.size(); i++) {
        double exact = rows.dot(near.rows()[i], query);
        assertEquals(exact, near.similarities()[i], 0.005);
        found += exact >= tenth ? 1 : 0;
      }
    }
    assertTrue(found >= 900, found + " of 1000");
  }

  @Test
  void theSameRowsGiveTheSameIndex() {
    Matrix rows = RecordedNeighbours.like(3000, 96, 3);
    float[] query = rows.row(7);
    assertArrayEquals(
        new NeighbourIndex(rows).search(query, 50).rows(),
        new NeighbourIndex(rows).search(query, 50).rows());
  }

  @Test
  void asManyAreFoundAsAreAskedFor() {
    Matrix rows = RecordedNeighbours.like(3000, 96, 3);
    var index = new NeighbourIndex(rows);
    for (int k : new int[] {1, 900, 2500, 3000, 5000}) {
      int[] found = index.search(rows.row(7), k).rows();
      assertEquals(Math.min(k, 3000), Arrays.stream(found).distinct().count());
    }
  }
}
