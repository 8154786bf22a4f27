package dev.tutti.numerics;

import java.util.Arrays;

/** Arithmetic over arrays. */
public final class Vectors {

  private Vectors() {}

  /** Sum of products. */
  public static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** Sum of products. */
  public static double dot(double[] a, double[] b) {
    // Four sums that do not wait for each other.
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += a[i] * b[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  /** {@code y += a x}. */
  public static void add(double[] y, double a, double[] x) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a * x[i];
    }
  }

  /** As doubles. */
  public static double[] doubles(float[] values) {
    var wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** Scaled to length 1; a vector of zeros stays one. */
  public static double[] unit(double[] values) {
    double norm = Math.sqrt(dot(values, values));
    return norm == 0 ? values.clone() : Arrays.stream(values).map(v -> v / norm).toArray();
  }

  /** {@code 1 / (1 + e^-x)}. */
  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** {@code e^(x_i / temperature)}, scaled to sum to 1. */
  public static double[] softmax(double[] x, double temperature) {
    double most = Arrays.stream(x).max().orElseThrow();
    double[] e = Arrays.stream(x).map(v -> Math.exp((v - most) / temperature)).toArray();
    double sum = Arrays.stream(e).sum();
    return Arrays.stream(e).map(v -> v / sum).toArray();
  }

  /** The mean; 0 of nothing. */
  public static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** Place of the largest, the first of equal ones. */
  public static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
