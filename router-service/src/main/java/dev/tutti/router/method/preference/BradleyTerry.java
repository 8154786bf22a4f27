package dev.tutti.router.method.preference;

import dev.tutti.numerics.PositiveDefinite;
import dev.tutti.numerics.Vectors;

/**
 * Strengths from who beat whom (Bradley & Terry 1952): {@code P(a beats b) = sigmoid(r_a - r_b)},
 * the most likely {@code r} under a normal prior, by Newton's method.
 */
public final class BradleyTerry {

  private static final int MOST_ROUNDS = 50;
  private static final double EXACT_ENOUGH = 1e-10;

  private BradleyTerry() {}

  /**
   * Strengths, which sum to 0.
   *
   * @param wins {@code wins[a][b]}: weight of the battles that {@code a} won against {@code b}; a
   *     tie is half a win for either
   * @param precision of the prior, {@code precision |r|^2 / 2}; above 0, so that who always wins
   *     stays finite
   */
  public static double[] strengths(double[][] wins, double precision) {
    int n = wins.length;
    var r = new double[n];
    for (int round = 0; round < MOST_ROUNDS; round++) {
      var gradient = new double[n];
      var curvature = new double[n][n];
      for (int a = 0; a < n; a++) {
        gradient[a] += precision * r[a];
        curvature[a][a] += precision;
        for (int b = 0; b < a; b++) {
          double both = wins[a][b] + wins[b][a];
          double p = Vectors.sigmoid(r[a] - r[b]);
          double slope = both * p - wins[a][b];
          double bend = both * p * (1 - p);
          gradient[a] += slope;
          gradient[b] -= slope;
          curvature[a][a] += bend;
          curvature[b][b] += bend;
          curvature[a][b] -= bend;
          curvature[b][a] -= bend;
        }
      }
      double[] step = new PositiveDefinite(curvature).solve(gradient);
      double longest = 0;
      for (int a = 0; a < n; a++) {
        // Newton's step may overshoot far from the optimum.
        double bounded = Math.clamp(step[a], -2, 2);
        r[a] -= bounded;
        longest = Math.max(longest, Math.abs(bounded));
      }
      if (longest < EXACT_ENOUGH) {
        break;
      }
    }
    return r;
  }
}
