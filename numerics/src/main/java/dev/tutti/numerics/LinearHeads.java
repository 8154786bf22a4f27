package dev.tutti.numerics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@code K} linear functions of an embedding, {@code z_k = w_k x + b_k}, and the ways to fit them.
 * Targets that are NaN are left out. Immutable.
 *
 * @param weights a row a head, its bias last
 */
public record LinearHeads(Matrix weights) {

  /** One value a head. */
  public double[] apply(float[] x) {
    var z = new double[weights.rows()];
    int columns = weights.columns();
    for (int k = 0; k < z.length; k++) {
      z[k] = weights.dot(k, x.length == columns ? x : padded(x));
    }
    return z;
  }

  /** The embedding and a 1 for the bias; {@link #apply} saves the copy where it was made before. */
  public static float[] padded(float[] x) {
    float[] more = Arrays.copyOf(x, x.length + 1);
    more[x.length] = 1;
    return more;
  }

  /**
   * Ridge regression (Hoerl & Kennard 1970): {@code min |X W - Y|^2 + lambda |W|^2}, the bias free.
   *
   * @param lambda above 0
   */
  public static LinearHeads ridge(Matrix x, double[][] y, double lambda) {
    int heads = y[0].length;
    boolean whole = Arrays.stream(y).flatMapToDouble(Arrays::stream).noneMatch(Double::isNaN);
    var weights = new Matrix(heads, x.columns() + 1);
    if (whole) {
      int[] all = IntStream.range(0, y.length).toArray();
      solve(x, y, all, IntStream.range(0, heads).toArray(), lambda, weights);
      return new LinearHeads(weights);
    }
    for (int k = 0; k < heads; k++) {
      int head = k;
      int[] known = IntStream.range(0, y.length).filter(i -> !Double.isNaN(y[i][head])).toArray();
      if (known.length > 0) {
        solve(x, y, known, new int[] {k}, lambda, weights);
      }
    }
    return new LinearHeads(weights);
  }

  private static void solve(
      Matrix x, double[][] y, int[] rows, int[] heads, double lambda, Matrix weights) {
    int d = x.columns();
    var mean = new double[d];
    for (int i : rows) {
      for (int j = 0; j < d; j++) {
        mean[j] += x.at(i, j) / (double) rows.length;
      }
    }
    var a = new double[d][d];
    var right = new double[heads.length][d];
    var means = new double[heads.length];
    for (int h = 0; h < heads.length; h++) {
      for (int i : rows) {
        means[h] += y[i][heads[h]] / rows.length;
      }
    }
    var row = new double[d];
    for (int i : rows) {
      Interruption.check();
      for (int j = 0; j < d; j++) {
        row[j] = x.at(i, j) - mean[j];
      }
      for (int j = 0; j < d; j++) {
        double[] line = a[j];
        double value = row[j];
        for (int l = 0; l <= j; l++) {
          line[l] += value * row[l];
        }
      }
      for (int h = 0; h < heads.length; h++) {
        Vectors.add(right[h], y[i][heads[h]] - means[h], row);
      }
    }
    for (int j = 0; j < d; j++) {
      a[j][j] += lambda;
    }
    var solver = new PositiveDefinite(a);
    for (int h = 0; h < heads.length; h++) {
      double[] w = solver.solve(right[h]);
      int at = heads[h] * weights.columns();
      for (int j = 0; j < d; j++) {
        weights.values()[at + j] = (float) w[j];
      }
      weights.values()[at + d] = (float) (means[h] - Vectors.dot(w, mean));
    }
  }

  /**
   * {@code K} logistic regressions: the mean of {@code -c [y ln s(z) + (1 - y) ln(1 - s(z))]} and
   * {@code lambda |w|^2 / 2}, the bias free.
   *
   * @param y targets in [0, 1]; soft ones are allowed
   * @param positive weight {@code c} of the positive part of each head (1 leaves it as it is)
   */
  public static LinearHeads logistic(
      Matrix x, double[][] y, double[] positive, double lambda, int rounds) {
    return descend(
        x,
        y[0].length,
        lambda,
        rounds,
        0.25 * Math.max(1, Arrays.stream(positive).max().orElse(1)),
        (i, z, out) -> {
          for (int k = 0; k < z.length; k++) {
            double t = y[i][k];
            double s = Vectors.sigmoid(z[k]);
            out[k] = Double.isNaN(t) ? 0 : (1 - t) * s - positive[k] * t * (1 - s);
          }
        });
  }

