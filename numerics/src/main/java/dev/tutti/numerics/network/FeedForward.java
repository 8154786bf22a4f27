package dev.tutti.numerics.network;

import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A small feed-forward network: {@code x_l = f(W_l x_(l-1) + b_l)}, without {@code f} at the last
 * layer, and its exact gradients (Rumelhart, Hinton & Williams 1986). Thread-safe as long as nobody
 * writes to its weights.
 */
public final class FeedForward {

  /** What a hidden unit makes of its sum. */
  public enum Activation {
    /** {@code max(0, x)}, begun with weights of variance 2 / inputs (He et al. 2015). */
    RECTIFIER(2) {
      @Override
      double of(double x) {
        return Math.max(0, x);
      }

      @Override
      double slope(double y) {
        return y > 0 ? 1 : 0;
      }
    },
    /** {@code tanh x}, begun with weights of variance 1 / inputs (Glorot & Bengio 2010). */
    TANH(1) {
      @Override
      double of(double x) {
        return Math.tanh(x);
      }

      @Override
      double slope(double y) {
        return 1 - y * y;
      }
    };

    private final double gain;

    Activation(double gain) {
      this.gain = gain;
    }

    abstract double of(double x);

    /** Its slope, told from its value. */
    abstract double slope(double y);
  }

  /**
   * What went through the network: what {@link #descend} needs to know.
   *
   * @param values by layer, the input first and the output last
   */
  public record Pass(List<double[]> values) {

    /** What came out. */
    public double[] output() {
      return values.getLast();
    }
  }

  private final Activation activation;
  private final int[] widths;

  /** Layer by layer, in each row by row, the bias last in every row. */
  private final double[] weights;

  private FeedForward(Activation activation, int[] widths, double[] weights) {
    this.activation = activation;
    this.widths = widths;
    this.weights = weights;
  }

  /**
   * A network with weights drawn at random, biases 0.
   *
   * @param widths numbers of the input, of each hidden layer, of the output; each at least 1
   */
  public static FeedForward drawn(Activation activation, RandomGenerator random, int... widths) {
    if (widths.length < 2 || Arrays.stream(widths).anyMatch(width -> width < 1)) {
      throw new IllegalArgumentException(
          "Widths %s make no network; two or more are needed, each at least 1."
              .formatted(Arrays.toString(widths)));
    }
    var network = new FeedForward(activation, widths.clone(), new double[size(widths)]);
    int at = 0;
    for (int layer = 1; layer < widths.length; layer++) {
      int inputs = widths[layer - 1];
      double deviation = Math.sqrt(activation.gain / inputs);
      for (int row = 0; row < widths[layer]; row++) {
        for (int i = 0; i < inputs; i++) {
          network.weights[at + i] = deviation * random.nextGaussian();
        }
        at += inputs + 1;
      }
    }
    return network;
  }

  /**
   * What {@link #layers} gave.
   *
   * @throws IllegalArgumentException where a layer does not take what the one before gives
   */
  public static FeedForward of(Activation activation, List<Matrix> layers) {
    var widths = new int[layers.size() + 1];
    for (int l = 0; l < layers.size(); l++) {
      Matrix layer = layers.get(l);
      if (l > 0 && layer.columns() != widths[l] + 1) {
        throw new IllegalArgumentException(
            "Layer %d takes %d numbers; the one before gives %d."
                .formatted(l + 1, layer.columns() - 1, widths[l]));
      }
      widths[l] = layer.columns() - 1;
      widths[l + 1] = layer.rows();
    }
    var network = new FeedForward(activation, widths, new double[size(widths)]);
    int at = 0;
    for (Matrix layer : layers) {
      for (float weight : layer.values()) {
        network.weights[at++] = weight;
      }
    }
    return network;
  }

  private static int size(int[] widths) {
    int size = 0;
    for (int layer = 1; layer < widths.length; layer++) {
      size += widths[layer] * (widths[layer - 1] + 1);
    }
    return size;
  }

