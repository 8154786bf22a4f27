package dev.tutti.decoder.method.routing;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.network.ClassifierFit;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.List;
import java.util.random.RandomGenerator;

/** How a {@link Perceptron} learns: as every {@link ClassifierFit} does. For one thread. */
final class PerceptronFit {

  private final ClassifierFit fit;

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
    int width = data.getFirst().hidden().length;
    var positive = new boolean[data.size()];
    for (int i = 0; i < positive.length; i++) {
      positive[i] = data.get(i).positive();
    }
    this.fit =
        new ClassifierFit(
            data.stream().map(LabelledState::hidden).toList(),
            positive,
            Activation.RECTIFIER,
            random,
            2 * width,
            width);
  }

  /** Memory for a fit over states of a width: its weights six times, Adam's among them. */
  static long bytes(int width) {
    return 6 * Double.BYTES * (4L * width * width + 4L * width + 1);
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
    List<Matrix> layers = fit.fit(rate, batch, rounds, patience, random);
    return new Perceptron(layers.get(0), layers.get(1), layers.get(2));
  }
}
