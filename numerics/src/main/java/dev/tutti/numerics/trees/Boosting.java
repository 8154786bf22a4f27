package dev.tutti.numerics.trees;

import dev.tutti.numerics.Matrix;
import java.util.random.RandomGenerator;

/**
 * Gradient boosting of trees (Friedman 2001) by Newton steps on the log-loss of a yes or no, or of
 * a share between them (Chen & Guestrin 2016). The sum of base and leaves is a log-odds.
 *
 * @param rounds trees, at least 1
 * @param depth most splits from a root to a leaf, at least 1
 * @param rate by which each tree counts, above 0 and at most 1
 * @param lambda pull of the leaves to 0, at least 0
 * @param leastWeight least sum of {@code p (1 - p)} in a leaf, at least 0
 * @param share of the rows that each tree sees, above 0 and at most 1
 */
public record Boosting(
    int rounds, int depth, double rate, double lambda, double leastWeight, double share) {

  private static final double LEAST = 1e-6;

  /** Checks the ranges. */
  public Boosting {
    if (rounds < 1
        || depth < 1
        || !(rate > 0 && rate <= 1)
        || !(lambda >= 0)
        || !(leastWeight >= 0)
        || !(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "rounds %d, depth %d must be at least 1, rate %s and share %s above 0 and at most 1, lambda %s and leastWeight %s at least 0."
              .formatted(rounds, depth, rate, share, lambda, leastWeight));
    }
  }

  /**
   * Grows them.
   *
   * @param rows a row of features each, at least one
   * @param targets one a row, 0 to 1
   * @throws IllegalArgumentException where there is nothing to learn from
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public Trees fit(Matrix rows, float[] targets, RandomGenerator random) {
    require(rows, targets);
    double mean = 0;
    for (float target : targets) {
      if (!(target >= 0 && target <= 1)) {
        throw new IllegalArgumentException("A target is %s; 0 to 1 is allowed.".formatted(target));
      }
      mean += target / targets.length;
    }
    double middle = Math.clamp(mean, LEAST, 1 - LEAST);
    double base = Math.log(middle / (1 - middle));
    var grower =
        new TreeGrower(
            new Bins(rows),
            new TreeGrower.Limits(
                depth, Math.max(leastWeight, LEAST), lambda, rate, rows.columns()),
            random);
    var odds = new double[targets.length];
    java.util.Arrays.fill(odds, base);
    for (int round = 0; round < rounds; round++) {
      var gradient = new double[targets.length];
      var weight = new double[targets.length];
      for (int i = 0; i < targets.length; i++) {
        if (share == 1 || random.nextDouble() < share) {
          double p = 1 / (1 + Math.exp(-odds[i]));
          gradient[i] = p - targets[i];
          weight[i] = Math.max(LEAST, p * (1 - p));
        }
      }
      grower.grow(gradient, weight);
      grower.addLast(odds);
    }
    return grower.trees(base);
  }

  static void require(Matrix rows, float[] targets) {
    if (rows.rows() == 0 || rows.rows() != targets.length) {
      throw new IllegalArgumentException(
          "%d targets for %d rows; one each is needed, and one row at least."
              .formatted(targets.length, rows.rows()));
    }
  }
}
