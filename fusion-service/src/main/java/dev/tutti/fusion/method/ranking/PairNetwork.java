package dev.tutti.fusion.method.ranking;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The numbers of a {@link PairHead}, and their gradient. Not thread-safe while it learns.
 *
 * <p>{@code p_i = z_i W} with {@code W = [A B]} and a bias; {@code s(i, j) = sum over h of v_h
 * (tanh(p_i,h + p_j,H+h) - tanh(p_j,h + p_i,H+h))}. Each answer is projected once, however many it
 * is compared with.
 */
final class PairNetwork {

  private final int inputs;
  private final int hidden;

  /** W row by row, then v. */
  final double[] values;

  /** One that has not learned yet: as Glorot & Bengio 2010, biases 0. */
  PairNetwork(int inputs, int hidden, RandomGenerator random) {
    this.inputs = inputs;
    this.hidden = hidden;
    this.values = new double[(inputs + 1) * 2 * hidden + hidden];
    double within = Math.sqrt(6.0 / (2 * inputs + hidden));
    double out = Math.sqrt(6.0 / (hidden + 1));
    for (int i = 0; i < inputs * 2 * hidden; i++) {
      values[i] = random.nextDouble(-within, within);
    }
    for (int h = 0; h < hidden; h++) {
      values[outAt() + h] = random.nextDouble(-out, out);
    }
  }

  /** One that has learned. */
  PairNetwork(Matrix first, Matrix out) {
    this.inputs = first.rows() - 1;
    this.hidden = out.columns();
    this.values = new double[first.values().length + hidden];
    for (int i = 0; i < first.values().length; i++) {
      values[i] = first.values()[i];
    }
    for (int h = 0; h < hidden; h++) {
      values[outAt() + h] = out.at(0, h);
    }
  }

  private int outAt() {
    return (inputs + 1) * 2 * hidden;
  }

  Matrix first() {
    return new Matrix(inputs + 1, 2 * hidden, Matrix.row(Arrays.copyOf(values, outAt())).values());
  }

  Matrix out() {
    return Matrix.row(Arrays.copyOfRange(values, outAt(), values.length));
  }

  /** Each answer, once: its part as the first of a pair, then as the second. */
  double[][] project(Matrix scaled) {
    var projected = new double[scaled.rows()][];
    for (int i = 0; i < projected.length; i++) {
      projected[i] = project(scaled, i);
    }
    return projected;
  }

  private double[] project(Matrix scaled, int row) {
    var its = Arrays.copyOfRange(values, inputs * 2 * hidden, outAt());
    for (int f = 0; f < inputs; f++) {
      double value = scaled.at(row, f);
      for (int at = f * its.length, h = 0; value != 0 && h < its.length; h++) {
        its[h] += value * values[at + h];
      }
    }
    return its;
  }

  /** How much better the first one is than the second. */
  double logit(double[] one, double[] other) {
    double sum = 0;
    for (int h = 0; h < hidden; h++) {
      double there = Math.tanh(one[h] + other[hidden + h]);
      double back = Math.tanh(other[h] + one[hidden + h]);
      sum += values[outAt() + h] * (there - back);
    }
    return sum;
  }

  /**
   * A pair to learn from; the other order says the same, as the head is antisymmetric.
   *
   * @param one place of an answer
   * @param other place of another one to the same question
   * @param target how probable it is that the first is better, 0 to 1
   */
  record Pair(int one, int other, double target) {}

  /**
   * The mean binary cross-entropy of a question's pairs; adds its gradient.
   *
   * @param scaled features of its answers
   * @param pairs at least one
   * @param weight by which the gradient counts
   * @param gradient one number a value
   */
  double learn(Matrix scaled, List<Pair> pairs, double weight, double[] gradient) {
    var projected = new double[scaled.rows()][];
    var slopes = new double[scaled.rows()][];
    double loss = 0;
    for (Pair pair : pairs) {
      for (int row : new int[] {pair.one(), pair.other()}) {
        if (projected[row] == null) {
          projected[row] = project(scaled, row);
          slopes[row] = new double[2 * hidden];
        }
      }
      double logit = logit(projected[pair.one()], projected[pair.other()]);
      // log(1 + e^s) - t s, of which no s is too great.
      loss +=
          (Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - pair.target() * logit)
              / pairs.size();
      double slope = weight * (Vectors.sigmoid(logit) - pair.target()) / pairs.size();
      back(pair, slope, projected, slopes, gradient);
    }
    for (int row = 0; row < slopes.length; row++) {
      if (slopes[row] != null) {
        add(scaled, row, slopes[row], gradient);
      }
    }
    return loss;
  }

  private void back(
      Pair pair, double slope, double[][] projected, double[][] slopes, double[] gradient) {
    double[] one = projected[pair.one()];
    double[] other = projected[pair.other()];
    double[] toOne = slopes[pair.one()];
    double[] toOther = slopes[pair.other()];
    for (int h = 0; h < hidden; h++) {
      double there = Math.tanh(one[h] + other[hidden + h]);
      double back = Math.tanh(other[h] + one[hidden + h]);
      gradient[outAt() + h] += slope * (there - back);
      double towards = slope * values[outAt() + h] * (1 - there * there);
      double away = slope * values[outAt() + h] * (1 - back * back);
      toOne[h] += towards;
      toOther[hidden + h] += towards;
      toOther[h] -= away;
      toOne[hidden + h] -= away;
    }
  }

  private void add(Matrix scaled, int row, double[] slopes, double[] gradient) {
    for (int f = 0; f <= inputs; f++) {
      double value = f < inputs ? scaled.at(row, f) : 1;
      for (int at = f * slopes.length, h = 0; value != 0 && h < slopes.length; h++) {
        gradient[at + h] += value * slopes[h];
      }
    }
  }
}
