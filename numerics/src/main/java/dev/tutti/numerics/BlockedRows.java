package dev.tutti.numerics;

/**
 * Rows in a byte a number, laid out column by column: products with all of them run on the vector
 * units, and a quarter as much memory is read as of floats.
 */
final class BlockedRows {

  /** Columns; divides the number of them. */
  private static final int AT_ONCE = 8;

  private final int count;
  private final byte[] columns;

  /** What a byte of each column stands for. */
  private final float[] units;

  BlockedRows(Matrix rows) {
    count = rows.rows();
    columns = new byte[count * rows.columns()];
    units = new float[rows.columns()];
    for (int c = 0; c < units.length; c++) {
      float most = Float.MIN_NORMAL;
      for (int i = 0; i < count; i++) {
        most = Math.max(most, Math.abs(rows.at(i, c)));
      }
      units[c] = most / Byte.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        columns[c * count + i] = (byte) Math.round(rows.at(i, c) / units[c]);
      }
    }
  }

  /** Products, but for a rounding of about a hundredth; lists of different units compare. */
  float[] dots(float[] vector) {
    float most = Float.MIN_NORMAL;
    for (int c = 0; c < units.length; c++) {
      most = Math.max(most, Math.abs(vector[c] * units[c]));
    }
    // 64 products of 127 and 32,767 fit an int.
    float unit = most / Short.MAX_VALUE;
    var factors = new int[units.length];
    for (int c = 0; c < units.length; c++) {
      factors[c] = Math.round(vector[c] * units[c] / unit);
    }
    var sums = new int[count];
    for (int c = 0; c < units.length; c += AT_ONCE) {
      add(sums, columns, c * count, factors, c);
    }
    var dots = new float[count];
    for (int i = 0; i < count; i++) {
      dots[i] = sums[i] * unit;
    }
    return dots;
  }

  /** Eight columns in one go: a list is short, and every loop over it costs something more. */
  private static void add(int[] sums, byte[] columns, int at, int[] factors, int first) {
    int n = sums.length;
    int f0 = factors[first];
    int f1 = factors[first + 1];
    int f2 = factors[first + 2];
    int f3 = factors[first + 3];
    int f4 = factors[first + 4];
    int f5 = factors[first + 5];
    int f6 = factors[first + 6];
    int f7 = factors[first + 7];
    for (int i = 0; i < n; i++) {
      int column = at + i;
      sums[i] +=
          f0 * columns[column]
              + f1 * columns[column + n]
              + f2 * columns[column + 2 * n]
              + f3 * columns[column + 3 * n]
              + f4 * columns[column + 4 * n]
              + f5 * columns[column + 5 * n]
              + f6 * columns[column + 6 * n]
              + f7 * columns[column + 7 * n];
    }
  }
}
