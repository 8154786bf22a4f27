package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Fits worked out by hand, and fits at whose end no small change makes their loss smaller. */
class LinearHeadsFitTest {

  private static final double NAN = Double.NaN;

  private static Matrix column(double... values) {
    return new Matrix(values.length, 1, Matrix.row(values).values());
  }

  private static double[] weights(LinearHeads heads, int head) {
    return Vectors.doubles(heads.weights().row(head));
  }

  @Test
  void appliedByHand() {
    var heads = new LinearHeads(new Matrix(2, 3, new float[] {1, 2, 3, -1, 0.5f, 0}));
    assertArrayEquals(new double[] {1 * 4 + 2 * 5 + 3, -4 + 2.5}, heads.apply(new float[] {4, 5}));
    assertArrayEquals(new float[] {4, 5, 1}, LinearHeads.padded(new float[] {4, 5}));
    assertArrayEquals(new double[] {17, -1.5}, heads.apply(new float[] {4, 5, 1}));
  }

  @Test
  void ridgeByHand() {
    // Means 2 and 3; sum of squares 14, of products 4.5 * ... : (-2)(-2) + (-1)(1) + 3 * 1 = 6.
    double[][] y = {{1}, {4}, {4}};
    double w = 6 / (14 + 6.0);
    double[] fitted = weights(LinearHeads.ridge(column(0, 1, 5), y, 6), 0);
    assertArrayEquals(new double[] {w, 3 - 2 * w}, fitted, 1e-6);
  }

  @Test
  void ridgeLeavesOutWhatIsUnknown() {
    double[][] y = {{1, NAN, NAN, 7}, {4, 1, NAN, 7}, {4, 2, NAN, 7}};
    LinearHeads heads = LinearHeads.ridge(column(0, 1, 5), y, 6);
    assertArrayEquals(new double[] {0.3, 2.4}, weights(heads, 0), 1e-6);
    // Means 3 and 1.5; squares 4 + 4, products 2 * 0.5 + 2 * 0.5.
    double w = 2 / (8 + 6.0);
    assertArrayEquals(new double[] {w, 1.5 - 3 * w}, weights(heads, 1), 1e-6);
    assertArrayEquals(new double[] {0, 0}, weights(heads, 2));
    assertArrayEquals(new double[] {0, 7}, weights(heads, 3), 1e-6);
  }

