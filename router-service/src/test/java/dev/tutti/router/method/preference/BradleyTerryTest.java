package dev.tutti.router.method.preference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.FiniteDifferences;
import org.junit.jupiter.api.Test;

class BradleyTerryTest {

  @Test
  void twoByHand() {
    // 3 wins of 4: ln 3 between them, without a prior.
    double[] r = BradleyTerry.strengths(new double[][] {{0, 3}, {1, 0}}, 1e-9);
    assertEquals(Math.log(3), r[0] - r[1], 1e-6);
    assertEquals(0, r[0] + r[1], 1e-6);
  }

  @Test
  void threeByHand() {
    // Consistent odds 2 : 1 between neighbours, 4 : 1 between the ends: strengths ln 2, 0, -ln 2.
    double[][] wins = {{0, 2, 4}, {1, 0, 2}, {1, 1, 0}};
    double[] r = BradleyTerry.strengths(wins, 1e-9);
    assertEquals(Math.log(2), r[0] - r[1], 1e-6);
    assertEquals(Math.log(2), r[1] - r[2], 1e-6);
  }

  @Test
  void whoAlwaysWinsStaysFinite() {
    // x with 10 (1 - s(2x)) = x: the prior of precision 1 holds it.
    double[] r = BradleyTerry.strengths(new double[][] {{0, 10}, {0, 0}}, 1);
    assertEquals(10 * (1 - 1 / (1 + Math.exp(-2 * r[0]))), r[0], 1e-9);
    assertTrue(r[0] > 0.9 && r[0] < 1.3, "" + r[0]);
  }

  @Test
  void theMostLikelyIsWhereItsLossIsFlat() {
    double[][] wins = {{0, 3, 0.5}, {1, 0, 2}, {2.5, 7, 0}};
    double[] r = BradleyTerry.strengths(wins, 0.3);
    double[] slopes =
        FiniteDifferences.slopes(
            s -> {
              double loss = 0.3 * (s[0] * s[0] + s[1] * s[1] + s[2] * s[2]) / 2;
              for (int a = 0; a < 3; a++) {
                for (int b = 0; b < 3; b++) {
                  loss += wins[a][b] * Math.log(1 + Math.exp(s[b] - s[a]));
                }
              }
              return loss;
            },
            r);
    assertArrayEquals(new double[3], slopes, 1e-7);
    assertEquals(0, r[0] + r[1] + r[2], 1e-9);
  }

  @Test
  void farStrengthsAreReachedInBoundedSteps() {
    // x with 10^6 (1 - s(2x)) = 10^-6 x: far from 0, where Newton's own steps are too long.
    double[] r = BradleyTerry.strengths(new double[][] {{0, 1e6}, {0, 0}}, 1e-6);
    assertEquals(1e12 / (1 + Math.exp(2 * r[0])), r[0], 1e-6);
    assertEquals(0, r[0] + r[1], 1e-9);
  }
}
