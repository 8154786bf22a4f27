package dev.tutti.cascade.method.calibrated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScaleTest {

  @Test
  void oneSidedGrowsTowardsCertainty() {
    assertEquals(Math.log(2), Scale.ONE_SIDED.of(Math.log(.5)), 1e-12);
    assertEquals(Math.log(10), Scale.ONE_SIDED.of(Math.log(.9)), 1e-12);
    assertEquals(-Math.log(.9), Scale.ONE_SIDED.of(Math.log(.1)), 1e-12);
    // Close to 1, -ln(-l); far below, e^l.
    assertEquals(Math.log(1e6), Scale.ONE_SIDED.of(-1e-6), 1e-9);
    assertEquals(Math.exp(-11), Scale.ONE_SIDED.of(-11), 1e-15);
  }

  /** ln 5 at .9, and minus that at .1: a no is as sure as a yes. */
  @Test
  void twoSidedIsMirroredAtAHalf() {
    assertEquals(0, Scale.TWO_SIDED.of(Math.log(.5)), 1e-12);
    assertEquals(Math.log(5), Scale.TWO_SIDED.of(Math.log(.9)), 1e-12);
    assertEquals(-Math.log(5), Scale.TWO_SIDED.of(Math.log(.1)), 1e-12);
    assertEquals(Math.log(2) - 11, Scale.TWO_SIDED.of(-11), 1e-12);
  }

  @Test
  void bothRiseAndAreInfiniteOnlyAtTheEnds() {
    for (Scale scale : Scale.values()) {
      double last = scale.of(-20);
      for (double p = 1e-8; p < 1; p += 1e-4) {
        double next = scale.of(Math.log(p));
        assertTrue(next >= last && Double.isFinite(next), scale + " at " + p);
        last = next;
      }
      assertEquals(Double.POSITIVE_INFINITY, scale.of(0));
    }
    assertEquals(Double.NEGATIVE_INFINITY, Scale.TWO_SIDED.of(Double.NEGATIVE_INFINITY));
    assertEquals(0, Scale.ONE_SIDED.of(Double.NEGATIVE_INFINITY));
  }
}
