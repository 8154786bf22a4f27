package dev.tutti.decoder.method.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.method.routing.PerceptronFit.LabelledState;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class PerceptronTest {

  /** One of eight numbers, drawn at random. */
  static Perceptron perceptron(SplittableRandom random) {
    return new Perceptron(drawn(16, 9, random), drawn(8, 17, random), drawn(1, 9, random));
  }

  private static Matrix drawn(int rows, int columns, SplittableRandom random) {
    var matrix = new Matrix(rows, columns);
    for (int i = 0; i < matrix.values().length; i++) {
      matrix.values()[i] = (float) (0.5 * random.nextGaussian());
    }
    return matrix;
  }

  /**
   * h = 2: r(2 - .5, -2 + 1) = (1.5, 0); the second layer's one unit (2 * 1.5 + 0 - 1) = 2; the
   * third -.5 * 2 + .2 = -.8; s(-.8) = .310026.
   */
  @Test
  void threeLayersByHand() {
    var by =
        new Perceptron(
            new Matrix(2, 2, new float[] {1, -0.5f, -1, 1}),
            new Matrix(1, 3, new float[] {2, 5, -1}),
            new Matrix(1, 2, new float[] {-0.5f, 0.2f}));
    assertEquals(0.310026, by.probability(new float[] {2}), 1e-6);
    // r(.5, 0) -> r(0) -> s(.2)
    assertEquals(0.549834, by.probability(new float[] {1}), 1e-6);
    assertEquals(1, by.width());
    var other = assertThrows(IllegalArgumentException.class, () -> by.probability(new float[2]));
    assertEquals("A hidden state of 2 numbers; the classifier takes 1.", other.getMessage());
  }

  @Test
  void whatWasWrittenIsReadBack() {
    Perceptron learned = fit(circle(200, 3), 5);
    Parameters kept = learned.write(Parameters.of(List.of("a")), "a");
    Perceptron read = Perceptron.read(kept, "a");
    assertEquals(
        learned.probability(new float[] {0.3f, -1}), read.probability(new float[] {0.3f, -1}));
    assertThrows(IllegalArgumentException.class, () -> Perceptron.read(kept, "b"));
  }

  @Test
  void layersThatDoNotFitAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Perceptron(new Matrix(2, 2), new Matrix(1, 4), new Matrix(1, 2)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Perceptron(new Matrix(2, 2), new Matrix(1, 3), new Matrix(2, 2)));
  }

  /** No line tells the inside of a circle from its outside. */
  private static List<LabelledState> circle(int size, long seed) {
    var random = new SplittableRandom(seed);
    var data = new ArrayList<LabelledState>();
    for (int i = 0; i < size; i++) {
      double x = 2 * random.nextGaussian();
      double y = 2 * random.nextGaussian();
      data.add(new LabelledState(new float[] {(float) x, (float) y}, x * x + y * y < 4));
    }
    return data;
  }

  private static Perceptron fit(List<LabelledState> data, int rounds) {
    var random = new SplittableRandom(1);
    return new PerceptronFit(data, random).fit(1e-2, 20, rounds, 20, random);
  }

  @Test
  void itLearnsWhatNoLineTells() {
    Perceptron learned = fit(circle(1_000, 1), 60);
    long right =
        circle(500, 2).stream()
            .filter(s -> learned.probability(s.hidden()) >= 0.5 == s.positive())
            .count();
    assertTrue(right > 460, right + " of 500");
    assertTrue(learned.probability(new float[] {0, 0}) > 0.9);
    assertTrue(learned.probability(new float[] {5, 5}) < 0.1);
  }

  @Test
  void oneStateIsEnoughAndTheSameSeedLearnsTheSame() {
    Perceptron one = fit(List.of(new LabelledState(new float[] {1, 2}, true)), 30);
    assertTrue(one.probability(new float[] {1, 2}) > 0.5);
    assertArrayEquals(
        fit(circle(50, 1), 3).first().values(), fit(circle(50, 1), 3).first().values());
  }

  @Test
  void statesOfDifferentWidthsAreRefused() {
    List<LabelledState> data =
        List.of(new LabelledState(new float[2], true), new LabelledState(new float[3], true));
    assertThrows(
        IllegalArgumentException.class, () -> new PerceptronFit(data, new SplittableRandom(1)));
  }

  @Test
  void aFitThatIsGivenUpEnds() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> fit(circle(50, 1), 3));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
