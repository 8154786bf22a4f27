package dev.tutti.numerics.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.numerics.FiniteDifferences;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FeedForwardTest {

  /**
   * r(2 - .5, -2 + 1) = (1.5, 0); the second layer's one unit r(2 * 1.5 + 5 * 0 - 1) = 2; the third
   * -.5 * 2 + .2 = -.8, which stays negative.
   */
  @Test
  void threeLayersByHand() {
    var network =
        FeedForward.of(
            Activation.RECTIFIER,
            List.of(
                new Matrix(2, 2, new float[] {1, -0.5f, -1, 1}),
                new Matrix(1, 3, new float[] {2, 5, -1}),
                new Matrix(1, 2, new float[] {-0.5f, 0.2f})));
    assertEquals(-.8, network.apply(new double[] {2})[0], 1e-7);
    assertEquals(.2, network.apply(new double[] {1})[0], 1e-7);
    assertEquals(1, network.inputs());
    assertEquals(1, network.outputs());
  }

  /**
   * tanh(.5 * 2 - .5) = .462117; 3 times that and 1 is 2.386351; a second output takes 1 off it.
   */
  @Test
  void hyperbolicUnitsByHand() {
    var network =
        FeedForward.of(
            Activation.TANH,
            List.of(
                new Matrix(1, 2, new float[] {.5f, -.5f}),
                new Matrix(2, 2, new float[] {3, 1, 1, -1})));
    assertArrayEquals(new double[] {2.386351, -.537883}, network.apply(new double[] {2}), 1e-6);
  }

  @Test
  void gradientsAreThoseOfTheLoss() {
    for (Activation activation : Activation.values()) {
      var random = new SplittableRandom(7);
      var network = FeedForward.drawn(activation, random, 3, 5, 4, 2);
      double[] x = {.3, -1.2, .8};
      double[] weights = network.weights();
      double[] start = weights.clone();
      for (int i = 0; i < start.length; i++) {
        // Biases too.
        start[i] += .1 * random.nextGaussian();
      }
      double[] measured =
          FiniteDifferences.slopes(
              at -> {
                System.arraycopy(at, 0, weights, 0, at.length);
                double[] y = network.apply(x);
                return y[0] * y[0] + 3 * y[1];
              },
              start);
      System.arraycopy(start, 0, weights, 0, start.length);
      var gradient = new double[weights.length];
      var pass = network.pass(x);
      network.descend(pass, new double[] {2 * pass.output()[0], 3}, gradient);
      assertArrayEquals(measured, gradient, 1e-7, activation.name());
      network.descend(pass, new double[] {2 * pass.output()[0], 3}, gradient);
      assertEquals(2 * measured[0], gradient[0], 1e-7, "adds up");
    }
  }

  @Test
  void whatIsKeptIsReadBack() {
    var network = FeedForward.drawn(Activation.TANH, new SplittableRandom(1), 4, 3, 2);
    var read = FeedForward.of(Activation.TANH, network.layers());
    assertEquals(network.layers().size(), 2);
    assertArrayEquals(
        FeedForward.of(Activation.TANH, read.layers()).apply(new double[] {1, 2, 3, 4}),
        read.apply(new double[] {1, 2, 3, 4}));
    assertArrayEquals(
        network.apply(new double[] {1, 2, 3, 4}), read.apply(new double[] {1, 2, 3, 4}), 1e-5);
  }

  @Test
  void aSilentOneSaysNothingAndIsAnother() {
    var network = FeedForward.drawn(Activation.TANH, new SplittableRandom(1), 4, 3, 2);
    double[] before = network.weights().clone();
    assertArrayEquals(new double[2], network.silent().apply(new double[] {1, 2, 3, 4}));
    network.copy().weights()[0] = 99;
    assertArrayEquals(before, network.weights());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    var random = new SplittableRandom(1);
    assertThrows(
        IllegalArgumentException.class, () -> FeedForward.drawn(Activation.TANH, random, 4));
    assertThrows(
        IllegalArgumentException.class, () -> FeedForward.drawn(Activation.TANH, random, 4, 0, 1));
    var apart = List.of(new Matrix(2, 2), new Matrix(1, 4));
    assertEquals(
        "Layer 2 takes 3 numbers; the one before gives 2.",
        assertThrows(IllegalArgumentException.class, () -> FeedForward.of(Activation.TANH, apart))
            .getMessage());
    var network = FeedForward.drawn(Activation.TANH, random, 4, 1);
    assertEquals(
        "An input of 3 numbers; the network takes 4.",
        assertThrows(IllegalArgumentException.class, () -> network.apply(new double[3]))
            .getMessage());
  }
}
