package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
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

  /** All but a hundred rows are alike, so that most lists are of a row or two. */
  @Test
  void whereTheNearListsAreSmallFurtherOnesAreSearched() {
    var random = new SplittableRandom(4);
    var rows = new Matrix(2000, 96);
    for (int i = 0; i < 2000; i++) {
      rows.values()[i * 96] = i < 100 ? -0.6f : 1;
      rows.values()[i * 96 + 1 + random.nextInt(95)] = i < 100 ? 0.8f : 0;
    }
    var index = new NeighbourIndex(rows);
    float[] query = rows.row(7);
    NeighbourIndex.Neighbours near = index.search(query, 150);
    assertEquals(150, Arrays.stream(near.rows()).distinct().count());
    assertEquals(100, Arrays.stream(near.rows()).filter(i -> i < 100).count());
    assertEquals(1, near.similarities()[0], 0.01);
    assertEquals(0.36, near.similarities()[99], 0.01);
    assertEquals(-0.6, near.similarities()[149], 0.01);
  }

  @Test
  void upToSoManyRowsAndColumnsAllAreCompared() {
    // Of 1,024 rows every similarity is exact, and so of 64 columns; of more of both they are
    // rounded.
    Matrix few = RecordedNeighbours.like(NeighbourIndex.EXACT, 96, 5);
    Matrix narrow = RecordedNeighbours.like(2000, 64, 5);
    Matrix many = RecordedNeighbours.like(NeighbourIndex.EXACT + 1, 65, 5);
    assertTrue(isExact(few));
    assertTrue(isExact(narrow));
    assertTrue(!isExact(many));
  }

  private static boolean isExact(Matrix rows) {
    float[] query = rows.row(3);
    NeighbourIndex.Neighbours near = new NeighbourIndex(rows).search(query, 20);
    return IntStream.range(0, 20)
        .allMatch(i -> near.similarities()[i] == rows.dot(near.rows()[i], query));
  }
}
