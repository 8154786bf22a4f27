package dev.tutti.decoder.method.routing;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a {@link Perceptron} learns: binary cross-entropy, Adam over shuffled batches, until the loss
 * on a fifth that is not learned from has not fallen for some rounds; the best round stays. Hidden
 * states are standardised first, and the layers take that in at the end. For one thread.
 */
final class PerceptronFit {

  /** Share that tells when to stop. */
  private static final double WATCHED = 0.2;

  private final List<LabelledState> data;
  private final int width;
  // Row by row, the three layers one after the other, each row's bias last.
  private final double[] weights;
  private final double[] mean;
  private final double[] scale;
  private final double[] gradient;
  private final double[] input;
  private final double[] one;
  private final double[] two;
  private final double[] slopeOne;
  private final double[] slopeTwo;

  /**
   * A hidden state and its class.
   *
   * @param hidden as wide as all others
   * @param positive its class
   */
  record LabelledState(float[] hidden, boolean positive) {}

  /**
   * A fit from weights at random (He et al. 2015), biases 0.
   *
   * @param data not empty
   */
  PerceptronFit(List<LabelledState> data, RandomGenerator random) {
    this.data = data;
    this.width = data.getFirst().hidden().length;
    for (LabelledState state : data) {
      if (state.hidden().length != width) {
        throw new IllegalArgumentException(
            "Hidden states of %d and %d numbers.".formatted(width, state.hidden().length));
      }
    }
    this.weights = new double[second() + width * (2 * width + 1) + width + 1];
    for (int row = 0; row < 2 * width; row++) {
      draw(row * (width + 1), width, random);
    }
    for (int row = 0; row < width; row++) {
      draw(second() + row * (2 * width + 1), 2 * width, random);
    }
    draw(third(), width, random);
    this.gradient = new double[weights.length];
    this.input = new double[width];
    this.one = new double[2 * width];
    this.two = new double[width];
    this.slopeOne = new double[2 * width];
    this.slopeTwo = new double[width];
    this.mean = new double[width];
    this.scale = new double[width];
    standardise();
  }

  /** Memory for a fit over states of a width: its weights six times, Adam's among them. */
  static long bytes(int width) {
    return 6 * Double.BYTES * (4L * width * width + 4L * width + 1);
  }

  private int second() {
    return 2 * width * (width + 1);
  }

  private int third() {
    return second() + width * (2 * width + 1);
  }

  private void draw(int at, int inputs, RandomGenerator random) {
    double deviation = Math.sqrt(2.0 / inputs);
    for (int i = 0; i < inputs; i++) {
      weights[at + i] = deviation * random.nextGaussian();
    }
  }

  private void standardise() {
    var squares = new double[width];
    for (LabelledState state : data) {
      for (int i = 0; i < width; i++) {
        mean[i] += state.hidden()[i] / data.size();
      }
    }
    for (LabelledState state : data) {
      for (int i = 0; i < width; i++) {
        double off = state.hidden()[i] - mean[i];
        squares[i] += off * off / data.size();
      }
    }
    for (int i = 0; i < width; i++) {
      scale[i] = 1 / Math.sqrt(squares[i] + 1e-6);
    }
  }

  /**
   * Learns.
   *
   * @param rate of Adam
   * @param batch states a step
   * @param rounds most, over all states
   * @param patience rounds without a better one before it ends
   */
  Perceptron fit(double rate, int batch, int rounds, int patience, RandomGenerator random) {
    int[] order = Shuffle.of(data.size(), random);
    int learned = Math.max(1, (int) Math.round(data.size() * (1 - WATCHED)));
    int[] watched =
        learned == data.size() ? order : Arrays.copyOfRange(order, learned, data.size());
    int[] mine = Arrays.copyOf(order, learned);
    var adam = new Adam(weights, rate, 0);
    double[] best = weights.clone();
    double least = loss(watched);
    for (int round = 0, since = 0; round < rounds && since < patience; round++) {
      int[] turn = Shuffle.of(learned, random);
      for (int from = 0; from < learned; from += batch) {
        Interruption.check();
        int to = Math.min(learned, from + batch);
        for (int i = from; i < to; i++) {
          learn(data.get(mine[turn[i]]), 1.0 / (to - from));
        }
        System.arraycopy(gradient, 0, adam.gradient(), 0, gradient.length);
        Arrays.fill(gradient, 0);
        adam.step();
      }
      double loss = loss(watched);
      since++;
      if (loss < least) {
        least = loss;
        since = 0;
        System.arraycopy(weights, 0, best, 0, best.length);
      }
    }
    System.arraycopy(best, 0, weights, 0, best.length);
    return perceptron();
  }

