package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AdamTest {

  @Test
  void theFirstStepIsTheRateAgainstTheSlope() {
    double[] values = {1, 1, 1};
    var adam = new Adam(values, 0.01, 0);
    adam.gradient()[0] = 0.5;
    adam.gradient()[1] = -300;
    adam.step();
    assertArrayEquals(new double[] {0.99, 1.01, 1}, values, 1e-9);
    assertArrayEquals(new double[3], adam.gradient());
  }

  @Test
  void aSlopeAsSmallAsEpsilonMovesHalfAsFar() {
    double[] values = {0};
    var adam = new Adam(values, 0.1, 0);
    adam.gradient()[0] = 1e-8;
    adam.step();
    assertEquals(-0.05, values[0], 1e-9);
  }

  @Test
  void valuesDecayByThemselves() {
    double[] values = {2};
    var adam = new Adam(values, 0.1, 0.3);
    adam.step();
    assertEquals(2 - 0.1 * 0.3 * 2, values[0], 1e-15);
  }

  /** Algorithm 1 of the paper, its moments written out as weighted sums of the past slopes. */
  @Test
  void stepsAreThoseOfThePaper() {
    double[] slopes = {0.5, -1.25, 2, 0, 0.75};
    double[] values = {0.3};
    var adam = new Adam(values, 0.02, 0.1);
    double expected = 0.3;
    for (int t = 1; t <= slopes.length; t++) {
      double first = 0;
      double second = 0;
      for (int i = 1; i <= t; i++) {
        first += 0.1 * Math.pow(0.9, t - i) * slopes[i - 1];
        second += 0.001 * Math.pow(0.999, t - i) * slopes[i - 1] * slopes[i - 1];
      }
      double unbiased = first / (1 - Math.pow(0.9, t));
      double spread = Math.sqrt(second / (1 - Math.pow(0.999, t)));
      expected -= 0.02 * unbiased / (spread + 1e-8) + 0.02 * 0.1 * expected;
      adam.gradient()[0] += slopes[t - 1];
      adam.step();
      assertEquals(expected, values[0], 1e-12, "step " + t);
    }
  }

  @Test
  void aBowlIsDescended() {
    double[] values = {3, -2};
    var adam = new Adam(values, 0.05, 0);
    for (int i = 0; i < 2000; i++) {
      adam.gradient()[0] += 2 * (values[0] - 1);
      adam.gradient()[1] += 20 * (values[1] + 1);
      adam.step();
    }
    assertArrayEquals(new double[] {1, -1}, values, 1e-6);
  }
}
