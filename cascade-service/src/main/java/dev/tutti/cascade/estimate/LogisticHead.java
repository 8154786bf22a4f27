package dev.tutti.cascade.estimate;

import dev.tutti.numerics.PositiveDefinite;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A logistic regression over a few numbers, fitted by Newton's method: the sum of the log-losses
 * and half of a penalty times the squared weights, over numbers of variance 1; the bias is all but
 * free.
 */
final class LogisticHead {

  private static final int ROUNDS = 12;
  private static final double CLOSE = 1e-6;
  private static final double FREE = 1e-2;
  private static final double CONSTANT = 1e-9;

  private LogisticHead() {}

  /**
   * Fits.
   *
   * @param x a row an answer
   * @param y what it was worth, in [0, 1]
   * @param penalty above 0
   * @return the bias, then a weight for each number; 0 where it never varies
   */
  static float[] fit(double[][] x, double[] y, double penalty) {
    int n = x.length;
    int d = x[0].length;
    var mean = new double[d];
    var sd = new double[d];
    for (double[] row : x) {
      Vectors.add(mean, 1.0 / n, row);
    }
    for (double[] row : x) {
      for (int j = 0; j < d; j++) {
        sd[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / n;
      }
    }
    int[] varies = IntStream.range(0, d).filter(j -> sd[j] > CONSTANT).toArray();
    Arrays.setAll(sd, j -> Math.sqrt(sd[j]));
    int k = varies.length;
    var z = new double[n][k + 1];
    for (int i = 0; i < n; i++) {
      z[i][k] = 1;
      for (int j = 0; j < k; j++) {
        z[i][j] = (x[i][varies[j]] - mean[varies[j]]) / sd[varies[j]];
      }
    }
    double[] w = newton(z, y, penalty);
    var head = new float[d + 1];
    double bias = w[k];
    for (int j = 0; j < k; j++) {
      double weight = w[j] / sd[varies[j]];
      head[1 + varies[j]] = (float) weight;
      bias -= weight * mean[varies[j]];
    }
    head[0] = (float) bias;
    return head;
  }

  private static double[] newton(double[][] z, double[] y, double penalty) {
    int d = z[0].length;
    var w = new double[d];
    double loss = loss(z, y, w, penalty);
    for (int round = 0; round < ROUNDS; round++) {
      var gradient = new double[d];
      var curvature = new double[d][d];
      for (int i = 0; i < z.length; i++) {
        double p = Vectors.sigmoid(Vectors.dot(w, z[i]));
        double weight = p * (1 - p);
        for (int j = 0; j < d; j++) {
          gradient[j] += (p - y[i]) * z[i][j];
          double scaled = weight * z[i][j];
          for (int l = 0; l <= j; l++) {
            curvature[j][l] += scaled * z[i][l];
          }
        }
      }
      for (int j = 0; j < d; j++) {
        double its = j < d - 1 ? penalty : FREE;
        gradient[j] += its * w[j];
        curvature[j][j] += its;
      }
      double[] step = new PositiveDefinite(curvature).solve(gradient);
      double decrement = Vectors.dot(step, gradient);
      if (decrement < CLOSE) {
        return w;
      }
      // A whole step may lead too far where the start is.
      double length = 1;
      double[] next = moved(w, step, length);
      double its = loss(z, y, next, penalty);
      while (its > loss && length > CLOSE) {
        length /= 2;
        next = moved(w, step, length);
        its = loss(z, y, next, penalty);
      }
      w = next;
      loss = its;
    }
    return w;
  }

  private static double[] moved(double[] w, double[] step, double length) {
    double[] next = w.clone();
    Vectors.add(next, -length, step);
    return next;
  }

  private static double loss(double[][] z, double[] y, double[] w, double penalty) {
    int d = w.length;
    double loss = FREE * w[d - 1] * w[d - 1] / 2;
    for (int j = 0; j < d - 1; j++) {
      loss += penalty * w[j] * w[j] / 2;
    }
    for (int i = 0; i < z.length; i++) {
      double at = Vectors.dot(w, z[i]);
      // ln(1 + e^z) - y z, without overflow.
      loss += Math.max(at, 0) + Math.log1p(Math.exp(-Math.abs(at))) - y[i] * at;
    }
    return loss;
  }

  /**
   * How good an answer is.
   *
   * @param heads heads one after the other, each of this width
   */
  static double of(float[] heads, int from, double[] x) {
    double z = heads[from];
    for (int j = 0; j < x.length; j++) {
      z += heads[from + 1 + j] * x[j];
    }
    return Vectors.sigmoid(z);
  }
}
