package dev.tutti.numerics.trees;

import dev.tutti.numerics.Matrix;

/**
 * Decision trees whose leaves are added up. Immutable.
 *
 * @param base what is added to the leaves
 * @param nodes one a row: feature, threshold, row of the left child, row of the right child, value.
 *     A leaf's feature is -1; else a value of the feature that is at most the threshold goes left,
 *     and so does what is not a number
 * @param roots the first row of each tree
 * @param features how many a row of features has
 */
public record Trees(double base, Matrix nodes, int[] roots, int features) {

  private static final int FEATURE = 0;
  private static final int THRESHOLD = 1;
  private static final int LEFT = 2;
  private static final int RIGHT = 3;
  private static final int VALUE = 4;

  /** Beyond it a float does not tell two rows from each other. */
  private static final int MOST_NODES = 1 << 24;

  /** Columns of {@link #nodes}. */
  static final int COLUMNS = 5;

  /** Checks that every way ends at a leaf. */
  public Trees {
    if (nodes.columns() != COLUMNS || !Double.isFinite(base) || features < 0) {
      throw new IllegalArgumentException(
          "No trees: %d columns, base %s, %d features.".formatted(nodes.columns(), base, features));
    }
    if (nodes.rows() > MOST_NODES) {
      throw new IllegalArgumentException(
          "%d nodes; at most %d are allowed.".formatted(nodes.rows(), MOST_NODES));
    }
    for (int i = 0; i < nodes.rows(); i++) {
      float feature = nodes.at(i, FEATURE);
      boolean leaf = feature == -1;
      if (!leaf
          && !(feature >= 0
              && feature < features
              && isLater(nodes, i, LEFT)
              && isLater(nodes, i, RIGHT))) {
        throw new IllegalArgumentException("Node %d of the trees leads nowhere.".formatted(i));
      }
    }
    for (int root : roots) {
      if (root < 0 || root >= nodes.rows()) {
        throw new IllegalArgumentException(
            "A tree begins at node %d of %d.".formatted(root, nodes.rows()));
      }
    }
  }

  private static boolean isLater(Matrix nodes, int node, int column) {
    float child = nodes.at(node, column);
    return child > node && child < nodes.rows();
  }

  /**
   * The base and a leaf of each tree.
   *
   * @param row one number a feature
   */
  public double score(float[] row) {
    if (row.length != features) {
      throw new IllegalArgumentException(
          "%d features; the trees were grown over %d.".formatted(row.length, features));
    }
    double sum = base;
    for (int root : roots) {
      int node = root;
      while (nodes.at(node, FEATURE) >= 0) {
        float value = ordered(row[(int) nodes.at(node, FEATURE)]);
        node = (int) nodes.at(node, value <= nodes.at(node, THRESHOLD) ? LEFT : RIGHT);
      }
      sum += nodes.at(node, VALUE);
    }
    return sum;
  }

  /** What is not a number comes before all numbers. */
  static float ordered(float value) {
    return Float.isNaN(value) ? Float.NEGATIVE_INFINITY : value;
  }
}
