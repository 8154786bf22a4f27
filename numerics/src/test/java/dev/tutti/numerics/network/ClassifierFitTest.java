package dev.tutti.numerics.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.FiniteDifferences;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassifierFitTest {

  @Test
  void theGradientIsThatOfTheLoss() {
    for (Activation activation : Activation.values()) {
      var random = new SplittableRandom(4);
      var inputs = new ArrayList<float[]>();
      var positive = new boolean[7];
      for (int i = 0; i < positive.length; i++) {
        inputs.add(
            new float[] {
              (float) random.nextGaussian(),
              (float) (3 + random.nextGaussian()),
              (float) random.nextGaussian()
            });
        positive[i] = i % 3 == 0;
      }
      var fit = new ClassifierFit(inputs, positive, activation, random, 6, 3);
      int[] all = IntStream.range(0, positive.length).toArray();
      double[] weights = fit.weights();
      double[] start = weights.clone();
      double[] measured =
          FiniteDifferences.slopes(
              at -> {
                System.arraycopy(at, 0, weights, 0, at.length);
                return fit.loss(all);
              },
              start);
      System.arraycopy(start, 0, weights, 0, start.length);
      double[] slope = fit.slope();
      assertArrayEquals(measured, slope, 1e-7);
      assertTrue(Arrays.stream(slope).filter(s -> s != 0).count() > 20);
    }
  }

  /** No line tells the inside of a circle from its outside. */
  private static List<Matrix> circle(int size, int rounds, Activation activation) {
    var random = new SplittableRandom(1);
    var inputs = new ArrayList<float[]>();
    var inside = new boolean[size];
    for (int i = 0; i < size; i++) {
      // Far from 0: the first layer takes in what they are standardised by.
      float x = (float) (2 * random.nextGaussian());
      float y = (float) (2 * random.nextGaussian());
      inputs.add(new float[] {x + 10, y - 30});
      inside[i] = x * x + y * y < 4;
    }
    return new ClassifierFit(inputs, inside, activation, random, 6)
        .fit(1e-2, 20, rounds, 20, random);
  }

  @Test
  void itLearnsWhatNoLineTells() {
    for (Activation activation : Activation.values()) {
      var learned = FeedForward.of(activation, circle(1_000, 60, activation));
      assertTrue(learned.apply(new double[] {10, -30})[0] > 2, activation::name);
      assertTrue(learned.apply(new double[] {15, -30})[0] < -2, activation::name);
      assertTrue(learned.apply(new double[] {10, -35})[0] < -2, activation::name);
    }
  }

  /** Its weight was drawn at random, and nothing was ever learned of it. */
  @Test
  void anInputThatNeverVariedSaysNothingLater() {
    var random = new SplittableRandom(3);
    var inputs = new ArrayList<float[]>();
    var positive = new boolean[400];
    for (int i = 0; i < positive.length; i++) {
      positive[i] = i % 2 == 0;
      inputs.add(new float[] {positive[i] ? 1 : -1, 7, (float) random.nextGaussian()});
    }
    var learned =
        FeedForward.of(
            Activation.TANH,
            new ClassifierFit(inputs, positive, Activation.TANH, random, 6)
                .fit(1e-2, 20, 20, 20, random));
    for (double first : new double[] {1, -1}) {
      double as = learned.apply(new double[] {first, 7, 0})[0];
      assertTrue(first * as > 2, as + " of " + first);
      assertEquals(as, learned.apply(new double[] {first, 0, 0})[0], 1e-12);
    }
  }

  @Test
  void theSameSeedLearnsTheSame() {
    assertArrayEquals(
        circle(50, 3, Activation.TANH).getFirst().values(),
        circle(50, 3, Activation.TANH).getFirst().values());
  }

  @Test
  void inputsOfDifferentWidthsAreRefused() {
    var random = new SplittableRandom(1);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new ClassifierFit(
                List.of(new float[2], new float[3]), new boolean[2], Activation.TANH, random, 2));
  }

  @Test
  void aFitThatIsGivenUpEnds() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> circle(50, 3, Activation.TANH));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