  /** Mean cross-entropy of these states, nats. */
  double loss(int... states) {
    double sum = 0;
    for (int i : states) {
      double z = forward(data.get(i).hidden());
      // ln(1 + e^-z) of a positive one, without overflow.
      double margin = data.get(i).positive() ? z : -z;
      sum += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
    }
    return sum / states.length;
  }

  private double forward(float[] hidden) {
    for (int i = 0; i < width; i++) {
      input[i] = (hidden[i] - mean[i]) * scale[i];
    }
    for (int row = 0; row < one.length; row++) {
      one[row] = Math.max(0, sum(row * (width + 1), input));
    }
    for (int row = 0; row < two.length; row++) {
      two[row] = Math.max(0, sum(second() + row * (2 * width + 1), one));
    }
    return sum(third(), two);
  }

  private double sum(int at, double[] from) {
    double a = weights[at + from.length];
    double b = 0;
    int i = 0;
    for (; i + 1 < from.length; i += 2) {
      a += weights[at + i] * from[i];
      b += weights[at + i + 1] * from[i + 1];
    }
    return i < from.length ? a + b + weights[at + i] * from[i] : a + b;
  }

  /** Adds a state's share to the gradient. */
  private void learn(LabelledState state, double share) {
    double slope = share * (Vectors.sigmoid(forward(state.hidden())) - (state.positive() ? 1 : 0));
    Arrays.fill(slopeTwo, 0);
    Arrays.fill(slopeOne, 0);
    back(third(), slope, two, slopeTwo);
    for (int row = 0; row < two.length; row++) {
      if (two[row] > 0) {
        back(second() + row * (2 * width + 1), slopeTwo[row], one, slopeOne);
      }
    }
    for (int row = 0; row < one.length; row++) {
      if (one[row] > 0 && slopeOne[row] != 0) {
        int at = row * (width + 1);
        for (int i = 0; i < width; i++) {
          gradient[at + i] += slopeOne[row] * input[i];
        }
        gradient[at + width] += slopeOne[row];
      }
    }
  }

  private void back(int at, double slope, double[] from, double[] slopes) {
    for (int i = 0; i < from.length; i++) {
      gradient[at + i] += slope * from[i];
      slopes[i] += slope * weights[at + i];
    }
    gradient[at + from.length] += slope;
  }

  /** For tests: the gradient of {@link #loss} over all states. */
  double[] slope() {
    Arrays.fill(gradient, 0);
    data.forEach(state -> learn(state, 1.0 / data.size()));
    double[] slope = gradient.clone();
    Arrays.fill(gradient, 0);
    return slope;
  }

  /** For tests: what is learned, shared. */
  double[] weights() {
    return weights;
  }

  private Perceptron perceptron() {
    var first = new Matrix(2 * width, width + 1);
    for (int row = 0; row < 2 * width; row++) {
      int at = row * (width + 1);
      double bias = weights[at + width];
      for (int i = 0; i < width; i++) {
        double weight = weights[at + i] * scale[i];
        first.values()[at + i] = (float) weight;
        bias -= weight * mean[i];
      }
      first.values()[at + width] = (float) bias;
    }
    return new Perceptron(
        first, matrix(second(), width, 2 * width + 1), matrix(third(), 1, width + 1));
  }

  private Matrix matrix(int at, int rows, int columns) {
    var matrix = new Matrix(rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      matrix.values()[i] = (float) weights[at + i];
    }
    return matrix;
  }
}
