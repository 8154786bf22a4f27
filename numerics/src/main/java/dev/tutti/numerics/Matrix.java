package dev.tutti.numerics;

import java.util.List;

/**
 * Numbers in rows, one row after the other. It is shared, not copied: nobody writes to one that was
 * handed over.
 *
 * @param rows at least 0
 * @param columns at least 0
 * @param values {@code rows * columns} of them
 */
public record Matrix(int rows, int columns, float[] values) {

  /** Checks the size. */
  public Matrix {
    if (rows < 0 || columns < 0 || (long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "%d values are no matrix of %d x %d.".formatted(values.length, rows, columns));
    }
  }

  /** A matrix of zeros. */
  public Matrix(int rows, int columns) {
    this(rows, columns, new float[Math.multiplyExact(rows, columns)]);
  }

  /** Rows of equal length. */
  public static Matrix of(List<float[]> rows) {
    int columns = rows.isEmpty() ? 0 : rows.getFirst().length;
    var matrix = new Matrix(rows.size(), columns);
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).length != columns) {
        throw new IllegalArgumentException(
            "Row %d has %d numbers, the first %d.".formatted(i, rows.get(i).length, columns));
      }
      System.arraycopy(rows.get(i), 0, matrix.values, i * columns, columns);
    }
    return matrix;
  }

  /** A single row. */
  public static Matrix row(double... values) {
    var matrix = new Matrix(1, values.length);
    for (int i = 0; i < values.length; i++) {
      matrix.values[i] = (float) values[i];
    }
    return matrix;
  }

  /** One number. */
  public float at(int row, int column) {
    return values[row * columns + column];
  }

  /** A copy of a row. */
  public float[] row(int row) {
    return java.util.Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
  }

  /** Sum of the products of a row and a vector. */
  public double dot(int row, float[] vector) {
    int at = row * columns;
    // Four sums that do not wait for each other.
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < columns; i += 4) {
      a += values[at + i] * vector[i];
      b += values[at + i + 1] * vector[i + 1];
      c += values[at + i + 2] * vector[i + 2];
      d += values[at + i + 3] * vector[i + 3];
    }
    for (; i < columns; i++) {
      a += values[at + i] * vector[i];
    }
    return a + b + (c + d);
  }
}
