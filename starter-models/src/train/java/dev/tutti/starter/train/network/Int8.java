package dev.tutti.starter.train.network;

/**
 * A matrix in eight bits a value: value = code x scale, one scale a column, symmetric around zero.
 *
 * @param codes -127 to 127, row by row
 * @param scales one a column
 */
public record Int8(byte[] codes, float[] scales) {

  private static final int LARGEST = 127;

  /** Rounds a matrix, the greatest value of each column to the greatest code. */
  public static Int8 of(float[] matrix, int columns) {
    float[] scales = new float[columns];
    for (int i = 0; i < matrix.length; i++) {
      scales[i % columns] = Math.max(scales[i % columns], Math.abs(matrix[i]) / LARGEST);
    }
    byte[] codes = new byte[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      float scale = scales[i % columns];
      codes[i] = (byte) (scale == 0 ? 0 : Math.round(matrix[i] / scale));
    }
    return new Int8(codes, scales);
  }

  /** The matrix that it stands for. */
  public float[] values() {
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = codes[i] * scales[i % scales.length];
    }
    return values;
  }
}
