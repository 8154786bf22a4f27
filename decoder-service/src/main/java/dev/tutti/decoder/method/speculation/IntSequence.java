package dev.tutti.decoder.method.speculation;

import java.util.Arrays;

/**
 * Numbers in a row, such as tokens or offsets, of which the last may be taken back. Confined to one
 * thread at a time.
 */
final class IntSequence {

  private int[] values = new int[32];
  private int size;

  /** How many there are. */
  int size() {
    return size;
  }

  /** The one at an index, 0 .. size - 1. */
  int get(int index) {
    return values[index];
  }

  /** Adds them behind the last. */
  void add(int... added) {
    if (size + added.length > values.length) {
      values = Arrays.copyOf(values, Math.max(2 * values.length, size + added.length));
    }
    System.arraycopy(added, 0, values, size, added.length);
    size += added.length;
  }

  /** Keeps the first ones; all of them where there are fewer. */
  void cut(int length) {
    size = Math.min(size, length);
  }

  /** Those from one index to another, without the latter; the caller's own. */
  int[] range(int from, int to) {
    return Arrays.copyOfRange(values, from, to);
  }

  /**
   * The first index at which the two differ; the number of those that both have where none does.
   *
   * @param from index before which they are known to be alike; at most the size of each
   */
  int mismatch(int from, IntSequence other) {
    int mismatch = Arrays.mismatch(values, from, size, other.values, from, other.size);
    return mismatch < 0 ? size : from + mismatch;
  }

  /** As {@link Arrays#binarySearch(int[], int)}, where they ascend. */
  int search(int value) {
    return Arrays.binarySearch(values, 0, size, value);
  }
}
