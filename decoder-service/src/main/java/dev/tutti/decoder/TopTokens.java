package dev.tutti.decoder;

/** The most probable tokens of a distribution. */
public final class TopTokens {

  private TopTokens() {}

  /**
   * The {@code k} most probable tokens, best first; of equal ones the lower id first. One pass with
   * a heap of k.
   *
   * @param k may be above the number of tokens
   */
  public static int[] of(double[] probabilities, int k) {
    int size = Math.min(k, probabilities.length);
    if (size <= 0) {
      return new int[0];
    }
    var heap = new int[size];
    for (int i = 0; i < size; i++) {
      heap[i] = i;
    }
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(heap, i, size, probabilities);
    }
    for (int t = size; t < probabilities.length; t++) {
      if (better(t, heap[0], probabilities)) {
        heap[0] = t;
        sink(heap, 0, size, probabilities);
      }
    }
    for (int end = size - 1; end > 0; end--) {
      int worst = heap[0];
      heap[0] = heap[end];
      heap[end] = worst;
      sink(heap, 0, end, probabilities);
    }
    return heap;
  }

  private static boolean better(int a, int b, double[] p) {
    return p[a] > p[b] || (p[a] == p[b] && a < b);
  }

  /** Restores the heap whose root is the worst token. */
  private static void sink(int[] heap, int from, int size, double[] p) {
    int at = from;
    while (true) {
      int worst = at;
      for (int child = 2 * at + 1; child <= 2 * at + 2 && child < size; child++) {
        if (better(heap[worst], heap[child], p)) {
          worst = child;
        }
      }
      if (worst == at) {
        return;
      }
      int token = heap[at];
      heap[at] = heap[worst];
      heap[worst] = token;
      at = worst;
    }
  }
}