  /**
   * Softmax regression to soft targets: the mean of {@code KL(y || softmax(z))}, which has the same
   * optimum as the cross-entropy, and {@code lambda |w|^2 / 2}.
   *
   * @param y rows that sum to 1
   */
  public static LinearHeads softmax(Matrix x, double[][] y, double lambda, int rounds) {
    return descend(
        x,
        y[0].length,
        lambda,
        rounds,
        0.5,
        (i, z, out) -> {
          double[] p = Vectors.softmax(z, 1);
          for (int k = 0; k < z.length; k++) {
            out[k] = p[k] - y[i][k];
          }
        });
  }

  /** What a row's loss changes by with {@code z}. */
  private interface Slope {
    void at(int row, double[] z, double[] out);
  }

  /** Nesterov's accelerated descent with the step that the loss's curvature allows: no tuning. */
  private static LinearHeads descend(
      Matrix x, int heads, double lambda, int rounds, double curvature, Slope slope) {
    int n = x.rows();
    int d = x.columns() + 1;
    // The greatest eigenvalue of the inputs' mean square is at most its trace; the bias adds 1.
    double size = 1;
    for (float value : x.values()) {
      size += (double) value * value / n;
    }
    double step = 1 / (curvature * size + lambda);
    var w = new double[heads][d];
    var ahead = new double[heads][d];
    Thread fitting = Thread.currentThread();
    for (int round = 0; round < rounds; round++) {
      Interruption.check();
      double[][] at = ahead;
      double[][][] blocks =
          IntStream.range(0, (n + 511) / 512)
              .parallel()
              .mapToObj(
                  block -> {
                    Interruption.check(fitting);
                    return gradient(x, at, slope, 512 * block, Math.min(n, 512 * block + 512));
                  })
              .toArray(double[][][]::new);
      // In order, so that sums are the same on however many cores.
      double[][] gradient = blocks[0];
      for (int block = 1; block < blocks.length; block++) {
        for (int k = 0; k < heads; k++) {
          Vectors.add(gradient[k], 1, blocks[block][k]);
        }
      }
      double momentum = round / (round + 3.0);
      var next = new double[heads][d];
      var further = new double[heads][d];
      for (int k = 0; k < heads; k++) {
        for (int j = 0; j < d; j++) {
          double penalty = j < d - 1 ? lambda * at[k][j] : 0;
          next[k][j] = at[k][j] - step * (gradient[k][j] / n + penalty);
          further[k][j] = next[k][j] + momentum * (next[k][j] - w[k][j]);
        }
      }
      w = next;
      ahead = further;
    }
    var weights = new Matrix(heads, d);
    for (int k = 0; k < heads; k++) {
      for (int j = 0; j < d; j++) {
        weights.values()[k * d + j] = (float) w[k][j];
      }
    }
    return new LinearHeads(weights);
  }

  private static double[][] gradient(Matrix x, double[][] w, Slope slope, int from, int to) {
    int heads = w.length;
    int d = x.columns();
    var gradient = new double[heads][d + 1];
    var z = new double[heads];
    var out = new double[heads];
    var row = new double[d + 1];
    for (int i = from; i < to; i++) {
      for (int j = 0; j < d; j++) {
        row[j] = x.values()[i * d + j];
      }
      row[d] = 1;
      for (int k = 0; k < heads; k++) {
        z[k] = Vectors.dot(w[k], row);
      }
      slope.at(i, z, out);
      for (int k = 0; k < heads; k++) {
        Vectors.add(gradient[k], out[k], row);
      }
    }
    return gradient;
  }
}
