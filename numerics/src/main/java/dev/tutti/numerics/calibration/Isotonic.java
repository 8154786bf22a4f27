package dev.tutti.numerics.calibration;

import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Isotonic regression: of all monotone curves the one nearest to the labels, found by pooling
 * adjacent violators (Ayer et al. 1955; for calibration Zadrozny & Elkan 2002). Equal scores are
 * pooled first. A block's value is the mean of its labels, kept within {@code [1/(n+2),
 * (n+1)/(n+2)]}: n labels prove nothing certain. A score between two blocks belongs to the nearer
 * one.
 *
 * <p>Within a block the score itself breaks ties: over the block's scores the value moves by at
 * most {@value #TIE}, and by less than half of the way to the next block.
 */
public final class Isotonic implements Calibration {

  private static final double TIE = 1e-4;

  /** Blocks by rising score: least score, greatest score, value. */
  private final Matrix blocks;

  private final double tie;

  private Isotonic(Matrix blocks) {
    this.blocks = blocks;
    double gap = 2 * TIE;
    for (int b = 1; b < blocks.columns(); b++) {
      gap = Math.min(gap, Math.abs((double) blocks.at(2, b) - blocks.at(2, b - 1)));
    }
    boolean rising = blocks.at(2, 0) <= blocks.at(2, blocks.columns() - 1);
    tie = (rising ? 1 : -1) * gap / 2;
  }

  static Isotonic read(Matrix kept) {
    return new Isotonic(kept);
  }

  /**
   * Fits.
   *
   * @param scores at least one, none NaN or infinite
   * @param labels one a score, in [0, 1]
   * @param rising whether a higher score is a better one
   */
  public static Isotonic fit(double[] scores, double[] labels, boolean rising) {
    int n = scores.length;
    // As they are kept: scores that are equal there are equal.
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> (float) scores[i]))
            .mapToInt(i -> i)
            .toArray();
    var starts = new ArrayList<Integer>();
    var sums = new ArrayList<Double>();
    var counts = new ArrayList<Double>();
    for (int place = 0; place < n; place++) {
      int i = order[place];
      if (place > 0 && (float) scores[i] == (float) scores[order[place - 1]]) {
        sums.set(sums.size() - 1, sums.getLast() + labels[i]);
        counts.set(counts.size() - 1, counts.getLast() + 1);
      } else {
        starts.add(place);
        sums.add(labels[i]);
        counts.add(1.0);
      }
    }
    double[] means = new double[starts.size()];
    double[] weights = new double[means.length];
    for (int g = 0; g < means.length; g++) {
      means[g] = (rising ? 1 : -1) * sums.get(g) / counts.get(g);
      weights[g] = counts.get(g);
    }
    double[] pooled = pooled(means, weights);
    List<float[]> blocks = new ArrayList<>();
    for (int g = 0; g < pooled.length; g++) {
      float least = (float) scores[order[starts.get(g)]];
      float value = (float) Math.clamp(Math.abs(pooled[g]), 1.0 / (n + 2), (n + 1.0) / (n + 2));
      if (!blocks.isEmpty() && blocks.getLast()[2] == value) {
        blocks.getLast()[1] = least;
      } else {
        blocks.add(new float[] {least, least, value});
      }
    }
    var kept = new Matrix(3, blocks.size());
    for (int b = 0; b < blocks.size(); b++) {
      for (int row = 0; row < 3; row++) {
        kept.values()[row * blocks.size() + b] = blocks.get(b)[row];
      }
    }
    return new Isotonic(kept);
  }

  /**
   * The nearest rising sequence, by squares.
   *
   * @param means one a place
   * @param weights one a place, above 0
   */
  public static double[] pooled(double[] means, double[] weights) {
    int n = means.length;
    var value = new double[n];
    var weight = new double[n];
    var length = new int[n];
    int blocks = 0;
    for (int i = 0; i < n; i++) {
      value[blocks] = means[i];
      weight[blocks] = weights[i];
      length[blocks] = 1;
      while (blocks > 0 && value[blocks - 1] >= value[blocks]) {
        double sum = weight[blocks - 1] + weight[blocks];
        value[blocks - 1] =
            (value[blocks - 1] * weight[blocks - 1] + value[blocks] * weight[blocks]) / sum;
        weight[blocks - 1] = sum;
        length[blocks - 1] += length[blocks];
        blocks--;
      }
      blocks++;
    }
    var rising = new double[n];
    int place = 0;
    for (int b = 0; b < blocks; b++) {
      Arrays.fill(rising, place, place + length[b], value[b]);
      place += length[b];
    }
    return rising;
  }

  @Override
  public double of(double score) {
    int b = 0;
    while (b + 1 < blocks.columns() && score - blocks.at(1, b) > blocks.at(0, b + 1) - score) {
      b++;
    }
    double least = blocks.at(0, b);
    double width = blocks.at(1, b) - least;
    double share = width > 0 ? Math.clamp((score - least) / width, 0.0, 1.0) : 0;
    return Math.clamp(blocks.at(2, b) + tie * share, 0.0, 1.0);
  }

  @Override
  public Matrix kept() {
    return blocks;
  }
}
