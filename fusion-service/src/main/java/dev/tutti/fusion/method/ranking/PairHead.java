package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.List;

/**
 * How much better one answer is than another, {@code s(i, j) = g(i, j) - g(j, i)} with {@code g(i,
 * j) = sum over h of v_h tanh(A z_i + B z_j + b)_h}, where z are an answer's features, scaled to
 * mean 0 and deviation 1 (Jiang et al. 2023, LLM-Blender, its PairRanker; card variant over
 * features). {@code s(j, i) = -s(i, j)} to the last bit. Immutable.
 *
 * @param members whom it has learned about
 * @param scale {@code [2][features]}: means, and what the distance to them is multiplied by
 * @param first {@code [features + 1][2 x hidden]}: A and B side by side, the bias last
 * @param out {@code [1][hidden]}: v
 */
record PairHead(List<String> members, Matrix scale, Matrix first, Matrix out)
    implements LearnedFusion {

  /** No feature is believed to be further from its mean, in deviations: as long texts would be. */
  private static final float FURTHEST = 5;

  /** Checks that the sizes belong together. */
  PairHead {
    if (scale.rows() != 2
        || first.rows() != scale.columns() + 1
        || first.columns() != 2 * out.columns()
        || out.rows() != 1) {
      throw new IllegalArgumentException(
          "The head is %d x %d, %d x %d, %d x %d; 2 x n, n + 1 x 2 h, 1 x h is allowed."
              .formatted(
                  scale.rows(),
                  scale.columns(),
                  first.rows(),
                  first.columns(),
                  out.rows(),
                  out.columns()));
    }
  }

  static PairHead read(Parameters parameters) {
    return new PairHead(
        parameters.members(),
        parameters.matrix("scale"),
        parameters.matrix("first"),
        parameters.matrix("out"));
  }

  @Override
  public Parameters parameters() {
    return Parameters.of(members).with("scale", scale).with("first", first).with("out", out);
  }

  /** How many features of an answer it looks at. */
  int features() {
    return scale.columns();
  }

  /** All candidates compared; one order tells the other. */
  PairwiseMatrix compare(Matrix features) {
    var network = new PairNetwork(first, out);
    var projected = network.project(scaled(scale, features));
    var matrix = new PairwiseMatrix(features.rows());
    for (int i = 0; i < features.rows(); i++) {
      for (int j = 0; j < i; j++) {
        double logit = network.logit(projected[i], projected[j]);
        matrix.put(i, j, logit);
        matrix.put(j, i, -logit);
      }
    }
    return matrix;
  }

  /** What {@link #scaled} needs, of the rows that are learned from; NaN is not known. */
  static Matrix scale(Matrix features) {
    int columns = features.columns();
    var scale = new Matrix(2, columns);
    for (int c = 0; c < columns; c++) {
      double sum = 0;
      double squares = 0;
      int known = 0;
      for (int r = 0; r < features.rows(); r++) {
        double value = features.at(r, c);
        if (!Double.isNaN(value)) {
          sum += value;
          squares += value * value;
          known++;
        }
      }
      double mean = known == 0 ? 0 : sum / known;
      double variance = known == 0 ? 0 : squares / known - mean * mean;
      scale.values()[c] = (float) mean;
      // What is always the same tells nothing, rounding errors of it neither.
      scale.values()[columns + c] =
          variance > 1e-9 * (1 + mean * mean) ? (float) (1 / Math.sqrt(variance)) : 0;
    }
    return scale;
  }

  /** Features in deviations from their means; 0 where not known. */
  static Matrix scaled(Matrix scale, Matrix features) {
    var scaled = new Matrix(features.rows(), features.columns());
    int columns = features.columns();
    for (int i = 0; i < scaled.values().length; i++) {
      int c = i % columns;
      float value = (features.values()[i] - scale.at(0, c)) * scale.at(1, c);
      scaled.values()[i] = Float.isNaN(value) ? 0 : Math.clamp(value, -FURTHEST, FURTHEST);
    }
    return scaled;
  }
}
