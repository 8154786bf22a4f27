package dev.tutti.numerics.trees;

import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Grows trees over binned features by sums of gradients: a leaf's value is {@code -G / (H +
 * lambda)}, and the best split has the greatest {@code G_l^2 / (H_l + lambda) + G_r^2 / (H_r +
 * lambda) - G^2 / (H + lambda)} (Chen & Guestrin 2016, XGBoost, equations 5 to 7). With G the sum
 * of -y and H the number of rows this is a regression tree, whose leaves are means.
 */
final class TreeGrower {

  private final Bins bins;
  private final Limits limits;
  private final RandomGenerator random;
  private final List<float[]> nodes = new ArrayList<>();
  private final List<Integer> roots = new ArrayList<>();
  private double[] gradient;
  private double[] weight;
  private double leastGain;

  /**
   * What bounds a tree.
   *
   * @param depth most splits from the root to a leaf
   * @param leastWeight least H of a leaf
   * @param lambda added to H
   * @param scale of the leaves' values
   * @param tried how many features are tried at each split, drawn anew
   */
  record Limits(int depth, double leastWeight, double lambda, double scale, int tried) {}

  /** Of {@code sum g^2 / h}, above which no gain can be: less of it is rounding. */
  private static final double ROUNDING = 1e-12;

  private record Split(int feature, int bin, double gain) {}

  TreeGrower(Bins bins, Limits limits, RandomGenerator random) {
    this.bins = bins;
    this.limits = limits;
    this.random = random;
  }

  /**
   * Grows one more tree.
   *
   * @param gradient of each row
   * @param weight second derivative of each row, times how often the row counts; rows of weight 0
   *     are left out
   */
  void grow(double[] gradient, double[] weight) {
    Interruption.check();
    this.gradient = gradient;
    this.weight = weight;
    int[] rows = new int[weight.length];
    int size = 0;
    leastGain = 0;
    for (int i = 0; i < weight.length; i++) {
      if (weight[i] > 0) {
        leastGain += ROUNDING * gradient[i] * gradient[i] / weight[i];
        rows[size++] = i;
      }
    }
    roots.add(nodes.size());
    node(Arrays.copyOf(rows, size), 0);
  }

  /** Adds what the tree that was grown last says of each row, also of those it did not see. */
  void addLast(double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      int at = roots.getLast();
      float[] node = nodes.get(at);
      while (node[0] >= 0) {
        int feature = (int) node[0];
        boolean left = node[1] >= thresholdOf(feature, bins.bins[feature][row]);
        node = nodes.get((int) (left ? node[2] : node[3]));
      }
      sums[row] += node[4];
    }
  }

  /** The threshold of a bin; above all of them for the last one. */
  private float thresholdOf(int feature, int bin) {
    float[] its = bins.thresholds[feature];
    return bin < its.length ? its[bin] : Float.POSITIVE_INFINITY;
  }

  /** The trees so far. */
  Trees trees(double base) {
    return new Trees(
        base,
        nodes.isEmpty() ? new Matrix(0, Trees.COLUMNS) : Matrix.of(nodes),
        roots.stream().mapToInt(Integer::intValue).toArray(),
        bins.thresholds.length);
  }

  private int node(int[] rows, int depth) {
    double g = 0;
    double h = 0;
    for (int row : rows) {
      g += gradient[row];
      h += weight[row];
    }
    int at = nodes.size();
    // A tree that sees no row says nothing.
    double value = rows.length == 0 ? 0 : limits.scale() * -g / (h + limits.lambda());
    nodes.add(new float[] {-1, 0, 0, 0, (float) value});
    Split best = depth < limits.depth() ? best(rows, g, h) : null;
    if (best != null) {
      int[] left = side(rows, best, true);
      int[] right = side(rows, best, false);
      float threshold = bins.thresholds[best.feature()][best.bin()];
      int leftAt = node(left, depth + 1);
      int rightAt = node(right, depth + 1);
      nodes.set(at, new float[] {best.feature(), threshold, leftAt, rightAt, 0});
    }
    return at;
  }

  private int[] side(int[] rows, Split split, boolean left) {
    byte[] its = bins.bins[split.feature()];
    return Arrays.stream(rows).filter(row -> its[row] <= split.bin() == left).toArray();
  }

  private Split best(int[] rows, double g, double h) {
    int features = bins.thresholds.length;
    int[] order = limits.tried() < features ? Shuffle.of(features, random) : null;
    Split best = null;
    double[] sums = new double[2 * Bins.MOST];
    for (int k = 0; k < Math.min(limits.tried(), features); k++) {
      int feature = order == null ? k : order[k];
      Arrays.fill(sums, 0);
      byte[] its = bins.bins[feature];
      for (int row : rows) {
        sums[2 * its[row]] += gradient[row];
        sums[2 * its[row] + 1] += weight[row];
      }
      double leftG = 0;
      double leftH = 0;
      for (int bin = 0; bin < bins.thresholds[feature].length; bin++) {
        leftG += sums[2 * bin];
        leftH += sums[2 * bin + 1];
        double rightH = h - leftH;
        if (leftH < limits.leastWeight() || rightH < limits.leastWeight()) {
          continue;
        }
        double gain = worth(leftG, leftH) + worth(g - leftG, rightH) - worth(g, h);
        if (gain > (best == null ? leastGain : best.gain())) {
          best = new Split(feature, bin, gain);
        }
      }
    }
    return best;
  }

  private double worth(double g, double h) {
    return g * g / (h + limits.lambda());
  }
}
