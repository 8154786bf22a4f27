package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SelectiveCurveTest {

  /** In falling order of confidence: right, wrong, right, half right. */
  private static final SelectiveCurve CURVE =
      SelectiveCurve.of(new double[] {0.2, 0.9, 0.4, 0.7}, new double[] {0.5, 1, 1, 0});

  @Test
  void theSurestAreAnsweredFirst() {
    assertEquals(0, CURVE.risk(0.25), 1e-12);
    assertEquals(1 / 2.0, CURVE.risk(0.5), 1e-12);
    assertEquals(1 / 3.0, CURVE.risk(0.75), 1e-12);
    assertEquals(1.5 / 4, CURVE.risk(1), 1e-12);
    assertEquals(0.9, CURVE.threshold(0.25));
    assertEquals(0.9, CURVE.threshold(0.01));
    assertEquals(0.4, CURVE.threshold(0.6));
    assertEquals(0.2, CURVE.threshold(1));
  }

  @Test
  void whoIsAsSureIsAnsweredToo() {
    SelectiveCurve alike =
        SelectiveCurve.of(new double[] {0.5, 0.5, 0.5, 0.1}, new double[] {1, 0, 0, 1});
    assertEquals(2 / 3.0, alike.risk(0.25), 1e-12);
    assertEquals(0.5, alike.threshold(0.25));
  }

  @Test
  void productsAreNotRoundedUp() {
    var confidences = new double[100];
    var scores = new double[100];
    for (int i = 0; i < 100; i++) {
      confidences[i] = -i;
      scores[i] = 1;
    }
    SelectiveCurve curve = SelectiveCurve.of(confidences, scores);
    for (int c = 1; c <= 100; c++) {
      assertEquals(1 - c, curve.threshold(c / 100.0));
    }
  }

  @Test
  void whatIsNoCurveIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> SelectiveCurve.of(new double[0], new double[0]));
    assertThrows(
        IllegalArgumentException.class,
        () -> SelectiveCurve.of(new double[] {1}, new double[] {1, 0}));
    assertThrows(
        IllegalArgumentException.class,
        () -> SelectiveCurve.of(new double[] {1}, new double[] {1.5}));
    assertThrows(
        IllegalArgumentException.class,
        () -> SelectiveCurve.of(new double[] {Double.NaN}, new double[] {1}));
    for (double coverage : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> CURVE.risk(coverage));
    }
  }
}
