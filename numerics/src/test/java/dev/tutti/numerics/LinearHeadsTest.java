package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

class LinearHeadsTest {

  private static Matrix inputs(int rows, double length) {
    var random = new SplittableRandom(1);
    var x = new Matrix(rows, 4);
    for (int i = 0; i < x.values().length; i++) {
      x.values()[i] = (float) (length * random.nextGaussian() / 2);
    }
    return x;
  }

  private static double[][] labels(Matrix x) {
    var y = new double[x.rows()][];
    for (int i = 0; i < y.length; i++) {
      y[i] = new double[] {x.at(i, 0) + x.at(i, 1) > 0 ? 1 : 0};
    }
    return y;
  }

  @Test
  void longInputsAreLearnedFrom() {
    Matrix x = inputs(600, 30);
    double[][] y = labels(x);
    LinearHeads heads = LinearHeads.logistic(x, y, new double[] {1}, 0.01, 120);
    int right = 0;
    for (int i = 0; i < y.length; i++) {
      double z = heads.apply(x.row(i))[0];
      assertTrue(Math.abs(z) < 1000, "z " + z);
      right += z > 0 == y[i][0] > 0 ? 1 : 0;
    }
    assertTrue(right > 570, right + " of 600");
  }

  @Test
  void coresDoNotMatter() throws Exception {
    Matrix x = inputs(20_000, 1);
    double[][] y = labels(x);
    float[][] weights = new float[2][];
    for (int cores : new int[] {1, 8}) {
      try (var pool = new ForkJoinPool(cores)) {
        weights[cores / 8] =
            pool.submit(() -> LinearHeads.logistic(x, y, new double[] {1}, 0.001, 20))
                .get()
                .weights()
                .values();
      }
    }
    assertArrayEquals(weights[0], weights[1], Arrays.toString(weights));
  }
}
