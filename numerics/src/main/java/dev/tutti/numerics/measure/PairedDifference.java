package dev.tutti.numerics.measure;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/**
 * By how much one router does better than another on the same queries.
 *
 * @param queries how many there are
 * @param mean of the differences, query by query
 * @param low beginning of the interval
 * @param high end of the interval, in which the mean over all queries of that kind lies with a
 *     confidence of 95 %
 */
public record PairedDifference(int queries, double mean, double low, double high) {

  /** Of the interval. */
  public static final double CONFIDENCE = 0.95;

  private static final int RESAMPLES = 2_000;
  private static final long SEED = 1;

  /**
   * The interval by the bootstrap's percentiles (Efron 1979): the means of {@value #RESAMPLES}
   * samples of the differences, drawn with replacement, of which 2.5 % lie below it and as many
   * above. Seeded: equal differences, equal interval.
   *
   * @param differences one a query, at least two
   * @throws IllegalArgumentException when there are fewer
   */
  public static PairedDifference of(double[] differences) {
    int n = differences.length;
    if (n < 2) {
      throw new IllegalArgumentException(
          "%d queries tell no interval; it takes at least 2.".formatted(n));
    }
    var random = new SplittableRandom(SEED);
    var means = new double[RESAMPLES];
    for (int sample = 0; sample < RESAMPLES; sample++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += differences[random.nextInt(n)];
      }
      means[sample] = sum / n;
    }
    Arrays.sort(means);
    int cut = (int) Math.round(RESAMPLES * (1 - CONFIDENCE) / 2);
    return new PairedDifference(
        n,
        DoubleStream.of(differences).average().orElseThrow(),
        means[cut],
        means[RESAMPLES - 1 - cut]);
  }
}
