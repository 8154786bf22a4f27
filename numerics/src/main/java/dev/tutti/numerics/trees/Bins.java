package dev.tutti.numerics.trees;

import dev.tutti.numerics.Matrix;
import java.util.Arrays;

/**
 * Features cut into at most {@value #MOST} bins each, at quantiles of the rows: a split then costs
 * a histogram and no sort. What is not a number is the lowest.
 */
final class Bins {

  static final int MOST = 64;

  /** By feature: a value is in the bin of the first threshold that is not below it. */
  final float[][] thresholds;

  /** By feature, the bin of each row. */
  final byte[][] bins;

  Bins(Matrix rows) {
    thresholds = new float[rows.columns()][];
    bins = new byte[rows.columns()][rows.rows()];
    for (int f = 0; f < rows.columns(); f++) {
      var values = new float[rows.rows()];
      for (int i = 0; i < values.length; i++) {
        values[i] = Trees.ordered(rows.at(i, f));
      }
      thresholds[f] = thresholds(values);
      for (int i = 0; i < values.length; i++) {
        int at = Arrays.binarySearch(thresholds[f], values[i]);
        bins[f][i] = (byte) (at < 0 ? -at - 1 : at);
      }
    }
  }

  /** Between different values that follow each other, half way. */
  private static float[] thresholds(float[] values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    var cuts = new float[MOST - 1];
    int count = 0;
    int different = 1;
    for (int i = 1; i < sorted.length; i++) {
      different += sorted[i] > sorted[i - 1] ? 1 : 0;
    }
    double each = (double) sorted.length / MOST;
    double next = different <= MOST ? 0 : each;
    for (int i = 1; i < sorted.length && count < cuts.length; i++) {
      if (sorted[i] > sorted[i - 1] && i >= next) {
        cuts[count++] = between(sorted[i - 1], sorted[i]);
        next = different <= MOST ? 0 : i + each;
      }
    }
    return Arrays.copyOf(cuts, count);
  }

  /** At least the lower and below the upper one, whatever rounding does. */
  private static float between(float low, float high) {
    float middle = low / 2 + high / 2;
    return middle >= low && middle < high ? middle : low;
  }
}
