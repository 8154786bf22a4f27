package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SoftmaxStepsTest {

  /** Unit vectors around a centre a class, a tenth of them of a class drawn by chance. */
  private static Matrix drawn(int rows, int columns, int[] labels, int classes, long seed) {
    var centres = new Random(7);
    var centre = new double[classes][columns];
    for (double[] its : centre) {
      for (int j = 0; j < columns; j++) {
        its[j] = centres.nextGaussian();
      }
    }
    var random = new Random(seed);
    var x = new Matrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      int k = random.nextInt(classes);
      labels[i] = random.nextInt(10) == 0 ? random.nextInt(classes) : k;
      var row = new double[columns];
      for (int j = 0; j < columns; j++) {
        row[j] = centre[k][j] + 1.5 * random.nextGaussian();
      }
      double[] unit = Vectors.unit(row);
      for (int j = 0; j < columns; j++) {
        x.values()[i * columns + j] = (float) unit[j];
      }
    }
    return x;
  }

  private static double entropy(LinearHeads heads, Matrix x, int[] labels) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum -= Math.log(Vectors.softmax(heads.apply(x.row(i)), 1)[labels[i]]);
    }
    return sum / labels.length;
  }

  /** A bias alone, half and half of two classes and a quarter of them of the first. */
  @Test
  void withoutInputsItComesToTheShares() {
    var labels = new int[400];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 4 == 0 ? 0 : 1;
    }
    LinearHeads heads = SoftmaxSteps.fit(new Matrix(400, 1), labels, 2, 0, 50);
    assertEquals(.25, Vectors.softmax(heads.apply(new float[1]), 1)[0], .02);
  }

  /** A few epochs come close to the optimum, on rows that were not seen as well. */
  @Test
  void fewEpochsComeCloseToTheOptimum() {
    var labels = new int[2_000];
    Matrix x = drawn(2_000, 24, labels, 6, 1);
    var targets = new double[labels.length][6];
    for (int i = 0; i < labels.length; i++) {
      targets[i][labels[i]] = 1;
    }
    LinearHeads whole = LinearHeads.softmax(x, targets, 1e-4, 400);
    LinearHeads steps = SoftmaxSteps.fit(x, labels, 6, 1e-4, 10);
    var others = new int[1_000];
    Matrix unseen = drawn(1_000, 24, others, 6, 2);
    double none = Math.log(6);
    double best = entropy(whole, unseen, others);
    double its = entropy(steps, unseen, others);
    assertTrue(none - its > .97 * (none - best), its + " where " + best + " is possible");
  }

  @Test
  void theSameRowsGiveTheSameBits() {
    var labels = new int[300];
    Matrix x = drawn(300, 9, labels, 3, 1);
    assertArrayEquals(
        SoftmaxSteps.fit(x, labels, 3, 1e-3, 3).weights().values(),
        SoftmaxSteps.fit(x, labels, 3, 1e-3, 3).weights().values());
  }

  @Test
  void theBiasIsFreeAndTheRestIsHeldBack() {
    var labels = new int[300];
    Matrix x = drawn(300, 9, labels, 3, 1);
    double free = size(SoftmaxSteps.fit(x, labels, 3, 0, 20));
    double held = size(SoftmaxSteps.fit(x, labels, 3, .1, 20));
    assertTrue(held < free / 2, held + " of " + free);
  }

  private static double size(LinearHeads heads) {
    double sum = 0;
    for (float value : heads.weights().values()) {
      sum += value * value;
    }
    return sum;
  }
}
