package dev.tutti.router.activity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void aTimeBelongsToTheClassWhoseUpperBoundItDoesNotExceed() {
    assertEquals(0, Latencies.of(0));
    assertEquals(0, Latencies.of(0.001));
    assertEquals(1, Latencies.of(0.00100001));
    // Four classes double a time: 1 ms, 2 ms, 4 ms, a second (2 to the power 9.97).
    assertEquals(4, Latencies.of(0.002));
    assertEquals(8, Latencies.of(0.004));
    assertEquals(40, Latencies.of(1));
    assertEquals(88, Latencies.of(4_000));
    for (double absurd : new double[] {-1, Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertEquals(0, Latencies.of(absurd));
    }
    assertEquals(88, Latencies.of(Double.POSITIVE_INFINITY));
  }

  @Test
  void aQuantileIsOfTheRequestThatHasItsRank() {
    long[] counts = new long[Latencies.COUNT];
    assertTrue(Latencies.quantile(counts, 0.5).isEmpty());
    assertTrue(Latencies.quantile(new long[0], 0.5).isEmpty());
    counts[40] = 19;
    counts[88] = 1;
    // Class 40 lies between 2^9.75 ms and 2^10 ms: 2^9.875 ms = 0.93901 s stands for it.
    assertEquals(0.93901, Latencies.quantile(counts, 0.5).orElseThrow(), 1e-5);
    assertEquals(0.93901, Latencies.quantile(counts, 0.95).orElseThrow(), 1e-5);
    assertTrue(Latencies.quantile(counts, 0.951).orElseThrow() > 3_600);
  }

  @Test
  void itIsOffByAnEighthOfADoublingAtMost() {
    var random = new Random(4);
    for (int round = 0; round < 200; round++) {
      double[] times = new double[1 + random.nextInt(50)];
      long[] counts = new long[Latencies.COUNT];
      for (int i = 0; i < times.length; i++) {
        times[i] = Math.exp(random.nextDouble() * 14 - 6.5);
        counts[Latencies.of(times[i])]++;
      }
      Arrays.sort(times);
      double exact = times[(int) Math.ceil(0.95 * times.length) - 1];
      double told = Latencies.quantile(counts, 0.95).orElseThrow();
      assertTrue(Math.abs(Math.log(told / exact)) <= Math.log(2) / 8 + 1e-9, told + " " + exact);
    }
  }
}
