package dev.tutti.cascade.method.deferral;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.trees.Boosting;
import dev.tutti.numerics.trees.Trees;
import java.util.List;
import java.util.random.RandomGenerator;

/** A function of an answer's features, 0 to 1. Immutable. */
sealed interface DeferralHead {

  /** What it says of these features; what is NaN among them is as the average. */
  double of(float[] features);

  /** The parameters, and this, under names that begin so. */
  Parameters with(Parameters parameters, String prefix);

  /**
   * Logistic regression.
   *
   * @param scale a row of the features' means, and one of what they are divided by
   * @param heads one, over the scaled features
   */
  record Linear(Matrix scale, LinearHeads heads) implements DeferralHead {

    private static final double PENALTY = 1e-4;
    private static final int ROUNDS = 300;

    static Linear fit(List<float[]> rows, float[] targets) {
      int columns = rows.getFirst().length;
      var scale = new Matrix(2, columns);
      for (int j = 0; j < columns; j++) {
        int column = j;
        double[] known =
            rows.stream().mapToDouble(row -> row[column]).filter(v -> !Double.isNaN(v)).toArray();
        double mean = known.length == 0 ? 0 : Vectors.mean(known);
        double square = 0;
        for (double value : known) {
          square += (value - mean) * (value - mean) / known.length;
        }
        scale.values()[j] = (float) mean;
        scale.values()[columns + j] = square > 1e-12 ? (float) Math.sqrt(square) : 1;
      }
      var y = new double[targets.length][1];
      for (int i = 0; i < y.length; i++) {
        y[i][0] = targets[i];
      }
      Matrix scaled = Matrix.of(rows.stream().map(row -> scaled(row, scale)).toList());
      return new Linear(scale, LinearHeads.logistic(scaled, y, new double[] {1}, PENALTY, ROUNDS));
    }

    private static float[] scaled(float[] row, Matrix scale) {
      var scaled = new float[row.length];
      for (int j = 0; j < row.length; j++) {
        scaled[j] = Float.isNaN(row[j]) ? 0 : (row[j] - scale.at(0, j)) / scale.at(1, j);
      }
      return scaled;
    }

    @Override
    public double of(float[] features) {
      return Vectors.sigmoid(heads.apply(scaled(features, scale))[0]);
    }

    @Override
    public Parameters with(Parameters parameters, String prefix) {
      return parameters.with(prefix + "scale", scale).with(prefix + "weights", heads.weights());
    }
  }

  /** Boosted trees, whose sum is a log-odds. */
  record Grown(Trees trees) implements DeferralHead {

    private static final double RATE = 0.05;

    static Grown fit(
        List<float[]> rows, float[] targets, int count, int depth, RandomGenerator random) {
      Trees grown =
          new Boosting(count, depth, RATE, 1, 1, 0.5).fit(Matrix.of(rows), targets, random);
      // As it is kept.
      return new Grown(
          new Trees((float) grown.base(), grown.nodes(), grown.roots(), grown.features()));
    }

    @Override
    public double of(float[] features) {
      return Vectors.sigmoid(trees.score(features));
    }

    @Override
    public Parameters with(Parameters parameters, String prefix) {
      var roots = new double[trees.roots().length];
      for (int i = 0; i < roots.length; i++) {
        roots[i] = trees.roots()[i];
      }
      return parameters
          .with(prefix + "base", trees.base())
          .with(prefix + "nodes", trees.nodes())
          .with(prefix + "roots", Matrix.row(roots))
          .with(prefix + "features", trees.features());
    }
  }

  /** What {@link #with} put there. */
  static DeferralHead read(Parameters kept, String prefix) {
    if (kept.matrices().containsKey(prefix + "scale")) {
      return new Linear(
          kept.matrix(prefix + "scale"), new LinearHeads(kept.matrix(prefix + "weights")));
    }
    Matrix roots = kept.matrix(prefix + "roots");
    var starts = new int[roots.columns()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = (int) roots.at(0, i);
    }
    return new Grown(
        new Trees(
            kept.number(prefix + "base"),
            kept.matrix(prefix + "nodes"),
            starts,
            (int) kept.number(prefix + "features")));
  }
}
