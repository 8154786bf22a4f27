package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.GrowingIndex.Neighbour;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrowingIndexTest {

  private static final int DIMENSION = 6;

  private static float[] row(Random random) {
    var row = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      row[i] = (float) random.nextGaussian();
    }
    return row;
  }

  private static List<Neighbour> byHand(Map<Long, float[]> rows, float[] query, int count) {
    return rows.entrySet().stream()
        .map(e -> new Neighbour(e.getKey(), Vectors.dot(e.getValue(), query)))
        .sorted(
            Comparator.comparingDouble(Neighbour::similarity)
                .reversed()
                .thenComparingLong(Neighbour::id))
        .limit(count)
        .toList();
  }

  private static void assertSame(GrowingIndex index, Map<Long, float[]> rows, Random random) {
    assertEquals(rows.size(), index.size());
    for (int count : new int[] {1, 3, 40}) {
      float[] query = row(random);
      List<Neighbour> found = index.nearest(query, count);
      List<Neighbour> all = byHand(rows, query, count);
      assertEquals(
          all.stream().map(Neighbour::id).toList(), found.stream().map(Neighbour::id).toList());
      for (int i = 0; i < all.size(); i++) {
        assertEquals(all.get(i).similarity(), found.get(i).similarity(), 1e-5);
      }
    }
  }

  /** Whenever it is built: at once, or while rows come, go and are replaced. */
  @Test
  void findsWhatComparingAllFinds() {
    for (int seed = 0; seed < 6; seed++) {
      var random = new Random(seed);
      var due = new ArrayDeque<Runnable>();
      boolean late = seed % 2 == 1;
      var index = new GrowingIndex(DIMENSION, late ? due::add : Runnable::run);
      var rows = new HashMap<Long, float[]>();
      int built = 0;
      for (int step = 0; step < 6_000; step++) {
        long id = random.nextInt(3_000);
        if (random.nextInt(4) == 0) {
          index.remove(id);
          rows.remove(id);
        } else {
          float[] row = row(random);
          index.add(id, row);
          rows.put(id, row);
        }
        if (step % 997 == 0) {
          assertSame(index, rows, random);
        }
        if (!due.isEmpty() && random.nextInt(300) == 0) {
          due.poll().run();
          built++;
          assertSame(index, rows, random);
        }
      }
      assertTrue(!late || built > 1, "it was built while rows came");
      index.keep(its -> its % 3 == 0);
      rows.keySet().removeIf(its -> its % 3 != 0);
      assertSame(index, rows, random);
      rows.keySet().forEach(index::remove);
      assertEquals(0, index.size());
      assertEquals(List.of(), index.nearest(row(random), 3));
    }
  }

  @Test
  void ofEquallySimilarOnesTheLowerNumberComesFirst() {
    var index = new GrowingIndex(2, Runnable::run);
    index.add(7, new float[] {1, 0});
    index.add(3, new float[] {1, 0});
    index.add(5, new float[] {0, 1});
    assertEquals(
        List.of(new Neighbour(3, 1), new Neighbour(7, 1)), index.nearest(new float[] {1, 0}, 2));
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    var index = new GrowingIndex(2, Runnable::run);
    assertThrows(IllegalArgumentException.class, () -> index.add(1, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> index.nearest(new float[1], 1));
  }
}
