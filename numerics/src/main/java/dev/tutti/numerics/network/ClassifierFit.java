package dev.tutti.numerics.network;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a network of one output learns to tell two classes apart, {@code p = s(z)} with the logistic
 * function s: binary cross-entropy, Adam over shuffled batches, until the loss on a fifth that is
 * not learned from has not fallen for some rounds; the best round stays. Inputs are standardised
 * first, and the first layer takes that in at the end; an input that never varies has no weight,
 * whatever it is later. For one thread.
 */
public final class ClassifierFit {

  /** Share that tells when to stop. */
  private static final double WATCHED = 0.2;

  /** An input of less variance tells nothing. */
  private static final double CONSTANT = 1e-9;

  private final List<float[]> inputs;
  private final boolean[] positive;
  private final FeedForward network;
  private final int units;
  private final double[] gradient;
  private final double[] mean;
  private final double[] scale;

  /**
   * A fit from weights at random.
   *
   * @param inputs at least one, all of one width; shared
   * @param positive their classes
   * @param hidden widths of the hidden layers
   * @throws IllegalArgumentException where widths differ
   */
  public ClassifierFit(
      List<float[]> inputs,
      boolean[] positive,
      Activation activation,
      RandomGenerator random,
      int... hidden) {
    this.inputs = inputs;
    this.positive = positive;
    int width = inputs.getFirst().length;
    for (float[] input : inputs) {
      if (input.length != width) {
        throw new IllegalArgumentException(
            "Inputs of %d and %d numbers.".formatted(width, input.length));
      }
    }
    var widths = new int[hidden.length + 2];
    widths[0] = width;
    System.arraycopy(hidden, 0, widths, 1, hidden.length);
    widths[hidden.length + 1] = 1;
    this.units = widths[1];
    this.network = FeedForward.drawn(activation, random, widths);
    this.gradient = new double[network.weights().length];
    this.mean = new double[width];
    this.scale = new double[width];
    standardise();
  }

  private void standardise() {
    var squares = new double[mean.length];
    for (float[] input : inputs) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += input[i] / inputs.size();
      }
    }
    for (float[] input : inputs) {
      for (int i = 0; i < mean.length; i++) {
        double off = input[i] - mean[i];
        squares[i] += off * off / inputs.size();
      }
    }
    for (int i = 0; i < mean.length; i++) {
      scale[i] = squares[i] > CONSTANT ? 1 / Math.sqrt(squares[i] + 1e-6) : 0;
    }
  }

  /**
   * Learns.
   *
   * @param rate of Adam
   * @param batch inputs a step
   * @param rounds most, over all inputs
   * @param patience rounds without a better one before it ends
   * @return the layers, for inputs as they are
   */
  public List<Matrix> fit(
      double rate, int batch, int rounds, int patience, RandomGenerator random) {
    int size = inputs.size();
    int[] order = Shuffle.of(size, random);
    int learned = Math.max(1, (int) Math.round(size * (1 - WATCHED)));
    int[] watched = learned == size ? order : Arrays.copyOfRange(order, learned, size);
    int[] mine = Arrays.copyOf(order, learned);
    double[] weights = network.weights();
    var adam = new Adam(weights, rate, 0);
    double[] best = weights.clone();
    double least = loss(watched);
    for (int round = 0, since = 0; round < rounds && since < patience; round++) {
      int[] turn = Shuffle.of(learned, random);
      for (int from = 0; from < learned; from += batch) {
        Interruption.check();
        int to = Math.min(learned, from + batch);
        for (int i = from; i < to; i++) {
          learn(mine[turn[i]], 1.0 / (to - from));
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
    return layers();
  }

  /** Mean cross-entropy of these inputs, nats. */
  double loss(int... places) {
    double sum = 0;
    for (int i : places) {
      double z = network.apply(standardised(inputs.get(i)))[0];
      // ln(1 + e^-z) of a positive one, without overflow.
      double margin = positive[i] ? z : -z;
      sum += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
    }
    return sum / places.length;
  }

  private double[] standardised(float[] input) {
    var standardised = new double[input.length];
    for (int i = 0; i < input.length; i++) {
      standardised[i] = (input[i] - mean[i]) * scale[i];
    }
    return standardised;
  }

  /** Adds an input's share to the gradient. */
  private void learn(int place, double share) {
    var pass = network.pass(standardised(inputs.get(place)));
    double slope = share * (Vectors.sigmoid(pass.output()[0]) - (positive[place] ? 1 : 0));
    network.descend(pass, new double[] {slope}, gradient);
  }

  /** For tests: the gradient of {@link #loss} over all inputs. */
  double[] slope() {
    Arrays.fill(gradient, 0);
    for (int i = 0; i < inputs.size(); i++) {
      learn(i, 1.0 / inputs.size());
    }
    double[] slope = gradient.clone();
    Arrays.fill(gradient, 0);
    return slope;
  }

  /** For tests: what is learned, shared. */
  double[] weights() {
    return network.weights();
  }

  private List<Matrix> layers() {
    FeedForward folded = network.copy();
    double[] weights = folded.weights();
    int width = mean.length;
    for (int row = 0; row < units; row++) {
      int at = row * (width + 1);
      double bias = weights[at + width];
      for (int i = 0; i < width; i++) {
        double weight = weights[at + i] * scale[i];
        weights[at + i] = weight;
        bias -= weight * mean[i];
      }
      weights[at + width] = bias;
    }
    return folded.layers();
  }
}
