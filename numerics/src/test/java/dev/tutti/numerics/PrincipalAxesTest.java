package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrincipalAxesTest {

  @Test
  void theLongestDirectionsByHand() {
    // 3 along (0.6, 0.8, 0), 1 along (-0.8, 0.6, 0), 0.1 along the last; the fifth is not looked
    // at.
    Matrix rows =
        Matrix.of(
            List.of(
                new float[] {1.8f, 2.4f, 0},
                new float[] {-1.8f, -2.4f, 0},
                new float[] {-0.8f, 0.6f, 0},
                new float[] {0, 0, 0.1f},
                new float[] {0, 0, 50}));
    float[][] axes = PrincipalAxes.of(rows, new int[] {0, 1, 2, 3}, 2, new SplittableRandom(1));
    assertEquals(3, axes.length);
    float first = Math.signum(axes[0][0]);
    float second = Math.signum(axes[1][1]);
    float[][] expected = {{0.6f * first, -0.8f * second}, {0.8f * first, 0.6f * second}, {0, 0}};
    for (int d = 0; d < 3; d++) {
      assertArrayEquals(expected[d], axes[d], 1e-4f);
    }
  }

  @Test
  void aDirectionWithoutRowsIsZero() {
    Matrix rows = Matrix.of(List.of(new float[] {2, 0, 0}, new float[] {-3, 0, 0}));
    float[][] axes = PrincipalAxes.of(rows, new int[] {0, 1}, 2, new SplittableRandom(2));
    assertEquals(1, Math.abs(axes[0][0]), 1e-6);
    for (int d = 0; d < 3; d++) {
      assertEquals(0, axes[d][1], 0);
    }
  }

  @Test
  void axesAreOrthonormalAndKeepProducts() {
    Matrix rows = RecordedNeighbours.like(200, 40, 3);
    float[][] axes =
        PrincipalAxes.of(rows, IntStream.range(0, 200).toArray(), 40, new SplittableRandom(3));
    for (int a = 0; a < 40; a++) {
      for (int b = 0; b <= a; b++) {
        double product = 0;
        for (float[] dimension : axes) {
          product += (double) dimension[a] * dimension[b];
        }
        assertEquals(a == b ? 1 : 0, product, 1e-4, a + ", " + b);
      }
    }
  }

  @Test
  void whoWasInterruptedGivesUp() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class,
          () -> PrincipalAxes.of(new Matrix(2, 2), new int[] {0}, 1, new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
