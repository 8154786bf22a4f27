package dev.tutti.router.method.preference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Draws;
import dev.tutti.numerics.FiniteDifferences;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Recorded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** RouteLLM's factorisation against its loss as it is written, the slopes by finite differences. */
class MatrixFactorizationTrainingTest {

  private static final int ROWS = 66;
  private static final int D = 2;
  private static final int INPUTS = 3;
  private static final double RATE = 0.2;
  private static final double DECAY = 0.3;
  private static final double NOISE = 0.5;
  // W, u, and the vector with which all members start.
  private static final List<Double> START =
      List.of(0.5, -1.2, 0.8, 0.3, 1.1, -0.4, 0.9, -0.7, 1.2, 0.6);

  private static final float[][] X = new float[ROWS][];
  private static final float[][] QUALITY = new float[ROWS][];

  static {
    var random = new SplittableRandom(12);
    for (int i = 0; i < ROWS; i++) {
      X[i] = new float[] {(float) random.nextDouble(-1, 1), (float) random.nextDouble(-1, 1)};
      // Ties, somebody who was not run, and a row without any battle.
      QUALITY[i] =
          new float[] {
            i == 7 ? 0.5f : X[i][0] > 0 ? 1 : 0.25f,
            0.5f,
            i % 3 == 0 || i == 7 ? Float.NaN : X[i][1]
          };
    }
  }

  private static double noise(int epoch, int row, int number) {
    return ((epoch + 2 * row + 3 * number) % 7 - 3) / 4.0;
  }

  private static double[] x(int epoch, int row) {
    return new double[] {
      X[row][0] + NOISE * noise(epoch, row, 0), X[row][1] + NOISE * noise(epoch, row, 1), 1
    };
  }

  private static double delta(double[] w, double[] u, double[] v, int m, double[] x) {
    double[] unit = Vectors.unit(Arrays.copyOfRange(v, D * m, D * m + D));
    double sum = 0;
    for (int i = 0; i < D; i++) {
      sum +=
          u[i] * unit[i] * Vectors.dot(Arrays.copyOfRange(w, INPUTS * i, INPUTS * i + INPUTS), x);
    }
    return sum;
  }

  /** Of the rows of a batch the mean over their battles, over 64. */
  private static double loss(double[] w, double[] u, double[] v, int epoch, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      double lost = 0;
      int battles = 0;
      for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
          if (QUALITY[i][a] > QUALITY[i][b]) {
            double[] x = x(epoch, i);
            double lead = delta(w, u, v, a, x) - delta(w, u, v, b, x);
            lost += Math.log(1 + Math.exp(-lead));
            battles++;
          }
        }
      }
      sum += battles == 0 ? 0 : lost / battles;
    }
    return sum / 64;
  }

  private static MatrixFactorizationEstimator fit(int epochs, Double... draws) {
    return MatrixFactorizationEstimator.fit(
        Recorded.outcomes(List.of("a", "b", "c"), X, QUALITY),
        new MatrixFactorizationEstimator.Settings(D, epochs, RATE, DECAY, NOISE),
        new Draws(draws));
  }

  @Test
  void theBattlesAreLearnedFrom() {
    int epochs = 3;
    var draws = new ArrayList<>(START);
    double[] w = IntStream.range(0, 6).mapToDouble(i -> START.get(i) / Math.sqrt(INPUTS)).toArray();
    double[] u = {START.get(6), START.get(7)};
    double[] v = IntStream.range(0, 6).mapToDouble(i -> START.get(8 + i % D)).toArray();
    var onW = new Adam(w, RATE, DECAY);
    var onU = new Adam(u, RATE, DECAY);
    var onV = new Adam(v, RATE, 0);
    for (int epoch = 0; epoch < epochs; epoch++) {
      int now = epoch;
      draws.addAll(Collections.nCopies(ROWS - 1, 0.999));
      for (int i = 0; i < ROWS; i++) {
        draws.add(noise(epoch, i, 0));
        draws.add(noise(epoch, i, 1));
      }
      for (int[] batch : new int[][] {{0, 64}, {64, 66}}) {
        double[] byW = FiniteDifferences.slopes(p -> loss(p, u, v, now, batch[0], batch[1]), w);
        double[] byU = FiniteDifferences.slopes(p -> loss(w, p, v, now, batch[0], batch[1]), u);
        double[] byV = FiniteDifferences.slopes(p -> loss(w, u, p, now, batch[0], batch[1]), v);
        Vectors.add(onW.gradient(), 1, byW);
        Vectors.add(onU.gradient(), 1, byU);
        Vectors.add(onV.gradient(), 1, byV);
        onW.step();
        onU.step();
        onV.step();
      }
    }
    MatrixFactorizationEstimator fitted = fit(epochs, draws.toArray(Double[]::new));
    Matrix strengths = fitted.parameters().matrix("strengths");
    for (int m = 0; m < 3; m++) {
      for (int j = 0; j < INPUTS; j++) {
        var axis = new double[INPUTS];
        axis[j] = 1;
        assertEquals(delta(w, u, v, m, axis), strengths.at(m, j), 2e-5, m + ", " + j);
      }
    }
    double[] x = {0.4, -0.2, 1};
    assertArrayEquals(
        Vectors.softmax(IntStream.range(0, 3).mapToDouble(m -> delta(w, u, v, m, x)).toArray(), 1),
        fitted.estimate(Recorded.query(0.4f, -0.2f)).quality(),
        1e-4);
  }

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(
        new MatrixFactorizationEstimator.Settings(16, 25, 3e-3, 0.3, 0.005),
        new MatrixFactorizationEstimator.Settings());
    assertEquals(
        new SimilarityWeightedEstimator.Settings(300, 1),
        new SimilarityWeightedEstimator.Settings());
  }

  @Test
  void whoWasInterruptedGivesUp() {
    var draws = new ArrayList<>(START);
    draws.addAll(Collections.nCopies(ROWS * 3, 0.5));
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> fit(1, draws.toArray(Double[]::new)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
