package dev.tutti.numerics;

import java.util.SplittableRandom;

/**
 * Softmax regression to hard labels by stochastic gradient descent (Robbins & Monro 1951): one row
 * after the other in an order drawn anew each epoch, by steps that shrink linearly to nothing. For
 * many rows, where {@link LinearHeads#softmax} takes minutes: a few epochs come close to its
 * optimum. Each step is one of at most {@code 2 / L}, {@code L} the curvature along a row. On the
 * caller's thread alone; the same rows in the same order give the same bits.
 */
public final class SoftmaxSteps {

  private static final long SEED = 1;

  /** The softmax's greatest curvature by its inputs. */
  private static final double CURVATURE = 0.5;

  private SoftmaxSteps() {}

  /**
   * Fits: the mean of the cross-entropy and {@code lambda |w|^2 / 2}, the bias free.
   *
   * @param x at least one row, none longer than about 1: the step follows from the mean length
   * @param labels of the rows, from 0
   * @param classes more than the greatest label
   * @param lambda at least 0
   * @param epochs how often each row is looked at, at least 1
   * @return a head a class
   */
  public static LinearHeads fit(Matrix x, int[] labels, int classes, double lambda, int epochs) {
    int n = x.rows();
    int d = x.columns();
    double size = 1;
    for (float value : x.values()) {
      size += (double) value * value / n;
    }
    double first = 1 / (CURVATURE * size);
    var w = new float[classes][d + 1];
    var row = new float[d + 1];
    var z = new double[classes];
    var random = new SplittableRandom(SEED);
    long steps = (long) n * epochs;
    long step = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int i : Shuffle.of(n, random)) {
        if (step % 256 == 0) {
          Interruption.check();
        }
        System.arraycopy(x.values(), i * d, row, 0, d);
        row[d] = 1;
        for (int k = 0; k < classes; k++) {
          z[k] = dot(w[k], row);
        }
        double[] p = Vectors.softmax(z, 1);
        double rate = first * (steps - step) / steps;
        float shrink = (float) (1 - rate * lambda);
        for (int k = 0; k < classes; k++) {
          float slope = (float) (rate * (p[k] - (k == labels[i] ? 1 : 0)));
          move(w[k], shrink, slope, row);
        }
        step++;
      }
    }
    var weights = new Matrix(classes, d + 1);
    for (int k = 0; k < classes; k++) {
      System.arraycopy(w[k], 0, weights.values(), k * (d + 1), d + 1);
    }
    return new LinearHeads(weights);
  }

  private static void move(float[] w, float shrink, float slope, float[] row) {
    int bias = w.length - 1;
    for (int j = 0; j < bias; j++) {
      w[j] = shrink * w[j] - slope * row[j];
    }
    w[bias] -= slope * row[bias];
  }

  /** Eight sums that do not wait for each other. */
  private static double dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int j = 0;
    for (; j + 7 < a.length; j += 8) {
      s0 += a[j] * b[j];
      s1 += a[j + 1] * b[j + 1];
      s2 += a[j + 2] * b[j + 2];
      s3 += a[j + 3] * b[j + 3];
      s4 += a[j + 4] * b[j + 4];
      s5 += a[j + 5] * b[j + 5];
      s6 += a[j + 6] * b[j + 6];
      s7 += a[j + 7] * b[j + 7];
    }
    for (; j < a.length; j++) {
      s0 += a[j] * b[j];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
