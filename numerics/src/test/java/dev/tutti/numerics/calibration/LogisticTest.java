package dev.tutti.numerics.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogisticTest {

  /** Of 4 at score 0 one is right, of 4 at score 1 three are: odds 1/3 and 3. */
  private static final double[] SCORES = {0, 0, 0, 0, 1, 1, 1, 1};

  private static final double[] LABELS = {1, 0, 0, 0, 1, 1, 1, 0};

  /** Curvature per group 4 x 3/16 = .75, so var(slope) = 1/.75 + 1/.75. */
  @Test
  void twoGroupsAreMatchedExactly() {
    Logistic curve = Logistic.fit(SCORES, LABELS);
    assertEquals(-Math.log(3), curve.bias(), 1e-6);
    assertEquals(2 * Math.log(3), curve.slope(), 1e-6);
    assertEquals(Math.sqrt(8.0 / 3), curve.error(), 1e-6);
    assertEquals(2 * Math.log(3) / Math.sqrt(8.0 / 3), curve.z(), 1e-6);
    assertEquals(.25, curve.of(0), 1e-7);
    assertEquals(.75, curve.of(1), 1e-7);
    assertEquals(.5, curve.of(.5), 1e-7);
  }

  @Test
  void aScoreThatIsWorseThanChanceIsTurned() {
    double[] wrong = Arrays.stream(LABELS).map(y -> 1 - y).toArray();
    Logistic curve = Logistic.fit(SCORES, wrong);
    assertEquals(-2 * Math.log(3), curve.slope(), 1e-6);
    assertTrue(curve.of(1) < curve.of(0));
  }

  @Test
  void labelsMayBeShares() {
    Logistic curve = Logistic.fit(new double[] {0, 1}, new double[] {.25, .75});
    assertEquals(.25, curve.of(0), 1e-7);
    assertEquals(.75, curve.of(1), 1e-7);
  }

  @Test
  void unitsDoNotMatter() {
    Logistic curve = Logistic.fit(SCORES, LABELS);
    double[] far = Arrays.stream(SCORES).map(s -> 1e4 + 1e-3 * s).toArray();
    Logistic other = Logistic.fit(far, LABELS);
    assertEquals(curve.z(), other.z(), 1e-5);
    assertEquals(1e3 * curve.slope(), other.slope(), 1e-2);
  }

  @Test
  void scoresThatPartRightFromWrongHaveASlopeAndAnError() {
    double[] scores = IntStream.range(0, 100).asDoubleStream().toArray();
    double[] labels = Arrays.stream(scores).map(s -> s < 30 ? 0 : 1).toArray();
    Logistic curve = Logistic.fit(scores, labels);
    assertTrue(curve.of(0) < .05 && curve.of(99) > .95, curve::toString);
    assertTrue(curve.z() > 3 && Double.isFinite(curve.z()), curve::toString);
  }

  @Test
  void whereNothingDiffersNothingIsKnownOfTheSlope() {
    for (Logistic curve :
        new Logistic[] {
          Logistic.fit(new double[] {1, 2, 3}, new double[] {1, 1, 1}),
          Logistic.fit(new double[] {2, 2, 2}, new double[] {1, 1, 1}),
          Logistic.constant(.8)
        }) {
      assertEquals(.8, curve.of(Double.NEGATIVE_INFINITY), 1e-6);
      assertEquals(.8, curve.of(7), 1e-6);
      assertEquals(0, curve.z());
    }
  }

  /** The gradient of the loss is 0 at what was fitted. */
  @Test
  void nothingNearbyIsLikelier() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int n = 100 + random.nextInt(200);
      double[] scores = random.doubles(n).map(d -> 5 * Math.log(d)).toArray();
      double[] labels =
          Arrays.stream(scores)
              .map(s -> random.nextDouble() < 1 / (1 + Math.exp(-1 - s / 3)) ? 1 : 0)
              .toArray();
      Logistic curve = Logistic.fit(scores, labels);
      double bias = 0;
      double slope = 0;
      for (int i = 0; i < n; i++) {
        bias += curve.of(scores[i]) - labels[i];
        slope += (curve.of(scores[i]) - labels[i]) * scores[i];
      }
      assertEquals(0, bias / n, 1e-6);
      assertEquals(0, slope / n, 1e-5);
    }
  }

  @Test
  void whatIsKeptIsReadBack() {
    for (Logistic curve : new Logistic[] {Logistic.fit(SCORES, LABELS), Logistic.constant(.1)}) {
      assertEquals(curve, Calibration.read(curve.kept()));
    }
  }

  @Test
  void whatIsNoLabelIsNamed() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Logistic.fit(new double[] {1, 2}, new double[] {0, 7}));
    assertTrue(e.getMessage().contains("7.0"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Logistic.fit(new double[] {1}, new double[] {Double.NaN}));
    assertThrows(IllegalArgumentException.class, () -> Logistic.fit(new double[0], new double[0]));
    assertThrows(IllegalArgumentException.class, () -> Logistic.fit(new double[2], new double[1]));
  }

  /**
   * However few are wrong, scores that tell without a fault have a slope that is told from none.
   */
  @Test
  void separatedScoresTell() {
    for (int[] of : new int[][] {{1, 20}, {1, 100}, {3, 100}, {5, 200}, {30, 300}, {99, 100}}) {
      var scores = new double[of[1]];
      var labels = new double[of[1]];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = i;
        labels[i] = i < of[0] ? 0 : 1;
      }
      Logistic rising = Logistic.fit(scores, labels);
      assertTrue(rising.z() > 1, of[0] + " of " + of[1] + ": z " + rising.z());
      assertTrue(rising.slope() > 0);
      for (int i = 0; i < scores.length; i++) {
        labels[i] = 1 - labels[i];
      }
      assertTrue(Logistic.fit(scores, labels).z() < -1);
    }
  }
}
