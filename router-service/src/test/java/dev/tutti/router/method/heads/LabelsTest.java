package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.Recorded;
import org.junit.jupiter.api.Test;

class LabelsTest {

  @Test
  void fractionsStayAsTheyAre() {
    double[][] labels =
        Labels.fractions(Recorded.blind(new float[] {0, 1}, new float[] {0.25f, Float.NaN}));
    assertArrayEquals(new double[] {0, 1}, labels[0]);
    assertArrayEquals(new double[] {0.25, Double.NaN}, labels[1]);
  }

  @Test
  void whatIsNoFractionIsRefused() {
    assertRefused("quality of b on query 1 is 1.5", 1.5f);
    assertRefused("quality of b on query 1 is -0.25", -0.25f);
  }

  private static void assertRefused(String why, float quality) {
    var outcomes = Recorded.blind(new float[] {0, 1}, new float[] {0, quality});
    var e = assertThrows(IllegalArgumentException.class, () -> Labels.fractions(outcomes));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertArrayEquals(new double[] {0, quality}, Labels.values(outcomes)[1]);
  }
}
