package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PairedDifferenceTest {

  @Test
  void equalDifferencesLeaveNoDoubt() {
    assertEquals(
        new PairedDifference(3, 0.25, 0.25, 0.25),
        PairedDifference.of(new double[] {0.25, 0.25, 0.25}));
  }

  /**
   * By hand: 100 differences, 60 of +1 and 40 of -1. Mean 0.2; the mean of a resample has the
   * standard deviation sqrt((1 - 0.04) / 100) = 0.098, so 95 % lie within 0.2 +- 0.192.
   */
  @Test
  void theIntervalIsThatOfTheNormalApproximation() {
    var differences = new double[100];
    for (int i = 0; i < 100; i++) {
      differences[i] = i < 60 ? 1 : -1;
    }
    PairedDifference its = PairedDifference.of(differences);
    assertEquals(0.2, its.mean(), 1e-12);
    assertEquals(0.2 - 0.192, its.low(), 0.025);
    assertEquals(0.2 + 0.192, its.high(), 0.025);
    assertEquals(its, PairedDifference.of(differences), "seeded");
  }

  @Test
  void oneQueryTellsNothing() {
    assertThrows(IllegalArgumentException.class, () -> PairedDifference.of(new double[] {1}));
  }

  @Test
  void onlyQueriesThatBothHeldOutAreCompared() {
    var a = new HeldOut(new long[] {1, 2, 3, 3}, new float[] {1, 0, 0, 1});
    var b = new HeldOut(new long[] {3, 9, 2}, new float[] {1, 1, 1});
    // Query 2: 1 - 0. Query 3: 1 - (0 + 1) / 2.
    assertArrayEquals(new double[] {1, 0.5}, a.differences(b));
    assertArrayEquals(a.bytes(), HeldOut.of(a.bytes()).bytes());
  }

  /** Two differences, 0 and 1: a resample's mean is 0, 0.5 or 1, the outer ones one in four. */
  @Test
  void twoQueriesTellAnIntervalThatIsWide() {
    assertEquals(new PairedDifference(2, 0.5, 0, 1), PairedDifference.of(new double[] {0, 1}));
    var e = assertThrows(IllegalArgumentException.class, () -> PairedDifference.of(new double[0]));
    assertTrue(e.getMessage().contains("0 queries"), e.getMessage());
  }

  /** Both ends leave out as many resamples: mirrored differences, mirrored interval. */
  @Test
  void theIntervalIsMirroredWithItsDifferences() {
    double[] skewed = {0, 0, 0, 1, 0, 3, 0.5, 0, 0, 0.25};
    PairedDifference its = PairedDifference.of(skewed);
    PairedDifference mirrored =
        PairedDifference.of(java.util.Arrays.stream(skewed).map(d -> -d).toArray());
    assertEquals(its.low(), -mirrored.high(), 1e-12);
    assertEquals(its.high(), -mirrored.low(), 1e-12);
  }
}