  @Property(tries = 50, seed = "1")
  void ridgeIsWhereItsLossIsFlat(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    Matrix x = random(random, 12, 3);
    double[][] y = targets(random, 12, 2);
    LinearHeads heads = LinearHeads.ridge(x, y, 0.7);
    for (int k = 0; k < 2; k++) {
      int head = k;
      ToDoubleFunction<double[]> loss =
          w -> {
            double sum = 0.7 * (w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
            for (int i = 0; i < 12; i++) {
              sum += Math.pow(value(w, x, i) - y[i][head], 2);
            }
            return sum;
          };
      assertFlat(loss, weights(heads, k), 1e-4);
    }
  }

  @Property(tries = 50, seed = "1")
  void ridgeTurnsWithItsInputs(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    Matrix x = random(random, 10, 2);
    double[][] y = targets(random, 10, 1);
    double angle = random.nextDouble(Math.TAU);
    var turned = new Matrix(10, 2);
    for (int i = 0; i < 10; i++) {
      turned.values()[2 * i] =
          (float) (Math.cos(angle) * x.at(i, 0) - Math.sin(angle) * x.at(i, 1));
      turned.values()[2 * i + 1] =
          (float) (Math.sin(angle) * x.at(i, 0) + Math.cos(angle) * x.at(i, 1));
    }
    LinearHeads heads = LinearHeads.ridge(x, y, 0.3);
    LinearHeads turnedHeads = LinearHeads.ridge(turned, y, 0.3);
    for (int i = 0; i < 10; i++) {
      assertEquals(heads.apply(x.row(i))[0], turnedHeads.apply(turned.row(i))[0], 1e-4);
    }
  }

  @Test
  void aLogisticBiasIsTheWeightedShare() {
    // A quarter is positive and counts twice: s = 2 / (2 + 3). Of the second head one of two known
    // ones, softly.
    double[][] y = {{1, NAN}, {0, 1}, {0, 0.5}, {0, NAN}};
    LinearHeads heads = LinearHeads.logistic(column(0, 0, 0, 0), y, new double[] {2, 1}, 0.5, 3000);
    assertArrayEquals(new double[] {0, Math.log(2 / 3.0)}, weights(heads, 0), 1e-4);
    assertArrayEquals(new double[] {0, Math.log(3)}, weights(heads, 1), 1e-4);
  }

  @Test
  void logisticIsWhereItsLossIsFlat() {
    var random = new SplittableRandom(3);
    Matrix x = random(random, 20, 2);
    double[][] y = targets(random, 20, 2);
    for (double[] row : y) {
      row[0] = row[0] > 0.5 ? 1 : 0;
    }
    y[4][1] = NAN;
    double[] positive = {3, 0.5};
    LinearHeads heads = LinearHeads.logistic(x, y, positive, 0.1, 2000);
    for (int k = 0; k < 2; k++) {
      int head = k;
      ToDoubleFunction<double[]> loss =
          w -> {
            double sum = 0;
            for (int i = 0; i < 20; i++) {
              double s = 1 / (1 + Math.exp(-value(w, x, i)));
              double t = y[i][head];
              if (!Double.isNaN(t)) {
                sum -= positive[head] * t * Math.log(s) + (1 - t) * Math.log(1 - s);
              }
            }
            return sum / 20 + 0.1 * (w[0] * w[0] + w[1] * w[1]) / 2;
          };
      assertFlat(loss, weights(heads, k), 1e-5);
    }
  }

  @Test
  void softmaxIsWhereItsLossIsFlat() {
    var random = new SplittableRandom(4);
    Matrix x = random(random, 15, 2);
    double[][] y = targets(random, 15, 3);
    for (double[] row : y) {
      double sum = Arrays.stream(row).sum();
      Arrays.setAll(row, k -> row[k] / sum);
    }
    LinearHeads heads = LinearHeads.softmax(x, y, 0.05, 3000);
    ToDoubleFunction<double[]> loss =
        w -> {
          double sum = 0;
          for (int i = 0; i < 15; i++) {
            double all = 0;
            double[] z = new double[3];
            for (int k = 0; k < 3; k++) {
              z[k] = value(Arrays.copyOfRange(w, 3 * k, 3 * k + 3), x, i);
              all += Math.exp(z[k]);
            }
            for (int k = 0; k < 3; k++) {
              sum -= y[i][k] * (z[k] - Math.log(all));
            }
          }
          double squares = 0;
          for (int j = 0; j < 9; j++) {
            squares += j % 3 == 2 ? 0 : w[j] * w[j];
          }
          return sum / 15 + 0.05 * squares / 2;
        };
    assertFlat(loss, Vectors.doubles(heads.weights().values()), 1e-5);
  }

  @Test
  void aSoftmaxBiasIsTheMeanOfItsTargets() {
    double[][] y = {{0.5, 0.3, 0.2}, {0.1, 0.1, 0.8}};
    double[] z = LinearHeads.softmax(column(0, 0), y, 0.1, 3000).apply(new float[] {0});
    assertArrayEquals(new double[] {0.3, 0.2, 0.5}, Vectors.softmax(z, 1), 1e-5);
  }

  /**
   * Accelerated descent, {@code w_t = v_t - step f'(v_t)}, {@code v_t+1 = w_t + t / (t + 3) (w_t -
   * w_t-1)} from t = 0, with a step of 1 / (c / 4 (1 + mean x^2) + lambda).
   */
  @Test
  void roundsAreThoseOfAcceleratedDescent() {
    double[] x = {2, -1, 1, 3};
    double[][] y = {{1}, {0}, {0.5}, {0}};
    double lambda = 0.3;
    for (double c : new double[] {2, 0.5}) {
      // A weight below 1 makes no loss flatter than one of 1.
      double step = 1 / (Math.max(c, 1) / 4 * (1 + 15 / 4.0) + lambda);
      double w = 0;
      double b = 0;
      double aheadW = 0;
      double aheadB = 0;
      for (int round = 0; round < 5; round++) {
        double slopeW = lambda * aheadW;
        double slopeB = 0;
        for (int i = 0; i < 4; i++) {
          double s = 1 / (1 + Math.exp(-aheadW * x[i] - aheadB));
          double slope = (1 - y[i][0]) * s - c * y[i][0] * (1 - s);
          slopeW += slope * x[i] / 4;
          slopeB += slope / 4;
        }
        double nextW = aheadW - step * slopeW;
        double nextB = aheadB - step * slopeB;
        double momentum = round / (round + 3.0);
        aheadW = nextW + momentum * (nextW - w);
        aheadB = nextB + momentum * (nextB - b);
        w = nextW;
        b = nextB;
        LinearHeads heads = LinearHeads.logistic(column(x), y, new double[] {c}, lambda, round + 1);
        assertArrayEquals(new double[] {w, b}, weights(heads, 0), 1e-6, "round " + round);
      }
    }
    assertArrayEquals(
        new double[] {0, 0},
        weights(LinearHeads.logistic(column(x), y, new double[] {1}, lambda, 0), 0));
  }

  @Test
  void theFirstRoundOfSoftmaxByHand() {
    // Step 1 / (0.5 (1 + 2.5) + 0.25); slopes 1/2 - y; the mean of x slope is (1 * -0.5 + 2 * 0.25)
    // / 2 = 0 for the first and the bias moves by 0.125.
    double[][] y = {{1, 0}, {0.5, 0.5}};
    double step = 1 / (0.5 * 3.5 + 0.25);
    double[] first = weights(LinearHeads.softmax(column(1, 2), y, 0.25, 1), 0);
    assertArrayEquals(new double[] {step * 0.25, step * 0.25}, first, 1e-6);
  }

  @Test
  void rowsThatAreRepeatedChangeNothing() {
    var random = new SplittableRandom(5);
    Matrix x = random(random, 4, 2);
    double[][] y = targets(random, 4, 2);
    // 1,600 rows are summed in four blocks.
    var many = new Matrix(1600, 2);
    var manyY = new double[1600][];
    for (int i = 0; i < 1600; i++) {
      System.arraycopy(x.row(i % 4), 0, many.values(), 2 * i, 2);
      manyY[i] = y[i % 4];
    }
    // And so that blocks differ: the order of the second half.
    for (int i = 800; i < 1600; i++) {
      System.arraycopy(x.row(i / 200 - 4), 0, many.values(), 2 * i, 2);
      manyY[i] = y[i / 200 - 4];
    }
    double[] positive = {1, 2};
    assertArrayEquals(
        LinearHeads.logistic(x, y, positive, 0.1, 40).weights().values(),
        LinearHeads.logistic(many, manyY, positive, 0.1, 40).weights().values(),
        1e-5f);
  }

  @Test
  void whoWasInterruptedGivesUp() {
    double[][] y = {{1}, {0}};
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> LinearHeads.ridge(column(1, 2), y, 0.1));
      assertThrows(
          CancellationException.class,
          () -> LinearHeads.logistic(column(1, 2), y, new double[] {1}, 0.1, 1));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  private static Matrix random(SplittableRandom random, int rows, int columns) {
    var x = new Matrix(rows, columns);
    for (int i = 0; i < x.values().length; i++) {
      x.values()[i] = (float) (random.nextGaussian() + 0.5);
    }
    return x;
  }

  private static double[][] targets(SplittableRandom random, int rows, int heads) {
    var y = new double[rows][];
    for (int i = 0; i < rows; i++) {
      y[i] = random.doubles(heads).toArray();
    }
    return y;
  }

  private static double value(double[] w, Matrix x, int row) {
    double z = w[w.length - 1];
    for (int j = 0; j < w.length - 1; j++) {
      z += w[j] * x.at(row, j);
    }
    return z;
  }

  /** Finite differences of the loss are 0 at the fitted weights, which are floats. */
  private static void assertFlat(ToDoubleFunction<double[]> loss, double[] w, double tolerance) {
    assertArrayEquals(new double[w.length], FiniteDifferences.slopes(loss, w), tolerance);
  }
}
