package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PositiveDefiniteTest {

  /** {@code L L^T} with L = (2; 1 3; -1 2 4). */
  private static final double[][] A = {{4, 2, -2}, {2, 10, 5}, {-2, 5, 21}};

  @Test
  void solvedByHand() {
    var matrix = new PositiveDefinite(A);
    // A (1, -2, 3).
    double[] b = {4 - 4 - 6, 2 - 20 + 15, -2 - 10 + 63};
    assertArrayEquals(new double[] {1, -2, 3}, matrix.solve(b), 1e-12);
    // b^T x, as A x = b.
    assertEquals(-6 + 6 + 153, matrix.inverseForm(b), 1e-12);
    assertArrayEquals(new double[] {-6, -3, 51}, b);
  }

  /** L (1, 2, -1). */
  @Test
  void theFactorTimesAVectorByHand() {
    assertArrayEquals(
        new double[] {2, 7, -1},
        new PositiveDefinite(A).factorTimes(new double[] {1, 2, -1}),
        1e-12);
  }

  @Test
  void onlyTheLowerHalfIsRead() {
    double nan = Double.NaN;
    double[][] half = {{4, nan, nan}, {2, 10, nan}, {-2, 5, 21}};
    assertArrayEquals(
        new double[] {1, -2, 3},
        new PositiveDefinite(half).solve(new double[] {-6, -3, 51}),
        1e-12);
  }

  @Test
  void whatIsNotPositiveDefiniteIsRefused() {
    assertRefused(new double[][] {{1, 2}, {2, 1}}, "pivot 1 is -3.0");
    assertRefused(new double[][] {{1, 1}, {1, 1}}, "pivot 1 is 0.0");
    assertRefused(new double[][] {{0}}, "pivot 0 is 0.0");
    assertRefused(new double[][] {{Double.NaN}}, "pivot 0 is NaN");
  }

  private static void assertRefused(double[][] a, String why) {
    var e = assertThrows(IllegalArgumentException.class, () -> new PositiveDefinite(a));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Property(tries = 200, seed = "1")
  void whatIsSolvedMultipliesBack(@ForAll @IntRange(min = 1, max = 12) int n, @ForAll long seed) {
    var random = new SplittableRandom(seed);
    var factor = new double[n][];
    for (int i = 0; i < n; i++) {
      factor[i] = random.doubles(n, -1, 1).toArray();
    }
    var a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        a[i][j] = Vectors.dot(factor[i], factor[j]) + (i == j ? 0.5 : 0);
      }
    }
    double[] b = random.doubles(n, -1, 1).toArray();
    var matrix = new PositiveDefinite(a);
    double[] x = matrix.solve(b);
    for (int i = 0; i < n; i++) {
      assertEquals(b[i], Vectors.dot(a[i], x), 1e-9);
    }
    assertEquals(Vectors.dot(b, x), matrix.inverseForm(b), 1e-9);
    assertTrue(matrix.inverseForm(b) >= 0);
  }
}
