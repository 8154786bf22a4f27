package dev.tutti.router.method.heads;

import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import java.util.function.DoubleUnaryOperator;

/**
 * How far a head's estimate may be from the truth: root mean square of what it leaves over, times
 * {@code sqrt(parameters / queries)}, which is the mean standard error of least squares without a
 * penalty and an upper bound with one; at most a half.
 */
public final class HeadDeviation {

  private static final double MOST = 0.5;

  private HeadDeviation() {}

  /** Of heads that estimate as they are. */
  public static Matrix of(LinearHeads heads, Matrix x, double[][] y) {
    return of(heads, x, y, z -> z);
  }

  /**
   * Of heads that estimate through a link.
   *
   * @param y what was to be estimated; NaN is left out
   */
  public static Matrix of(LinearHeads heads, Matrix x, double[][] y, DoubleUnaryOperator link) {
    var squares = new double[heads.weights().rows()];
    var counts = new int[squares.length];
    for (int i = 0; i < y.length; i++) {
      Interruption.check();
      double[] z = heads.apply(x.row(i));
      for (int k = 0; k < z.length; k++) {
        if (!Double.isNaN(y[i][k])) {
          double left = y[i][k] - link.applyAsDouble(z[k]);
          squares[k] += left * left;
          counts[k]++;
        }
      }
    }
    var deviations = new double[squares.length];
    for (int k = 0; k < deviations.length; k++) {
      deviations[k] =
          counts[k] == 0
              ? MOST
              : Math.min(
                  MOST, Math.sqrt(squares[k] / counts[k] * heads.weights().columns() / counts[k]));
    }
    return Matrix.row(deviations);
  }
}
