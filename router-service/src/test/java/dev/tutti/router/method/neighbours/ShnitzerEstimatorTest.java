package dev.tutti.router.method.neighbours;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  private static final ShnitzerEstimator AGREED =
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
        AGREED.estimate(Recorded.query(1, 0)).deviation(),
        1e-12);
  }

  @Test
  void aSumOfSharesEndsAtOne() {
    for (int n = 1; n < 200; n++) {
      List<Query> task = Collections.nCopies(n, Recorded.query(1, 0));
      for (var score : ShnitzerEstimator.Score.values()) {
        assertTrue(AGREED.scores(task, score)[0] <= 1, n + " " + score);
      }
      assertEquals("a", AGREED.memberForTask(task));
    }
  }
}
