package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SingularValuesTest {

  /** By hand: A^T A = (25 20; 20 25) has 45 and 5, so s = 3 sqrt 5 and sqrt 5. */
  @Test
  void twoByTwoByHand() {
    SingularValues parts = SingularValues.of(new double[][] {{3, 0}, {4, 5}});
    assertArrayEquals(new double[] {3 * Math.sqrt(5), Math.sqrt(5)}, parts.s(), 1e-12);
    double half = Math.sqrt(.5);
    assertArrayEquals(
        new double[] {half, half},
        new double[] {Math.abs(parts.v()[0][0]), Math.abs(parts.v()[1][0])},
        1e-12);
    assertTrue(parts.v()[0][0] * parts.v()[1][0] > 0, "the long axis has equal signs");
    assertTrue(parts.v()[0][1] * parts.v()[1][1] < 0);
  }

  @Property(tries = 200)
  void thePartsMakeTheMatrix(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll @IntRange(min = 1, max = 12) int columns,
      @ForAll @IntRange(min = 1, max = 12) int rank,
      @ForAll long seed) {
    var random = new SplittableRandom(seed);
    var a = new double[rows][columns];
    for (int k = 0; k < rank; k++) {
      double[] u = random.doubles(rows, -1, 1).toArray();
      double[] v = random.doubles(columns, -1, 1).toArray();
      for (int i = 0; i < rows; i++) {
        Vectors.add(a[i], u[i], v);
      }
    }
    SingularValues parts = SingularValues.of(a);
    int k = Math.min(rows, columns);
    assertEquals(k, parts.s().length);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int c = 0; c < k; c++) {
          sum += parts.u()[i][c] * parts.s()[c] * parts.v()[j][c];
        }
        assertEquals(a[i][j], sum, 1e-10);
      }
    }
    for (int c = 1; c < k; c++) {
      assertTrue(parts.s()[c - 1] >= parts.s()[c] && parts.s()[c] >= 0);
    }
    for (int c = 0; c < k; c++) {
      for (int d = 0; d <= c; d++) {
        if (parts.s()[c] > 1e-9) {
          assertEquals(c == d ? 1 : 0, product(parts.u(), c, d), 1e-9);
          assertEquals(c == d ? 1 : 0, product(parts.v(), c, d), 1e-9);
        }
      }
    }
  }

  private static double product(double[][] m, int c, int d) {
    double sum = 0;
    for (double[] row : m) {
      sum += row[c] * row[d];
    }
    return sum;
  }

  @Test
  void nothingIsNothing() {
    SingularValues parts = SingularValues.of(new double[3][2]);
    assertArrayEquals(new double[2], parts.s());
    assertEquals(0, parts.u()[0][0]);
  }

  @Test
  void numbersMustBeFinite() {
    assertEquals(
        "The matrix has the number NaN.",
        assertThrows(
                IllegalArgumentException.class,
                () -> SingularValues.of(new double[][] {{1, Double.NaN}}))
            .getMessage());
  }

  /** The first sweep over it is the last one. */
  @Test
  void whoWasInterruptedGivesUpWithinASweep() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class, () -> SingularValues.of(new double[][] {{2, 0}, {0, 1}}));
    } finally {
      assertTrue(Thread.interrupted(), "it stays interrupted");
    }
  }
}
