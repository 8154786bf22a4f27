package dev.tutti.router.method.preference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
