package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class KMeansTest {

  /** Points on a line beside the axis, so that none of them has the length 0 or 1. */
  private static Matrix line(double... places) {
    return Matrix.of(Arrays.stream(places).mapToObj(p -> new float[] {3, (float) p}).toList());
  }

  private static float[] centres(KMeans means) {
    Matrix centres = means.centres();
    var places = new float[centres.rows()];
    for (int c = 0; c < places.length; c++) {
      assertEquals(3, centres.at(c, 0), 1e-6);
      places[c] = centres.at(c, 1);
    }
    return places;
  }

  @Test
  void startsAreDrawnByTheSquareOfTheirDistance() {
    Matrix rows = line(0, 1, 4, 6);
    // The first of four alike: 0.3 * 4 = 1.2 is in the second. Then the weights are 1, 0, 9, 25;
    // 0.25 * 35 = 8.75 is in the third. Then the least of both, 1, 0, 0, 4: 0.15 * 5 is in the
    // first; exactly 1, 0.2 * 5, is no more, nor has a place of weight 0 a chance.
    assertArrayEquals(
        new float[] {1, 4, 0}, centres(KMeans.fit(rows, 3, 0, new Draws(0.3, 0.25, 0.15))));
    assertArrayEquals(
        new float[] {1, 4, 6}, centres(KMeans.fit(rows, 3, 0, new Draws(0.3, 0.25, 0.2))));
    assertArrayEquals(
        new float[] {6, 0, 4},
        // 36, 25, 4, 0: 0.5 * 65 in the first. 0, 1, 4, 0: 0.3 * 5 in the third.
        centres(KMeans.fit(rows, 3, 0, new Draws(0.9, 0.5, 0.3))));
  }

  @Test
  void roundsMoveCentresToTheMeans() {
    Matrix rows = line(0, 1, 10, 11);
    // Starts at 0 and 1: 1 / (1 + 100 + 121) is more than 0.001.
    Double[] draws = {0.1, 0.001};
    assertArrayEquals(new float[] {0, 1}, centres(KMeans.fit(rows, 2, 0, new Draws(draws))));
    assertArrayEquals(
        new float[] {0, 22 / 3f}, centres(KMeans.fit(rows, 2, 1, new Draws(draws))), 1e-6f);
    assertArrayEquals(
        new float[] {0.5f, 10.5f}, centres(KMeans.fit(rows, 2, 2, new Draws(draws))), 1e-6f);
    assertArrayEquals(
        new float[] {0.5f, 10.5f}, centres(KMeans.fit(rows, 2, 50, new Draws(draws))), 1e-6f);
  }

  @Test
  void oneClusterIsTheMean() {
    assertArrayEquals(
        new float[] {4}, centres(KMeans.fit(line(0, 1, 11), 1, 9, new Draws(0.5))), 1e-6f);
  }

  @Test
  void equalRowsAreDrawnAnywhereAndAClusterWithoutRowsStays() {
    // All weights are 0: any, by an integer.
    KMeans means = KMeans.fit(line(7, 7, 7), 2, 3, new Draws(0.5, 0.9));
    assertArrayEquals(new float[] {7, 7}, centres(means));
    assertArrayEquals(new int[] {0, 0, 0}, means.assign(line(7, 8, -1)));
  }

  @Test
  void noMoreClustersThanRows() {
    assertEquals(2, KMeans.fit(line(1, 2), 5, 3, new SplittableRandom(1)).centres().rows());
  }

  @Test
  void theNearestIsAssigned() {
    // The nearest, not the one with the greatest product.
    var means =
        new KMeans(Matrix.of(List.of(new float[] {1, 0}, new float[] {10, 0}, new float[] {1, 4})));
    assertEquals(0, means.assign(new float[] {5, 0}));
    assertEquals(1, means.assign(new float[] {5.6f, 0}));
    assertEquals(2, means.assign(new float[] {1, 2.1f}));
    // As near to both.
    assertEquals(0, means.assign(new float[] {5.5f, 0}));
    assertEquals(0, means.assign(new float[] {1, 2}));
    assertArrayEquals(
        new int[] {2, 1}, means.assign(Matrix.of(List.of(new float[] {0, 4}, new float[] {9, 1}))));
  }

  @Test
  void whoWasInterruptedGivesUp() {
    KMeans means = new KMeans(line(1, 2));
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class, () -> KMeans.fit(line(1, 2), 2, 0, new SplittableRandom(1)));
      assertThrows(CancellationException.class, () -> means.assign(line(1, 2)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Property(tries = 100, seed = "1")
  void whatIsFoundIsSettledAndMovesWithTheRows(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    int n = random.nextInt(5, 60);
    var rows = new Matrix(n, 2);
    var moved = new Matrix(n, 2);
    for (int i = 0; i < n; i++) {
      float x = random.nextInt(-50, 50);
      float y = random.nextInt(-50, 50);
      rows.values()[2 * i] = x;
      rows.values()[2 * i + 1] = y;
      // A quarter turn and a shift, exact.
      moved.values()[2 * i] = -y + 20;
      moved.values()[2 * i + 1] = x - 4;
    }
    KMeans means = KMeans.fit(rows, 4, 100, new SplittableRandom(seed));
    KMeans movedMeans = KMeans.fit(moved, 4, 100, new SplittableRandom(seed));
    int[] assigned = means.assign(rows);
    assertArrayEquals(assigned, movedMeans.assign(moved));
    for (int c = 0; c < means.centres().rows(); c++) {
      double x = 0;
      int count = 0;
      for (int i = 0; i < n; i++) {
        if (assigned[i] == c) {
          x += rows.at(i, 0);
          count++;
        }
        double mine = distance(rows, i, means.centres(), assigned[i]);
        assertTrue(mine <= distance(rows, i, means.centres(), c) + 1e-3);
      }
      if (count > 0) {
        assertEquals(x / count, means.centres().at(c, 0), 1e-3);
      }
    }
  }

  private static double distance(Matrix a, int i, Matrix b, int j) {
    return Math.pow(a.at(i, 0) - b.at(j, 0), 2) + Math.pow(a.at(i, 1) - b.at(j, 1), 2);
  }
}
