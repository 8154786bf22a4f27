package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixTest {

  private static final Matrix TWO =
      Matrix.of(List.of(new float[] {1, 2, 3}, new float[] {4, 5, 6}));

  @Test
  void rowsLieOneAfterTheOther() {
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, TWO.values());
    assertEquals(6, TWO.at(1, 2));
    assertEquals(2, TWO.at(0, 1));
    assertArrayEquals(new float[] {4, 5, 6}, TWO.row(1));
    TWO.row(0)[0] = 9;
    assertEquals(1, TWO.at(0, 0));
    assertArrayEquals(new float[] {0.5f, -2}, Matrix.row(0.5, -2).values());
    assertEquals(1, Matrix.row(0.5, -2).rows());
  }

  @Test
  void nothingIsAMatrixToo() {
    assertEquals(0, Matrix.of(List.of()).columns());
    assertEquals(3, new Matrix(0, 3).columns());
    assertEquals(3, new Matrix(3, 0).rows());
  }

  @Test
  void productsOfEveryLength() {
    for (int n = 0; n <= 13; n++) {
      var values = new float[2 * n];
      var vector = new float[n];
      double expected = 0;
      for (int i = 0; i < n; i++) {
        values[i] = 1000;
        values[n + i] = i + 2;
        vector[i] = 3 * i - 7;
        expected += (i + 2) * (3 * i - 7);
      }
      assertEquals(expected, new Matrix(2, n, values).dot(1, vector), 0, "length " + n);
    }
  }

  @Test
  void aSizeThatDoesNotFitIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> new Matrix(2, 2, new float[3]));
    assertTrue(e.getMessage().contains("3") && e.getMessage().contains("2 x 2"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Matrix(-1, -1, new float[1]));
    assertThrows(IllegalArgumentException.class, () -> new Matrix(0, -1, new float[0]));
    assertThrows(IllegalArgumentException.class, () -> new Matrix(-1, 0, new float[0]));
    e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Matrix.of(List.of(new float[2], new float[2], new float[3])));
    assertTrue(e.getMessage().contains("Row 2 has 3"), e.getMessage());
  }
}
