package dev.tutti.numerics;

/**
 * A symmetric positive definite matrix, solved by Cholesky's factorisation {@code A = L L^T}. Small
 * ones only: {@code n^3 / 6} multiplications once, {@code n^2} for each right side.
 */
public final class PositiveDefinite {

  private final double[][] l;

  /**
   * Factorises.
   *
   * @param a symmetric; only its lower half is read
   * @throws IllegalArgumentException when it is not positive definite
   */
  public PositiveDefinite(double[][] a) {
    int n = a.length;
    l = new double[n][];
    for (int i = 0; i < n; i++) {
      l[i] = new double[i + 1];
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= l[i][k] * l[j][k];
        }
        if (i == j) {
          if (!(sum > 0)) {
            throw new IllegalArgumentException(
                "The matrix is not positive definite: pivot %d is %s.".formatted(i, sum));
          }
          l[i][i] = Math.sqrt(sum);
        } else {
          l[i][j] = sum / l[j][j];
        }
      }
    }
  }

  /** {@code b^T A^-1 b}, which is never negative. */
  public double inverseForm(double[] b) {
    var y = new double[b.length];
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double left = b[i];
      for (int k = 0; k < i; k++) {
        left -= l[i][k] * y[k];
      }
      y[i] = left / l[i][i];
      sum += y[i] * y[i];
    }
    return sum;
  }

  /** {@code L z}: normal with covariance A where z is of independent standard normal numbers. */
  public double[] factorTimes(double[] z) {
    var product = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      for (int k = 0; k <= i; k++) {
        product[i] += l[i][k] * z[k];
      }
    }
    return product;
  }

  /** {@code x} with {@code A x = b}. */
  public double[] solve(double[] b) {
    double[] x = b.clone();
    int n = x.length;
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= l[i][k] * x[k];
      }
      x[i] /= l[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      x[i] /= l[i][i];
      for (int k = 0; k < i; k++) {
        x[k] -= l[i][k] * x[i];
      }
    }
    return x;
  }
}
