package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PairCurveTest {

  @Test
  void fourQueriesByHand() {
    double[] w = {0.8, 0.1, 0.9, 0.5, 0.3};
    double[] weak = {1, 0, 0, 1, 0};
    double[] strong = {1, 1, 1, 0, 1};
    // Gains in order: +1 (2), 0 (0), -1 (3), +1 (4), +1 (1); gap 2.
    // PGR: 0, .5, .5, 0, .5, 1.
    var curve = new PairCurve(w, weak, strong);
    assertEquals((0.25 + 0.5 + 0.25 + 0.25 + 0.75) / 5, curve.apgr(), 1e-12);
    assertEquals(0.2, curve.cpt(0.5), 1e-12);
    // From .5 at 4 queries to 1 at 5.
    assertEquals(4.6 / 5, curve.cpt(0.8), 1e-12);
    assertEquals(0.08, curve.cpt(0.2), 1e-12);
  }

  @Test
  void aCoinIsTheDiagonal() {
    double[] same = new double[10];
    double[] strong = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
    var curve = new PairCurve(same, new double[10], strong);
    assertEquals(0.5, curve.apgr(), 1e-12);
    assertEquals(0.5, curve.cpt(0.5), 1e-12);
    assertEquals(0.8, curve.cpt(0.8), 1e-12);
  }

  @Test
  void withoutAGapThereIsNoCurve() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new PairCurve(new double[2], new double[] {1, 0}, new double[] {0, 1}));
  }

  @Test
  void aPartThatIsNeverRecoveredTakesAllCalls() {
    // The gap is 1; the strong one's last answer is worth 2 of it.
    var curve = new PairCurve(new double[] {0.9, 0.2}, new double[] {1, 0}, new double[] {0, 2});
    assertEquals(1, curve.cpt(1.5));
    assertEquals(1, curve.cpt(1));
    // -1, then 1: 0.5 is three quarters of the second step.
    assertEquals((1 + 1.5 / 2) / 2, curve.cpt(0.5), 1e-12);
    assertEquals((-0.5 + 0) / 2, curve.apgr(), 1e-12);
    assertEquals(0.5, new PairCurve(new double[2], new double[2], new double[] {0, 1}).cpt(0.5));
  }

  @Test
  void aPartThatIsReachedExactlyTakesNoMore() {
    var curve = new PairCurve(new double[] {3, 2, 1}, new double[3], new double[] {1, 0, 1});
    assertEquals(1 / 3.0, curve.cpt(0.5), 1e-12);
    assertEquals(0, curve.cpt(0), 1e-12);
  }
}
