package dev.tutti.starter.train.network;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * One weight of a network and how it begins.
 *
 * @param name as Hugging Face names it, without {@code .weight}
 * @param rows first dimension; 0 for a vector
 * @param columns last dimension
 * @param deviation standard deviation at the start; 0: all ones
 */
public record WeightShape(String name, int rows, int columns, double deviation) {

  static WeightShape matrix(String name, int rows, int columns, double deviation) {
    return new WeightShape(name, rows, columns, deviation);
  }

  static WeightShape ones(String name, int columns) {
    return new WeightShape(name, 0, columns, 0);
  }

  /** Whether it belongs to the embedding or to a block below the given one, counted from 0. */
  public boolean isBelow(int layer) {
    return layer > 0 && name.equals("model.embed_tokens")
        || IntStream.range(0, layer).anyMatch(l -> name.startsWith(Architecture.inLayer(l, "")));
  }

  /** The dimensions. */
  public long[] dimensions() {
    return rows == 0 ? new long[] {columns} : new long[] {rows, columns};
  }

  /** Number of values. */
  public int size() {
    return Math.max(rows, 1) * columns;
  }

  /** Fresh values. */
  public float[] fresh(RandomGenerator random) {
    float[] values = new float[size()];
    if (deviation == 0) {
      Arrays.fill(values, 1);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * deviation);
      }
    }
    return values;
  }
}
