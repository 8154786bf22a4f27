package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class HeadDeviationTest {

  /** Two numbers and a bias: x, 2 y and 1. */
  private static final LinearHeads HEADS =
      new LinearHeads(new Matrix(3, 3, new float[] {1, 0, 0, 0, 2, 0, 0, 0, 1}));

  private static final Matrix X = new Matrix(4, 2, new float[] {1, 2, 3, 0, -1, 1, 0, 0});

  @Test
  void byHand() {
    double nan = Double.NaN;
    double[][] y = {{1.25, nan, nan}, {3, nan, nan}, {-1.5, 1.75, nan}, {0, 0.25, nan}};
    // 1/16 and 1/4 of four, times 3 parameters of 4 queries; 1/16 twice of two, times 3 of 2; none.
    assertArrayEquals(
        new double[] {Math.sqrt(5 / 64.0 * 3 / 4), Math.sqrt(2 / 32.0 * 3 / 2), 0.5},
        doubles(HeadDeviation.of(HEADS, X, y)),
        1e-6);
  }

  @Test
  void throughALink() {
    double[][] y = {{5, 0, 0}, {5, 0, 0}, {5, 0, 0}, {5.5, 0, 0}};
    // 5 whatever the head says: a half of one of four. The others are far off: at most a half.
    assertArrayEquals(
        new double[] {Math.sqrt(0.25 / 4 * 3 / 4), 0.5, 0.5},
        doubles(HeadDeviation.of(HEADS, X, y, _ -> 5)),
        1e-6);
  }

  @Test
  void whoWasInterruptedGivesUp() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> HeadDeviation.of(HEADS, X, new double[4][3]));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  private static double[] doubles(Matrix row) {
    return dev.tutti.numerics.Vectors.doubles(row.values());
  }
}
