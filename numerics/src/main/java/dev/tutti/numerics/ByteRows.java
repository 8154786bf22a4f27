package dev.tutti.numerics;

/**
 * Rows in a byte a number, one after the other: a row of 384 numbers is six lines of the cache
 * instead of twenty-four, and its products run on the vector units. {@link NeighbourIndex} says how
 * exact that is.
 */
final class ByteRows {

  // 384 products of 127 and of this fit an int.
  private static final int LEVELS = 8_191;

  private final int columns;
  private final byte[] values;

  /** What a byte of each row stands for. */
  private final float[] units;

  ByteRows(Matrix rows) {
    columns = rows.columns();
    values = new byte[rows.values().length];
    units = new float[rows.rows()];
    for (int row = 0; row < units.length; row++) {
      units[row] = greatest(rows.values(), row * columns, columns) / Byte.MAX_VALUE;
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        values[i] = (byte) Math.round(rows.values()[i] / units[row]);
      }
    }
  }

  void offer(float[] query, int[] candidates, Best best) {
    float unit = greatest(query, 0, columns) / LEVELS;
    var levels = new int[columns];
    for (int i = 0; i < columns; i++) {
      levels[i] = Math.round(query[i] / unit);
    }
    for (int row : candidates) {
      best.offer(row, dot(levels, values, row * columns) * unit * units[row]);
    }
  }

  private static int dot(int[] levels, byte[] values, int at) {
    int sum = 0;
    for (int i = 0; i < levels.length; i++) {
      sum += levels[i] * values[at + i];
    }
    return sum;
  }

  private static float greatest(float[] values, int at, int count) {
    float greatest = Float.MIN_NORMAL;
    for (int i = at; i < at + count; i++) {
      greatest = Math.max(greatest, Math.abs(values[i]));
    }
    return greatest;
  }
}
