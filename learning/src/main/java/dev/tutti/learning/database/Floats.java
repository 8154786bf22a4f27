package dev.tutti.learning.database;

import java.nio.ByteBuffer;

/** Numbers as the database keeps them: big-endian, every bit. */
public final class Floats {

  private Floats() {}

  /** Null, which is how nothing is kept, where there are none. */
  public static byte[] bytes(float[] numbers) {
    if (numbers.length == 0) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * numbers.length);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }

  /** What {@link #bytes(float[])} wrote. */
  public static float[] floats(byte[] bytes) {
    if (bytes == null) {
      return new float[0];
    }
    var numbers = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(numbers);
    return numbers;
  }

  /** Any number of them. */
  public static byte[] bytes(double[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * numbers.length);
    bytes.asDoubleBuffer().put(numbers);
    return bytes.array();
  }

  /** What {@link #bytes(double[])} wrote. */
  public static double[] doubles(byte[] bytes) {
    var numbers = new double[bytes.length / Double.BYTES];
    ByteBuffer.wrap(bytes).asDoubleBuffer().get(numbers);
    return numbers;
  }
}
