package dev.tutti.numerics.trees;

import dev.tutti.numerics.Matrix;
import java.util.random.RandomGenerator;

/**
 * A random forest: trees over rows drawn with replacement, of which each split tries some features
 * only, and whose leaves are means (Breiman 2001). The mean over the trees is the estimate.
 *
 * @param trees how many, at least 1
 * @param depth most splits from a root to a leaf, at least 1
 * @param leastRows least rows of a leaf, at least 1
 * @param tried features tried at each split; 0 for the square root of their number, rounded
 */
public record Forest(int trees, int depth, int leastRows, int tried) {

  /** Checks the ranges. */
  public Forest {
    if (trees < 1 || depth < 1 || leastRows < 1 || tried < 0) {
      throw new IllegalArgumentException(
          "trees %d, depth %d, leastRows %d must be at least 1 and tried %d at least 0."
              .formatted(trees, depth, leastRows, tried));
    }
  }

  /**
   * Grows one.
   *
   * @param rows a row of features each, at least one
   * @param targets one a row, finite
   * @throws IllegalArgumentException where there is nothing to learn from
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public Trees fit(Matrix rows, float[] targets, RandomGenerator random) {
    Boosting.require(rows, targets);
    int some = tried == 0 ? (int) Math.round(Math.sqrt(rows.columns())) : tried;
    var grower =
        new TreeGrower(
            new Bins(rows),
            new TreeGrower.Limits(depth, leastRows, 0, 1.0 / trees, Math.max(1, some)),
            random);
    for (int t = 0; t < trees; t++) {
      var gradient = new double[targets.length];
      var weight = new double[targets.length];
      for (int i = 0; i < targets.length; i++) {
        int drawn = random.nextInt(targets.length);
        gradient[drawn] -= targets[drawn];
        weight[drawn]++;
      }
      grower.grow(gradient, weight);
    }
    return grower.trees(0);
  }
}
