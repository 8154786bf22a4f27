package dev.tutti.numerics.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IsotonicTest {

  private static final double[] LABELS = {0, 1, 0, 0, 1, 1, 0, 1};
  private static final double THIRD = 1.0 / 3;

  private static double[] ranks(int n) {
    return IntStream.range(0, n).asDoubleStream().toArray();
  }

  @Test
  void violatorsArePooled() {
    double[] ones = new double[8];
    Arrays.fill(ones, 1);
    assertArrayEquals(
        new double[] {0, THIRD, THIRD, THIRD, 2 * THIRD, 2 * THIRD, 2 * THIRD, 1},
        Isotonic.pooled(LABELS, ones),
        1e-12);
    // (1 x 3 + 0 x 1) / 4.
    assertArrayEquals(
        new double[] {.75, .75}, Isotonic.pooled(new double[] {1, 0}, new double[] {3, 1}), 1e-12);
  }

  /** Of 8 labels the ends are 1/10 and 9/10. */
  @Test
  void aBlockIsWorthItsMeanAndTheEndsAreNotCertain() {
    Isotonic steps = Isotonic.fit(ranks(8), LABELS, true);
    assertEquals(.1, steps.of(0), 1e-6);
    assertEquals(.1, steps.of(-99), 1e-6);
    assertEquals(THIRD, steps.of(1), 1e-6);
    assertEquals(2 * THIRD, steps.of(4), 1e-6);
    assertEquals(.9, steps.of(7), 1e-6);
    assertEquals(.9, steps.of(Double.POSITIVE_INFINITY), 1e-6);
    // Between 3 and 4 the nearer one.
    assertEquals(THIRD + 1e-4, steps.of(3.4), 1e-6);
    assertEquals(2 * THIRD, steps.of(3.6), 1e-6);
  }

  @Test
  void withinABlockTheScoreBreaksTies() {
    Isotonic steps = Isotonic.fit(ranks(8), LABELS, true);
    assertTrue(steps.of(1) < steps.of(2) && steps.of(2) < steps.of(3));
    assertEquals(THIRD, steps.of(3), 1.1e-4);
  }

  /** Two at 1 of which one is right, whatever their order. */
  @Test
  void equalScoresArePooledFirst() {
    for (double[] labels : new double[][] {{0, 1, 0, 1}, {0, 0, 1, 1}}) {
      Isotonic steps = Isotonic.fit(new double[] {0, 1, 1, 2}, labels, true);
      assertEquals(1.0 / 6, steps.of(0), 1e-6);
      assertEquals(.5, steps.of(1), 1e-6);
      assertEquals(5.0 / 6, steps.of(2), 1e-6);
    }
  }

  @Test
  void aScoreThatIsWorseThanChanceFalls() {
    double[] wrong = Arrays.stream(LABELS).map(y -> 1 - y).toArray();
    Isotonic steps = Isotonic.fit(ranks(8), wrong, false);
    assertEquals(.9, steps.of(0), 1e-6);
    assertEquals(2 * THIRD, steps.of(1), 1e-6);
    assertEquals(THIRD, steps.of(4), 1e-6);
    assertEquals(.1, steps.of(7), 1e-6);
    assertTrue(steps.of(1) > steps.of(2));
  }

  @Test
  void itNeverFallsWhereItRises() {
    for (int seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      int n = 1 + random.nextInt(80);
      double[] scores = random.doubles(n).map(d -> Math.floor(20 * d) / 7).toArray();
      double[] labels = random.doubles(n).map(Math::round).toArray();
      boolean rising = random.nextBoolean();
      Isotonic steps = Isotonic.fit(scores, labels, rising);
      double last = steps.of(-9);
      for (double score = -1; score < 5; score += .01) {
        double next = steps.of(score);
        assertTrue(next > 0 && next < 1);
        assertTrue(rising || steps.kept().columns() == 1 ? next >= last : next <= last);
        last = next;
      }
      Calibration read = Calibration.read(steps.kept());
      for (double score : scores) {
        assertEquals(steps.of(score), read.of(score));
      }
    }
  }

  /** Of few labels a curve, of many steps. */
  @Test
  void fewLabelsAreFittedByACurve() {
    var random = new Random(1);
    double[] labels =
        IntStream.range(0, 50).mapToDouble(i -> random.nextInt(50) < i ? 1 : 0).toArray();
    assertInstanceOf(Isotonic.class, Calibration.isotonic(ranks(50), labels));
    assertEquals(
        Logistic.fit(ranks(49), Arrays.copyOf(labels, 49)),
        Calibration.isotonic(ranks(49), Arrays.copyOf(labels, 49)));
    double[] wrong = Arrays.stream(labels).map(y -> 1 - y).toArray();
    Calibration falling = Calibration.isotonic(ranks(50), wrong);
    assertTrue(falling.of(0) > falling.of(49));
  }
}
