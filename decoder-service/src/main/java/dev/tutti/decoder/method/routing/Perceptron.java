package dev.tutti.decoder.method.routing;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;

/**
 * A classifier of hidden states: {@code s(W3 r(W2 r(W1 h + b1) + b2) + b3)} with the rectifier r
 * and the logistic function s, of widths h, 2h, h, 1 as CITER has it. Immutable; {@link
 * PerceptronFit} learns one.
 *
 * @param first [2h][h + 1], the bias last in every row
 * @param second [h][2h + 1]
 * @param third [1][h + 1]
 */
public record Perceptron(Matrix first, Matrix second, Matrix third) {

  /** Checks that each layer takes what the one before gives. */
  public Perceptron {
    if (second.columns() != first.rows() + 1
        || third.columns() != second.rows() + 1
        || third.rows() != 1) {
      throw new IllegalArgumentException(
          "Layers of %d x %d, %d x %d and %d x %d are no classifier."
              .formatted(
                  first.rows(),
                  first.columns(),
                  second.rows(),
                  second.columns(),
                  third.rows(),
                  third.columns()));
    }
  }

  /** What {@link #write} wrote under a name. */
  static Perceptron read(Parameters parameters, String name) {
    return new Perceptron(
        parameters.matrix(name + "/1"),
        parameters.matrix(name + "/2"),
        parameters.matrix(name + "/3"));
  }

  /** The parameters, and these layers under a name. */
  Parameters write(Parameters parameters, String name) {
    return parameters.with(name + "/1", first).with(name + "/2", second).with(name + "/3", third);
  }

  /** Numbers of a hidden state. */
  int width() {
    return first.columns() - 1;
  }

  /**
   * The probability that a hidden state is of the positive class; in [0, 1].
   *
   * @param hidden of {@link #width} numbers
   */
  double probability(float[] hidden) {
    return Vectors.sigmoid(
        layer(third, rectified(layer(second, rectified(layer(first, hidden)))))[0]);
  }

  private static float[] layer(Matrix weights, float[] input) {
    if (input.length != weights.columns() - 1) {
      throw new IllegalArgumentException(
          "A hidden state of %d numbers; the classifier takes %d."
              .formatted(input.length, weights.columns() - 1));
    }
    var output = new float[weights.rows()];
    for (int row = 0; row < output.length; row++) {
      int at = row * weights.columns();
      double sum = weights.values()[at + input.length];
      for (int i = 0; i < input.length; i++) {
        sum += (double) weights.values()[at + i] * input[i];
      }
      output[row] = (float) sum;
    }
    return output;
  }

  private static float[] rectified(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, values[i]);
    }
    return values;
  }
}