  /** The same, with weights of its own. */
  public FeedForward copy() {
    return new FeedForward(activation, widths, weights.clone());
  }

  /** The same with a last layer of zeros: it says 0 of everything, until it learns. */
  public FeedForward silent() {
    FeedForward silent = copy();
    int last = widths[widths.length - 1] * (widths[widths.length - 2] + 1);
    Arrays.fill(silent.weights, weights.length - last, weights.length, 0);
    return silent;
  }

  /** Numbers that it takes. */
  public int inputs() {
    return widths[0];
  }

  /** Numbers that it gives. */
  public int outputs() {
    return widths[widths.length - 1];
  }

  /** The weights themselves, for whoever learns them. */
  public double[] weights() {
    return weights;
  }

  /** What comes out. */
  public double[] apply(double[] input) {
    return pass(input).output();
  }

  /**
   * The way through the network.
   *
   * @param input shared, not copied
   * @throws IllegalArgumentException where it is of another width
   */
  public Pass pass(double[] input) {
    if (input.length != widths[0]) {
      throw new IllegalArgumentException(
          "An input of %d numbers; the network takes %d.".formatted(input.length, widths[0]));
    }
    var values = new ArrayList<double[]>(widths.length);
    values.add(input);
    int at = 0;
    for (int layer = 1; layer < widths.length; layer++) {
      double[] from = values.getLast();
      var to = new double[widths[layer]];
      boolean last = layer == widths.length - 1;
      for (int row = 0; row < to.length; row++) {
        double sum = sum(at, from);
        to[row] = last ? sum : activation.of(sum);
        at += from.length + 1;
      }
      values.add(to);
    }
    return new Pass(values);
  }

  private double sum(int at, double[] from) {
    // Two sums that do not wait for each other.
    double a = weights[at + from.length];
    double b = 0;
    int i = 0;
    for (; i + 1 < from.length; i += 2) {
      a += weights[at + i] * from[i];
      b += weights[at + i + 1] * from[i + 1];
    }
    return i < from.length ? a + b + weights[at + i] * from[i] : a + b;
  }

  /**
   * Adds up what a loss changes by with each weight.
   *
   * @param pass the way of one input through these weights
   * @param slopes what the loss changes by with each number of the output
   * @param gradient as many as there are weights
   */
  public void descend(Pass pass, double[] slopes, double[] gradient) {
    double[] above = slopes;
    int end = weights.length;
    for (int layer = widths.length - 1; layer > 0; layer--) {
      double[] from = pass.values().get(layer - 1);
      int start = end - widths[layer] * (from.length + 1);
      // Nobody asks what the loss changes by with the input.
      double[] below = layer > 1 ? new double[from.length] : null;
      for (int row = 0; row < above.length; row++) {
        if (above[row] != 0) {
          descend(start + row * (from.length + 1), above[row], from, below, gradient);
        }
      }
      if (layer > 1) {
        for (int i = 0; i < below.length; i++) {
          below[i] *= activation.slope(from[i]);
        }
      }
      above = below;
      end = start;
    }
  }

  private void descend(int at, double slope, double[] from, double[] below, double[] gradient) {
    for (int i = 0; i < from.length; i++) {
      gradient[at + i] += slope * from[i];
    }
    gradient[at + from.length] += slope;
    if (below != null) {
      for (int i = 0; i < from.length; i++) {
        below[i] += slope * weights[at + i];
      }
    }
  }

  /** The weights as they are kept, a layer each: a row a unit, its bias last. */
  public List<Matrix> layers() {
    var layers = new ArrayList<Matrix>();
    int at = 0;
    for (int l = 1; l < widths.length; l++) {
      var layer = new Matrix(widths[l], widths[l - 1] + 1);
      for (int i = 0; i < layer.values().length; i++) {
        layer.values()[i] = (float) weights[at++];
      }
      layers.add(layer);
    }
    return layers;
  }
}
