package dev.tutti.decoder;

/** The most probable tokens of a distribution, in a heap of as many as are wanted. */
public final class TopTokens {

  // The root is the worst of them.
  private final int[] tokens;
  private final double[] values;
  private int size;

  /** For {@code k} tokens, at least 1. */
  TopTokens(int k) {
    this.tokens = new int[k];
    this.values = new double[k];
  }

  /**
   * The {@code k} most probable tokens, best first; of equal ones the lower id first. One pass, in
   * which nearly all tokens are only held against the worst of those so far.
   *
   * @param k may be above the number of tokens
   */
  public static int[] of(double[] probabilities, int k) {
    int size = Math.min(k, probabilities.length);
    if (size <= 0) {
      return new int[0];
    }
    var top = new TopTokens(size);
    for (int t = 0; t < size; t++) {
      top.offer(t, probabilities[t]);
    }
    int length = probabilities.length;
    // Of equal ones those that are there have lower ids.
    for (int t = next(probabilities, size, length, top.least());
        t < length;
        t = next(probabilities, t + 1, length, top.least())) {
      top.offer(t, probabilities[t]);
    }
    return top.sorted();
  }

  /**
   * The first token from {@code from} on that is above {@code least}; {@code to} where none is. A
   * loop of its own, as the compiler makes it several times as fast as one that also fills a heap.
   */
  static int next(double[] probabilities, int from, int to, double least) {
    int t = from;
    while (t < to && !(probabilities[t] > least)) {
      t++;
    }
    return t;
  }

  /** What a token must be above, or at with a lower id, to be among them. */
  double least() {
    return size < tokens.length ? Double.NEGATIVE_INFINITY : values[0];
  }

  /** Takes a token where it is among the best so far. */
  void offer(int token, double value) {
    if (size < tokens.length) {
      int at = size++;
      for (int above = (at - 1) / 2; at > 0 && better(above, token, value); above = (at - 1) / 2) {
        move(above, at);
        at = above;
      }
      tokens[at] = token;
      values[at] = value;
    } else if (!better(0, token, value)) {
      sink(token, value);
    }
  }

  /** The tokens, best first; none is left. */
  int[] sorted() {
    var sorted = new int[size];
    while (size > 0) {
      size--;
      sorted[size] = tokens[0];
      sink(tokens[size], values[size]);
    }
    return sorted;
  }

  private boolean better(int at, int token, double value) {
    return values[at] > value || (values[at] == value && tokens[at] < token);
  }

  /** Puts a token in the place of the worst one. */
  private void sink(int token, double value) {
    int at = 0;
    while (2 * at + 1 < size) {
      int worst = 2 * at + 1;
      if (worst + 1 < size && better(worst, tokens[worst + 1], values[worst + 1])) {
        worst++;
      }
      if (!better(worst, token, value)) {
        move(worst, at);
        at = worst;
      } else {
        break;
      }
    }
    tokens[at] = token;
    values[at] = value;
  }

  private void move(int from, int to) {
    tokens[to] = tokens[from];
    values[to] = values[from];
  }
}
