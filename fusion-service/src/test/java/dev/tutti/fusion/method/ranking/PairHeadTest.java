package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.fusion.method.features.FeatureRows;
import dev.tutti.fusion.method.ranking.PairNetwork.Pair;
import dev.tutti.numerics.Matrix;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairHeadTest {

  private static final Matrix AS_IT_IS = new Matrix(2, 1, new float[] {0, 1});

  private static Matrix column(float... values) {
    return new Matrix(values.length, 1, values);
  }

  private static Matrix random(int rows, int columns, SplittableRandom random) {
    var matrix = new Matrix(rows, columns);
    for (int i = 0; i < matrix.values().length; i++) {
      matrix.values()[i] = (float) random.nextDouble(-1, 1);
    }
    return matrix;
  }

  /**
   * By hand, with A = .5, B = -.25, b = .1 and v = 2: {@code g(1, 2) = 2 tanh(.5 - .5 + .1)} and
   * {@code g(2, 1) = 2 tanh(1 - .25 + .1)}, so {@code s = 2 (.0996680 - .6910695)}.
   */
  @Test
  void oneComparisonByHand() {
    var first = new Matrix(2, 2, new float[] {.5f, -.25f, .1f, 0});
    var head = new PairHead(List.of(), AS_IT_IS, first, column(2));
    PairwiseMatrix matrix = head.compare(column(1, 2));
    assertEquals(2 * 2 * (.0996680 - .6910695), matrix.difference(0, 1), 1e-6);
    assertArrayEquals(new double[] {-2.365606, 2.365606}, matrix.maxLogits(), 1e-5);
    assertArrayEquals(new double[] {0, 2}, matrix.maxWins());
  }

  @Test
  void whoIsShownFirstDoesNotMatter() {
    var random = new SplittableRandom(3);
    for (int run = 0; run < 50; run++) {
      int features = 1 + random.nextInt(5);
      int hidden = 1 + random.nextInt(4);
      var network =
          new PairNetwork(random(features + 1, 2 * hidden, random), random(1, hidden, random));
      double[][] answers = network.project(random(3, features, random));
      for (double[] one : answers) {
        for (double[] other : answers) {
          assertEquals(0.0, network.logit(one, other) + network.logit(other, one));
        }
      }
    }
  }

  @Test
  void theGradientIsThatOfTheLoss() {
    var random = new SplittableRandom(5);
    var network = new PairNetwork(3, 2, random);
    // Biases too.
    for (int i = 0; i < network.values.length; i++) {
      network.values[i] += random.nextDouble(-.3, .3);
    }
    Matrix answers = random(4, 3, random);
    List<Pair> pairs = List.of(new Pair(0, 1, 1), new Pair(2, 0, .3), new Pair(1, 2, 0));
    var gradient = new double[network.values.length];
    network.learn(answers, pairs, 2, gradient);
    double step = 1e-5;
    for (int i = 0; i < gradient.length; i++) {
      double value = network.values[i];
      network.values[i] = value + step;
      double above = network.learn(answers, pairs, 1, new double[gradient.length]);
      network.values[i] = value - step;
      double below = network.learn(answers, pairs, 1, new double[gradient.length]);
      network.values[i] = value;
      assertEquals(2 * (above - below) / (2 * step), gradient[i], 1e-8, "value " + i);
    }
  }

  /** By hand: s = 0 of a head that says nothing, so each pair loses log 2. */
  @Test
  void theLossOfAHeadThatSaysNothing() {
    var network = new PairNetwork(new Matrix(2, 2), new Matrix(1, 1));
    List<Pair> pairs = List.of(new Pair(0, 1, 1), new Pair(0, 2, .25));
    double loss = network.learn(column(1, 2, 3), pairs, 1, new double[5]);
    assertEquals(Math.log(2), loss, 1e-12);
  }

  @Test
  void pairsOfOneQuestionThatWereScoredDifferently() {
    var rows =
        new FeatureRows(new Matrix(5, 1), new float[] {1, 0, .25f, 1, 1}, new int[] {0, 3, 5});
    assertEquals(
        List.of(new Pair(0, 1, 1), new Pair(0, 2, .875), new Pair(1, 2, .375)),
        PairRankerFit.pairs(rows, 0));
    assertEquals(List.of(), PairRankerFit.pairs(rows, 1));
  }

  /** By hand: 1 and 3 are one deviation from 2; what is always 7 tells nothing. */
  @Test
  void featuresAreScaledAndWhatIsNotKnownIsTheirMean() {
    float unknown = Float.NaN;
    var features =
        new Matrix(3, 3, new float[] {1, 7, unknown, 3, 7, unknown, unknown, 7, unknown});
    Matrix scale = PairHead.scale(features);
    assertArrayEquals(new float[] {2, 7, 0, 1, 0, 0}, scale.values());
    var asked = new Matrix(2, 3, new float[] {2.5f, 8, 4, 1e9f, unknown, unknown});
    assertArrayEquals(
        new float[] {.5f, 0, 0, 5, 0, 0}, PairHead.scaled(scale, asked).values(), "at most 5");
  }

  @Test
  void sizesThatDoNotBelongTogetherAreRefused() {
    var first = new Matrix(2, 2);
    for (Matrix out : List.of(new Matrix(1, 2), new Matrix(2, 1))) {
      assertThrows(
          IllegalArgumentException.class, () -> new PairHead(List.of(), AS_IT_IS, first, out));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new PairHead(List.of(), new Matrix(2, 2), first, column(1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new PairHead(List.of(), new Matrix(1, 1), first, column(1)));
  }
}
