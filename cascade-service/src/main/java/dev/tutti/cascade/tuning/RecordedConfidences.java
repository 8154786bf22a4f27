package dev.tutti.cascade.tuning;

import java.util.Arrays;

/**
 * How sure members were of their answers to recorded questions, and what those were worth: what
 * thresholds are tuned on. Nobody writes to it.
 *
 * @param confidence by member and question, in [0, 1], rounded to a float as thresholds are; NaN
 *     where the answer does not tell
 * @param worth by member and question: the score, or what is expected of it; in [0, 1]
 * @param usd what an answer of each member costs on average, at least 0
 */
public record RecordedConfidences(double[][] confidence, double[][] worth, double[] usd) {

  /** Checks that there is something to tune on. */
  public RecordedConfidences {
    if (confidence.length == 0 || confidence[0].length == 0) {
      throw new IllegalArgumentException(
          "No question was answered by all members; thresholds are tuned over such questions.");
    }
  }

  int members() {
    return confidence.length;
  }

  int questions() {
    return confidence[0].length;
  }

  /** What asking the first j + 1 members of a chain costs, by j. */
  double[] costs(int[] chain) {
    var costs = new double[chain.length];
    double sum = 0;
    for (int j = 0; j < chain.length; j++) {
      sum += usd[chain[j]];
      costs[j] = sum;
    }
    return costs;
  }

  /**
   * Quantiles of a member's confidence, interpolated: at .01 and in equal steps from there on.
   *
   * @return rounded as a point keeps them, rising, no two equal; one above every confidence where
   *     the member never tells
   */
  float[] quantiles(int member, int steps) {
    double[] sorted =
        Arrays.stream(confidence[member]).filter(c -> !Double.isNaN(c)).sorted().toArray();
    if (sorted.length == 0) {
      return new float[] {1};
    }
    var quantiles = new float[steps];
    int kept = 0;
    for (int step = 0; step < steps; step++) {
      double place = (.01 + (double) step / steps) * (sorted.length - 1);
      int below = (int) place;
      double above = sorted[Math.min(below + 1, sorted.length - 1)];
      float value = (float) (sorted[below] + (place - below) * (above - sorted[below]));
      if (kept == 0 || value > quantiles[kept - 1]) {
        quantiles[kept++] = value;
      }
    }
    return Arrays.copyOf(quantiles, kept);
  }
}
