package dev.tutti.numerics;

import java.util.random.RandomGenerator;

/**
 * The directions in which rows lie longest: leading eigenvectors of the matrix of second moments
 * {@code X^T X}, by orthogonal iteration. The mean is not taken off, so that scalar products are
 * kept as well as so few numbers can.
 */
public final class PrincipalAxes {

  private static final int ROUNDS = 12;

  private PrincipalAxes() {}

  /**
   * Axes as {@code [dimension][axis]}.
   *
   * @param some rows to look at
   * @param count of axes; at most as many as there are columns
   */
  public static float[][] of(Matrix rows, int[] some, int count, RandomGenerator random) {
    int columns = rows.columns();
    float[][] moments = moments(rows, some);
    var axes = new float[count][columns];
    for (float[] axis : axes) {
      for (int d = 0; d < columns; d++) {
        axis[d] = (float) random.nextGaussian();
      }
    }
    orthonormalise(axes);
    for (int round = 0; round < ROUNDS; round++) {
      for (int a = 0; a < count; a++) {
        var product = new float[columns];
        for (int d = 0; d < columns; d++) {
          add(product, axes[a][d], moments[d]);
        }
        axes[a] = product;
      }
      orthonormalise(axes);
    }
    var byDimension = new float[columns][count];
    for (int a = 0; a < count; a++) {
      for (int d = 0; d < columns; d++) {
        byDimension[d][a] = axes[a][d];
      }
    }
    return byDimension;
  }

  private static float[][] moments(Matrix rows, int[] some) {
    var moments = new float[rows.columns()][rows.columns()];
    for (int i : some) {
      Interruption.check();
      float[] row = rows.row(i);
      for (int d = 0; d < row.length; d++) {
        add(moments[d], row[d], row);
      }
    }
    return moments;
  }

  /** Gram-Schmidt, modified. */
  private static void orthonormalise(float[][] axes) {
    for (int a = 0; a < axes.length; a++) {
      for (int b = 0; b < a; b++) {
        add(axes[a], (float) -Vectors.dot(axes[a], axes[b]), axes[b]);
      }
      double norm = Math.sqrt(Vectors.dot(axes[a], axes[a]));
      for (int d = 0; d < axes[a].length; d++) {
        // A direction in which no row lies is left at 0.
        axes[a][d] = norm < 1e-12 ? 0 : (float) (axes[a][d] / norm);
      }
    }
  }

  private static void add(float[] y, float a, float[] x) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a * x[i];
    }
  }
}
