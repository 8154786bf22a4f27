package dev.tutti.router.method.factor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Draws;
import dev.tutti.numerics.FiniteDifferences;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Recorded;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** Routoo's training against its loss as it is written, the slopes by finite differences. */
class RoutooTrainingTest {

  private static final int ROWS = 34;
  private static final int D = 2;
  private static final double RATE = 0.2;
  private static final double DECAY = 0.3;
  private static final List<Double> START = List.of(0.5, -1.2, 0.8, 0.3, 1.1, -0.4);

  private static final float[][] X = new float[ROWS][];
  // The third member was never run, the fourth is always right.
  private static final float[][] QUALITY = new float[ROWS][];

  static {
    var random = new SplittableRandom(11);
    for (int i = 0; i < ROWS; i++) {
      X[i] = new float[] {(float) random.nextDouble(-1, 1), (float) random.nextDouble(-1, 1)};
      QUALITY[i] =
          new float[] {
            i % 5 == 0 ? Float.NaN : X[i][0] > 0 ? 1 : 0,
            X[i][1] > 0.2 ? 0.75f : 0.25f,
            Float.NaN,
            1
          };
    }
  }

  /** Sum of the cross-entropies of some rows over 32; the parameters are W, e and b. */
  private static double loss(double[] w, double[] e, double[] b, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      for (int m = 0; m < 4; m++) {
        double y = QUALITY[i][m];
        if (!Double.isNaN(y)) {
          double s = 1 / (1 + Math.exp(-score(w, e, b, m, X[i])));
          sum -= y * Math.log(s) + (1 - y) * Math.log(1 - s);
        }
      }
    }
    return sum / 32;
  }

  private static double score(double[] w, double[] e, double[] b, int m, float[] x) {
    double score = b[m];
    for (int k = 0; k < D; k++) {
      score += e[m * D + k] * (w[k * 2] * x[0] + w[k * 2 + 1] * x[1]);
    }
    return score;
  }

  private static double logit(double p) {
    return Math.log(p / (1 - p));
  }

  private static double mean(int member) {
    double sum = 0;
    int seen = 0;
    for (float[] row : QUALITY) {
      if (!Float.isNaN(row[member])) {
        sum += row[member];
        seen++;
      }
    }
    return sum / seen;
  }

  private static RoutooEstimator fit(int epochs, Double... draws) {
    return RoutooEstimator.fit(
        Recorded.outcomes(List.of("a", "b", "c", "d"), X, QUALITY),
        new RoutooEstimator.Settings(D, epochs, RATE, DECAY),
        new Draws(draws));
  }

  @Test
  void theCrossEntropyIsDescended() {
    int epochs = 3;
    var draws = new ArrayList<>(START);
    // An order that changes nothing: two batches, of 32 and of 2.
    draws.addAll(Collections.nCopies(epochs * (ROWS - 1), 0.999));
    var w = new double[4];
    var e = new double[8];
    for (int i = 0; i < 4; i++) {
      w[i] = START.get(i) / Math.sqrt(D);
    }
    for (int i = 0; i < 8; i++) {
      e[i] = START.get(4 + i % D);
    }
    double[] b = {logit(mean(0)), logit(mean(1)), 0, logit(0.99)};
    var onW = new Adam(w, RATE, DECAY);
    var onE = new Adam(e, RATE, 0);
    var onB = new Adam(b, RATE, 0);
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int[] batch : new int[][] {{0, 32}, {32, 34}}) {
        double[] byW = FiniteDifferences.slopes(v -> loss(v, e, b, batch[0], batch[1]), w);
        double[] byE = FiniteDifferences.slopes(v -> loss(w, v, b, batch[0], batch[1]), e);
        double[] byB = FiniteDifferences.slopes(v -> loss(w, e, v, batch[0], batch[1]), b);
        Vectors.add(onW.gradient(), 1, byW);
        Vectors.add(onE.gradient(), 1, byE);
        Vectors.add(onB.gradient(), 1, byB);
        onW.step();
        onE.step();
        onB.step();
      }
    }
    RoutooEstimator fitted = fit(epochs, draws.toArray(Double[]::new));
    var heads = new double[12];
    for (int m = 0; m < 4; m++) {
      for (int j = 0; j < 2; j++) {
        heads[3 * m + j] = e[D * m] * w[j] + e[D * m + 1] * w[2 + j];
      }
      heads[3 * m + 2] = b[m];
    }
    assertArrayEquals(heads, Vectors.doubles(fitted.parameters().matrix("heads").values()), 2e-5);

    var quality = fitted.estimate(Recorded.query(0.3f, -0.7f)).quality();
    for (int m = 0; m < 4; m++) {
      double score = heads[3 * m] * 0.3 - heads[3 * m + 1] * 0.7 + heads[3 * m + 2];
      assertEquals(1 / (1 + Math.exp(-score)), quality[m], 1e-4);
    }
    double squares = 0;
    for (int i = 0; i < ROWS; i++) {
      double s = 1 / (1 + Math.exp(-score(w, e, b, 1, X[i])));
      squares += Math.pow(QUALITY[i][1] - s, 2);
    }
    assertEquals(
        Math.sqrt(squares / ROWS * 3 / ROWS),
        fitted.estimate(Recorded.query(0, 0)).deviation()[1],
        1e-5);
  }

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(new RoutooEstimator.Settings(16, 15, 3e-3, 0.3), new RoutooEstimator.Settings());
  }

  @Test
  void whoWasInterruptedGivesUp() {
    var draws = new ArrayList<>(START);
    draws.addAll(Collections.nCopies(ROWS - 1, 0.5));
    Thread.currentThread().interrupt();
    try {
      var e = assertThrows(CancellationException.class, () -> fit(1, draws.toArray(Double[]::new)));
      // In the training, not only when the deviation is measured.
      assertTrue(
          java.util.Arrays.stream(e.getStackTrace())
              .noneMatch(frame -> frame.getClassName().endsWith("HeadDeviation")));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
