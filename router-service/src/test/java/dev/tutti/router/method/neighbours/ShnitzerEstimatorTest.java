package dev.tutti.router.method.neighbours;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.Estimate;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Query;
import dev.tutti.router.Recorded;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShnitzerEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "shnitzer";
  }

  private final ShnitzerEstimator agreed =
      ShnitzerEstimator.fit(
          Recorded.outcomes(
              List.of("a", "b"),
              new float[][] {{1, 0}, {0.8f, 0.6f}, {0.6f, 0.8f}, {0, 1}, {-1, 0}},
              new float[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}}),
          new ShnitzerEstimator.Settings(),
          new SplittableRandom(1));

  @Test
  void fiveVotesOfFiveAreNoCertainty() {
    // q = 6/7 and 1/7: sqrt(6/49 / 8).
    double deviation = Math.sqrt(6 / 49.0 / 8);
    assertArrayEquals(
        new double[] {deviation, deviation},
        agreed.estimate(Recorded.query(1, 0)).deviation(),
        1e-12);
  }

  @Test
  void aSumOfSharesEndsAtOne() {
    for (int n = 1; n < 200; n++) {
      List<Query> task = Collections.nCopies(n, Recorded.query(1, 0));
      for (var score : ShnitzerEstimator.Score.values()) {
        assertTrue(agreed.scores(task, score)[0] <= 1, n + " " + score);
      }
      assertEquals("a", agreed.memberForTask(task));
    }
  }

  private static final float NAN = Float.NaN;

  @Test
  void theDefaultsAreTheCards() {
    assertEquals(
        new ShnitzerEstimator.Settings(ShnitzerEstimator.Score.SOFT, 5, 19, 0.5, 0.1, 0.6),
        new ShnitzerEstimator.Settings());
  }

  /**
   * Two sets of three, each seen from the other. Cosines of a1, a2, a3 to b1, b2, b3: (.6, .28,
   * .8), (.8, .96, -.6), (.28, .6, -.96).
   */
  @Test
  void eachSetIsLeftOutByHand() {
    var outcomes =
        Recorded.outcomes(
            List.of("m", "n", "o"),
            new float[][] {
              {1, 0}, {0.6f, 0.8f}, {0, 1}, {0.28f, 0.96f}, {-0.6f, 0.8f}, {0.8f, -0.6f}
            },
            new float[][] {
              {1, 0.5f, 1}, {0.75f, 1, NAN}, {0, 1, 0}, {0.5f, 0, NAN}, {1, NAN, 1}, {1, NAN, NAN}
            },
            List.of("a", "b", "a", "b", "a", "b"));
    var fitted =
        ShnitzerEstimator.fit(
            outcomes,
            new ShnitzerEstimator.Settings(ShnitzerEstimator.Score.SOFT, 1, 2, 0.5, 0.1, 0.6),
            new SplittableRandom(1));
    // A half is not right.
    assertArrayEquals(
        new float[] {1, 0, 1, 1, 1, NAN, 0, 1, 0, 0, 0, NAN, 1, NAN, 1, 1, NAN, NAN},
        fitted.parameters().matrix("correct").values());
    // The nearest two of the other set: .7, .88, .44 and .7, .78, .1.
    assertArrayEquals(
        new float[] {0.98f / 3, 1.42f / 3},
        fitted.parameters().matrix("distances").values(),
        1e-6f);
    // The nearest one votes: b3, b2, b2 and a2, a2, a1. m: right, right, wrong and wrong, right,
    // right. n: b3 was not run, wrong, a3 was not run; right, wrong. o was run in a only.
    assertArrayEquals(
        new float[] {2 / 3f, 0, 0.5f, 2 / 3f, 0.5f, 0.5f},
        fitted.parameters().matrix("reliability").values(),
        1e-6f);
    assertArrayEquals(
        new float[] {4.25f / 6, 2.5f / 4, 2 / 3f},
        fitted.parameters().matrix("mean").values(),
        1e-6f);
  }

  private static ShnitzerEstimator written(double eta, ShnitzerEstimator.Score score) {
    return written(eta, score, 0.1);
  }

  private static ShnitzerEstimator written(
      double eta, ShnitzerEstimator.Score score, double width) {
    return new ShnitzerEstimator(
        Recorded.parameters("m", "n", "o")
            .with("embeddings", new Matrix(3, 2, new float[] {1, 0, 0.6f, 0.8f, 0, 1}))
            .with("correct", new Matrix(3, 3, new float[] {1, 0, NAN, 1, 1, NAN, 0, NAN, NAN}))
            .with("mean", Matrix.row(0.5, 0.75, 0.25))
            .with("distances", new Matrix(2, 1, new float[] {0.1f, 0.3f}))
            .with("reliability", new Matrix(2, 3, new float[] {0.9f, 0.2f, 0.8f, 0.6f, 0.4f, 1}))
            .with("k", 2)
            .with("kappa", 2)
            .with("threshold", 0.5)
            .with("width", width)
            .with("eta", eta)
            .with("score", score.ordinal()));
  }

  private static final List<Query> TASK =
      List.of(Recorded.query(1, 0), Recorded.query(0, 1), Recorded.query(1, 0));

  @Test
  void theThreeScoresByHand() {
    ShnitzerEstimator estimator = written(0.6, ShnitzerEstimator.Score.SOFT);
    // m: 1, 1/2, 1; n: 1/2, 1, 1/2; o was never run: its mean.
    assertArrayEquals(
        new double[] {2.5 / 3, 2 / 3.0, 0.25},
        estimator.scores(TASK, ShnitzerEstimator.Score.SOFT),
        1e-9);
    // More than a half: 1, 0, 1; 0, 1, 0.
    double[] hard = {2 / 3.0, 1 / 3.0, 0};
    assertArrayEquals(hard, estimator.scores(TASK, ShnitzerEstimator.Score.HARD), 1e-9);
    // Distances 0.2, 0.1, 0.2, on average 1/6: 2/3 and 4/3 of the width from the two sets.
    double second = Math.exp(-8 / 9.0) / Math.exp(-2 / 9.0);
    double[] trusted = {
      (0.9 + 0.6 * second) / (1 + second),
      (0.2 + 0.4 * second) / (1 + second),
      (0.8 + 1 * second) / (1 + second)
    };
    var expected = new double[3];
    for (int m = 0; m < 3; m++) {
      expected[m] = hard[m] * trusted[m] + (1 - hard[m]) * (1 - trusted[m]);
    }
    assertArrayEquals(
        expected, estimator.scores(TASK, ShnitzerEstimator.Score.DISTANCE_AWARE), 1e-6);
  }

  @Test
  void aSingleQueryIsScoredAndTiesGoToTheBestOnAverage() {
    var query = Recorded.query(0, 1);
    // Distance 0.1; two votes each.
    double second = Math.exp(-2);
    double trusted = (0.9 + 0.6 * second) / (1 + second);
    var aware = written(0.6, ShnitzerEstimator.Score.DISTANCE_AWARE).estimate(query);
    assertEquals(1 - trusted + 0.5e-6, aware.quality()[0], 1e-7);
    double p = (2 * (1 - trusted) + 1) / 4;
    assertEquals(Math.sqrt(p * (1 - p) / 5), aware.deviation()[0], 1e-7);
    var soft = written(0.6, ShnitzerEstimator.Score.SOFT).estimate(query);
    assertArrayEquals(
        new double[] {0.5 + 0.5e-6, 1 + 0.75e-6, 0.25 + 0.25e-6}, soft.quality(), 1e-12);
  }

  @Test
  void farFromAllSetsTheNearestTells() {
    var far = List.of(Recorded.query(-1, 0));
    // Cosines 0 and -0.6: distance 1.3. Of 12 and 10 widths the nearer has e^22 of the weight.
    // And with a tenth of the width even that would be 0 by 0.
    for (double width : new double[] {0.1, 0.01}) {
      double[] scores =
          written(0.6, ShnitzerEstimator.Score.SOFT, width)
              .scores(far, ShnitzerEstimator.Score.DISTANCE_AWARE);
      assertEquals(0.4, scores[0], 1e-6);
      assertEquals(0.4, scores[1], 1e-6);
      assertEquals(0, scores[2], 1e-6);
    }
  }

  @Test
  void aTaskGoesToTheBestOnAverageUnlessItIsBeatenSurelyEnough() {
    double[] scores =
        written(0.6, ShnitzerEstimator.Score.SOFT)
            .scores(TASK, ShnitzerEstimator.Score.DISTANCE_AWARE);
    // m scores .61, n .59: on average n is the best.
    var deviation = new double[3];
    for (int m = 0; m < 3; m++) {
      double p = (3 * scores[m] + 1) / 5;
      deviation[m] = Math.sqrt(p * (1 - p) / 6);
    }
    double beats = new Estimate(scores, deviation, Estimate.Scale.OUTCOME).beats(0, 1);
    assertTrue(beats > 0.5 && beats < 0.6, "beats " + beats);
    assertEquals("m", written(beats - 1e-4, ShnitzerEstimator.Score.SOFT).memberForTask(TASK));
    assertEquals("n", written(beats + 1e-4, ShnitzerEstimator.Score.SOFT).memberForTask(TASK));
  }

  @Test
  void aSingleSetLeavesNothingOut() {
    assertEquals(0, agreed.parameters().matrix("distances").rows());
    assertArrayEquals(
        new double[] {1, 0}, agreed.scores(TASK, ShnitzerEstimator.Score.DISTANCE_AWARE), 1e-12);
  }

  @Test
  void halfOfTheVotesIsNotMoreThanAHalf() {
    var outcomes =
        Recorded.outcomes(
            List.of("m"),
            new float[][] {{1, 0}, {0.6f, 0.8f}, {0, 1}},
            new float[][] {{1}, {1}, {0}},
            List.of("a", "b", "b"));
    var fitted =
        ShnitzerEstimator.fit(
            outcomes,
            new ShnitzerEstimator.Settings(ShnitzerEstimator.Score.SOFT, 2, 1, 0.5, 0.1, 0.6),
            new SplittableRandom(1));
    // Seen from b one of two was right, which is no vote for m, and m was right on a's query. Seen
    // from a it is right, as it is on one of b's two.
    assertArrayEquals(
        new float[] {0, 0.5f}, fitted.parameters().matrix("reliability").values(), 1e-6f);
  }
}
