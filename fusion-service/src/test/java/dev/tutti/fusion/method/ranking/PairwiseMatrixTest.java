package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairwiseMatrixTest {

  private static PairwiseMatrix of(double[][] logits) {
    var matrix = new PairwiseMatrix(logits.length);
    for (int i = 0; i < logits.length; i++) {
      for (int j = 0; j < logits.length; j++) {
        if (i != j) {
          matrix.put(i, j, logits[i][j]);
        }
      }
    }
    return matrix;
  }

  /**
   * By hand: 0 against 1 is 2 - -1 = 3, against 2 it is -1 - 0.5 = -1.5, 1 against 2 is 0.5 - 0.25
   * = 0.25; means over the two others.
   */
  @Test
  void maxLogitsAndMaxWinsOfTheCard() {
    PairwiseMatrix matrix = of(new double[][] {{0, 2, -1}, {-1, 0, 0.5}, {0.5, 0.25, 0}});
    assertEquals(3, matrix.difference(0, 1));
    assertEquals(-3, matrix.difference(1, 0));
    assertArrayEquals(new double[] {0.75, -1.375, 0.625}, matrix.maxLogits(), 1e-12);
    // 0: M_01 > 0 and M_10 < 0; 1: M_12 > 0; 2: M_20 > 0, M_02 < 0 and M_21 > 0.
    assertArrayEquals(new double[] {1, 0.5, 1.5}, matrix.maxWins(), 1e-12);
    assertEquals(List.of(0, 2, 1), PairwiseMatrix.ranked(matrix.maxLogits(), _ -> 1));
    assertEquals(List.of(2, 0, 1), PairwiseMatrix.ranked(matrix.maxWins(), _ -> 1));
  }

  @Test
  void aPairOfWhichOneOrderIsKnownCountsForNothing() {
    var matrix = new PairwiseMatrix(2);
    matrix.put(0, 1, -1);
    assertEquals(0, matrix.difference(0, 1));
    assertArrayEquals(new double[2], matrix.maxLogits());
    assertArrayEquals(new double[2], matrix.maxWins());
    matrix.put(1, 0, Double.NaN);
    assertArrayEquals(new double[2], matrix.maxLogits());
    assertArrayEquals(new double[1], new PairwiseMatrix(1).maxLogits());
  }

  @Test
  void evenOnesStandByPriorsThenInTheirOrder() {
    double[] priors = {1, 1, 2, 1};
    assertEquals(
        List.of(3, 2, 0, 1), PairwiseMatrix.ranked(new double[] {0, 0, 0, 1}, i -> priors[i]));
  }

  /** Whatever whoever compares adds for the first place. */
  @Test
  void aLeaningToAPlaceChangesNothing() {
    var random = new Random(7);
    for (int run = 0; run < 100; run++) {
      int size = 2 + random.nextInt(6);
      double leaning = random.nextGaussian();
      var fair = new double[size][size];
      var leant = new double[size][size];
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          fair[i][j] = random.nextGaussian();
          leant[i][j] = fair[i][j] + leaning;
        }
      }
      assertArrayEquals(of(fair).maxLogits(), of(leant).maxLogits(), 1e-9);
    }
  }
}
