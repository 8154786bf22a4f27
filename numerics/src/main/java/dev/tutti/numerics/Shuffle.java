package dev.tutti.numerics;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A random order (Fisher & Yates 1938). */
public final class Shuffle {

  private Shuffle() {}

  /** The numbers from 0 to {@code size - 1} in random order. */
  public static int[] of(int size, RandomGenerator random) {
    int[] order = IntStream.range(0, size).toArray();
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
