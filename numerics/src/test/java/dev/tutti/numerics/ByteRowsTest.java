package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows in a byte a number, both ways of laying them out, against the exact products. */
class ByteRowsTest {

  private static Matrix rows(int count, int columns) {
    var random = new SplittableRandom(7);
    var rows = new Matrix(count, columns);
    for (int i = 0; i < rows.values().length; i++) {
      // Columns of quite different lengths.
      rows.values()[i] = (float) (random.nextDouble(-1, 1) * (1 + i % columns));
    }
    return rows;
  }

  private static float[] axis(int columns, int at, float value) {
    var vector = new float[columns];
    vector[at] = value;
    return vector;
  }

  @Test
  void blocksTellEachNumberOfEachRow() {
    Matrix rows = rows(5, 16);
    var blocks = new BlockedRows(rows);
    for (int c = 0; c < 16; c++) {
      float[] dots = blocks.dots(axis(16, c, -2));
      for (int i = 0; i < 5; i++) {
        // Half a step of 127 in a column of at most 1 + c.
        assertEquals(-2 * rows.at(i, c), dots[i], (1 + c) / 120.0, i + ", " + c);
      }
    }
  }

  @Test
  void blocksTellProducts() {
    Matrix rows = rows(9, 64);
    float[] query = rows(1, 64).row(0);
    float[] dots = new BlockedRows(rows).dots(query);
    for (int i = 0; i < 9; i++) {
      assertEquals(rows.dot(i, query), dots[i], 25, "row " + i);
    }
  }

  @Test
  void blocksAreExactWhereTheNumbersFitBytes() {
    // The greatest of each column is 127, the greatest factor 32,767: nothing is rounded.
    Matrix rows =
        Matrix.of(
            List.of(
                new float[] {127, -127, 127, 127, 127, 127, 127, 127},
                new float[] {1, 2, -3, 4, 5, -6, 7, 8}));
    float[] dots = new BlockedRows(rows).dots(new float[] {32767, 10, 20, -30, 40, 50, 60, -70});
    assertEquals(32767 + 20 - 60 - 120 + 200 - 300 + 420 - 560, dots[1], 0.05);
    assertEquals(127 * (32767 - 10 + 20 - 30 + 40 + 50 + 60 - 70), dots[0], 5);
  }

  @Test
  void zerosAreNoDivision() {
    float[] dots = new BlockedRows(new Matrix(2, 8)).dots(new float[8]);
    assertEquals(0, dots[1]);
    var best = new Best(1);
    new ByteRows(new Matrix(2, 8)).offer(new float[8], new int[] {1}, best);
    assertEquals(0, best.sorted().similarities()[0]);
  }

  @Test
  void rowsTellEachNumberOfEachRow() {
    Matrix rows = rows(5, 11);
    var bytes = new ByteRows(rows);
    for (int c = 0; c < 11; c++) {
      var best = new Best(5);
      bytes.offer(axis(11, c, -2), IntStream.range(0, 5).toArray(), best);
      NeighbourIndex.Neighbours all = best.sorted();
      for (int place = 0; place < 5; place++) {
        int row = all.rows()[place];
        // Half a step of 127 of a row whose greatest is at most 11.
        assertEquals(-2 * rows.at(row, c), all.similarities()[place], 11 / 120.0, row + ", " + c);
      }
    }
  }

  @Test
  void rowsTellProducts() {
    Matrix rows = rows(3, 24);
    float[] query = rows(1, 24).row(0);
    for (int row = 0; row < 3; row++) {
      var best = new Best(3);
      new ByteRows(rows).offer(query, new int[] {row}, best);
      NeighbourIndex.Neighbours only = best.sorted();
      assertEquals(1, only.size());
      assertEquals(row, only.rows()[0]);
      // The rounding of 24 numbers of up to 24 / 254 by a query of about 60.
      assertEquals(rows.dot(row, query), only.similarities()[0], 6);
    }
  }
}
