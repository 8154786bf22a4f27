package dev.tutti.numerics.trees;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class TreesTest {

  private static final float NAN = Float.NaN;

  @Test
  void oneNewtonStepAtOneSplit() {
    // Mean 3/4: base ln 3, p = .75 and p (1 - p) = .1875 everywhere. The first row alone on the
    // left: G = .75, H = .1875; the others G = -.75, H = .5625.
    Matrix rows = new Matrix(4, 1, new float[] {1, 2, 3, 4});
    Trees trees =
        new Boosting(1, 1, .1, 1, 0, 1)
            .fit(rows, new float[] {0, 1, 1, 1}, new SplittableRandom(1));
    double leaf = .75 / (.1875 + 1) * .1;
    double other = .75 / (.5625 + 1) * .1;
    assertEquals(Math.log(3), trees.base(), 1e-12);
    assertEquals(Math.log(3) - leaf, trees.score(new float[] {1}), 1e-6);
    assertEquals(Math.log(3) + other, trees.score(new float[] {2}), 1e-6);
    assertEquals(Math.log(3) - leaf, trees.score(new float[] {1.5f}), 1e-6);
    assertEquals(Math.log(3) + other, trees.score(new float[] {100}), 1e-6);
  }

  @Test
  void theSecondRoundGoesOnFromTheFirst() {
    Matrix rows = new Matrix(2, 1, new float[] {0, 1});
    Trees trees =
        new Boosting(2, 1, 1, 1, 0, 1).fit(rows, new float[] {0, 1}, new SplittableRandom(1));
    // Round 1: p = .5, G = +-.5, H = .25: leaf -+.4. Round 2: p = sigmoid(.4).
    double p = 1 / (1 + Math.exp(-.4));
    double second = (1 - p) / (p * (1 - p) + 1);
    assertEquals(.4 + second, trees.score(new float[] {1}), 1e-6);
    assertEquals(-.4 - second, trees.score(new float[] {0}), 1e-6);
  }

  @Test
  void whatIsNoNumberGoesLeft() {
    Matrix rows = new Matrix(4, 1, new float[] {NAN, NAN, 0, 1});
    Trees trees =
        new Boosting(1, 1, 1, 1, 0, 1).fit(rows, new float[] {1, 1, 0, 0}, new SplittableRandom(1));
    assertTrue(trees.score(new float[] {NAN}) > 0);
    assertTrue(trees.score(new float[] {-100}) < 0);
    assertTrue(trees.score(new float[] {0}) < 0);
  }

  @Test
  void exclusiveOrNeedsTwoSplitsAndIsLearned() {
    var random = new SplittableRandom(3);
    var rows = new Matrix(400, 2);
    var targets = new float[400];
    for (int i = 0; i < targets.length; i++) {
      float a = (float) random.nextDouble();
      float b = (float) random.nextDouble();
      rows.values()[2 * i] = a;
      rows.values()[2 * i + 1] = b;
      targets[i] = a > .5 == b > .5 ? 1 : 0;
    }
    Trees boosted = new Boosting(60, 3, .3, 1, 1, .8).fit(rows, targets, new SplittableRandom(1));
    Trees forest = new Forest(60, 6, 2, 2).fit(rows, targets, new SplittableRandom(1));
    assertTrue(boosted.score(new float[] {.9f, .8f}) > 1);
    assertTrue(boosted.score(new float[] {.9f, .2f}) < -1);
    assertTrue(forest.score(new float[] {.1f, .2f}) > .8);
    assertTrue(forest.score(new float[] {.1f, .8f}) < .2);
  }

  @Test
  void aForestsLeavesAreMeansOfTheRowsDrawn() {
    Matrix rows = new Matrix(3, 1, new float[] {1, 1, 1});
    Trees forest =
        new Forest(400, 3, 1, 0).fit(rows, new float[] {0, 1, 5}, new SplittableRandom(7));
    assertEquals(2, forest.score(new float[] {1}), .2);
    assertEquals(400, forest.roots().length);
  }

  @Test
  void theSameChanceGrowsTheSameTrees() {
    var random = new SplittableRandom(3);
    var rows = new Matrix(200, 5);
    var targets = new float[200];
    for (int i = 0; i < rows.values().length; i++) {
      rows.values()[i] = (float) random.nextDouble();
    }
    for (int i = 0; i < targets.length; i++) {
      targets[i] = random.nextInt(2);
    }
    var forest = new Forest(5, 4, 3, 2);
    Trees one = forest.fit(rows, targets, new SplittableRandom(1));
    Trees same = forest.fit(rows, targets, new SplittableRandom(1));
    Trees other = forest.fit(rows, targets, new SplittableRandom(2));
    assertArrayEquals(one.nodes().values(), same.nodes().values());
    assertTrue(
        one.nodes().rows() != other.nodes().rows()
            || !java.util.Arrays.equals(one.nodes().values(), other.nodes().values()));
  }

  /** With no pull to 0 a leaf without rows would be 0 / 0. */
  @Test
  void aRoundThatDrawsNoRowSaysNothing() {
    Matrix rows = new Matrix(4, 1, new float[] {1, 2, 3, 4});
    for (int seed = 0; seed < 20; seed++) {
      Trees trees =
          new Boosting(50, 2, .1, 0, 0, .3)
              .fit(rows, new float[] {0, 1, 1, 1}, new SplittableRandom(seed));
      assertTrue(Double.isFinite(trees.score(new float[] {1})), "seed " + seed);
    }
  }

  @Test
  void targetsOfAnyScaleAreLearned() {
    for (float scale : new float[] {1e-30f, 1e-6f, 1, 1e9f, 1e30f}) {
      var rows = new Matrix(200, 1);
      var targets = new float[200];
      for (int i = 0; i < targets.length; i++) {
        rows.values()[i] = i % 2;
        targets[i] = scale * (1 + i % 2);
      }
      Trees forest = new Forest(20, 3, 2, 0).fit(rows, targets, new SplittableRandom(1));
      assertEquals(1, forest.score(new float[] {0}) / scale, 1e-6, "scale " + scale);
      assertEquals(2, forest.score(new float[] {1}) / scale, 1e-6, "scale " + scale);
      // A split a tree, and none for what is rounding.
      assertEquals(60, forest.nodes().rows(), "scale " + scale);
    }
  }

  @Test
  void leavesKeepTheirLeastRows() {
    Matrix rows = new Matrix(6, 1, new float[] {1, 2, 3, 4, 5, 6});
    float[] targets = {1, 0, 0, 0, 0, 0};
    Trees split = new Boosting(1, 1, 1, 1, .1, 1).fit(rows, targets, new SplittableRandom(1));
    // p (1 - p) is 5/36 a row.
    Trees whole =
        new Boosting(1, 1, 1, 1, 3 * 5 / 36.0 + .01, 1).fit(rows, targets, new SplittableRandom(1));
    assertEquals(3, split.nodes().rows());
    assertEquals(1, whole.nodes().rows());
  }

  @Test
  void whatCannotBeLearnedFromIsRefused() {
    var boosting = new Boosting(1, 1, 1, 1, 0, 1);
    var random = new SplittableRandom(1);
    Matrix row = new Matrix(1, 1);
    assertThrows(IllegalArgumentException.class, () -> boosting.fit(row, new float[] {2}, random));
    assertThrows(
        IllegalArgumentException.class, () -> boosting.fit(row, new float[] {NAN}, random));
    assertThrows(
        IllegalArgumentException.class, () -> boosting.fit(new Matrix(0, 1), new float[0], random));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Forest(1, 1, 1, 0).fit(row, new float[2], random));
    assertThrows(IllegalArgumentException.class, () -> new Forest(0, 1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Boosting(1, 1, 0, 1, 0, 1));
    Trees trees = boosting.fit(row, new float[] {1}, random);
    assertThrows(IllegalArgumentException.class, () -> trees.score(new float[2]));
  }

  @Test
  void nodesThatLeadNowhereAreRefused() {
    Matrix loop = Matrix.of(List.of(new float[] {0, 1, 0, 0, 0}));
    Matrix strange = Matrix.of(List.of(new float[] {7, 1, 1, 1, 0}, new float[] {-1, 0, 0, 0, 1}));
    assertThrows(IllegalArgumentException.class, () -> new Trees(0, loop, new int[] {0}, 1));
    assertThrows(IllegalArgumentException.class, () -> new Trees(0, strange, new int[] {0}, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new Trees(0, new Matrix(0, 5), new int[] {0}, 1));
  }

  @Test
  void whoWasInterruptedGivesUp() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class,
          () ->
              new Forest(1, 1, 1, 0)
                  .fit(new Matrix(1, 1), new float[] {1}, new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
