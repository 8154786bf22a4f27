package dev.tutti.cascade.estimate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogisticHeadTest {

  private static double at(float[] head, double... x) {
    return LogisticHead.of(head, 0, x);
  }

  /** Where x is 0, one of four is right; where it is 1, two of three: ln(1/3) and ln 2. */
  @Test
  void ofTwoGroupsItTellsTheirShares() {
    double[][] x = {{0}, {0}, {0}, {0}, {1}, {1}, {1}};
    double[] y = {1, 0, 0, 0, 1, 1, 0};
    float[] head = LogisticHead.fit(x, y, 1e-9);
    assertEquals(.25, at(head, 0), .003, "the bias is all but free");
    assertEquals(2.0 / 3, at(head, 1), .003);
    assertEquals(Math.log(2) + Math.log(3), head[1], .03);
  }

  @Test
  void whatNeverVariesTellsNothing() {
    float[] head = LogisticHead.fit(new double[][] {{7, 1}, {7, 2}, {7, 3}}, new double[3], 1);
    assertEquals(0, head[1]);
    assertTrue(at(head, 7, 2) < .05 && at(head, 7, 2) > 0);
  }

  @Test
  void aPenaltyPullsTowardsTheMean() {
    double[][] x = {{0}, {0}, {1}, {1}};
    double[] y = {0, 0, 1, 1};
    float[] free = LogisticHead.fit(x, y, .1);
    float[] held = LogisticHead.fit(x, y, 100);
    assertTrue(at(free, 1) > .9 && at(free, 0) < .1);
    assertTrue(at(held, 1) > .5 && at(held, 1) < .52);
  }

  @Test
  void whateverIsFittedIsFinite() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int n = 1 + random.nextInt(30);
      var x = new double[n][3];
      var y = new double[n];
      for (int i = 0; i < n; i++) {
        x[i] = new double[] {1e6 * random.nextGaussian(), random.nextInt(2), 1e-3 * i};
        y[i] = random.nextBoolean() ? random.nextInt(2) : random.nextDouble();
      }
      float[] head = LogisticHead.fit(x, y, Math.pow(10, random.nextInt(9) - 3));
      for (double[] row : x) {
        double p = at(head, row);
        assertTrue(p >= 0 && p <= 1, "seed " + seed + ": " + p);
      }
    }
  }
}
