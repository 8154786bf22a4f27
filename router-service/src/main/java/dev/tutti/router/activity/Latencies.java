package dev.tutti.router.activity;

import java.util.OptionalDouble;

/**
 * How long requests took, counted in {@value #COUNT} classes: the first up to a millisecond, each
 * further one to 2<sup>1/4</sup> times as much, the last up to any time. A quantile is told as the
 * geometric mean of its class's bounds, and is off by a factor of 2<sup>1/8</sup> (1.09) at most,
 * between a millisecond and the last bound, an hour.
 */
final class Latencies {

  /** Classes. */
  static final int COUNT = 89;

  private static final double FIRST_SECONDS = 1e-3;
  private static final double CLASSES_A_DOUBLING = 4;

  private Latencies() {}

  /** The class of a time. */
  static int of(double seconds) {
    double doublings = Math.log(seconds / FIRST_SECONDS) / Math.log(2);
    // A time that is none took no time.
    return (int) Math.clamp(Math.ceil(doublings * CLASSES_A_DOUBLING), 0, COUNT - 1);
  }

  /**
   * What a share of the requests needed at most, seconds; empty where there were none.
   *
   * @param counts by class; those of classes that came later may be absent
   * @param share in (0, 1]
   */
  static OptionalDouble quantile(long[] counts, double share) {
    long all = 0;
    for (long count : counts) {
      all += count;
    }
    if (all == 0) {
      return OptionalDouble.empty();
    }
    long rank = Math.max(1, (long) Math.ceil(share * all));
    int its = 0;
    long seen = counts[0];
    while (seen < rank) {
      seen += counts[++its];
    }
    return OptionalDouble.of(seconds(its));
  }

  /** What stands for a class: below the first bound, half of it. */
  private static double seconds(int its) {
    return its == 0
        ? FIRST_SECONDS / 2
        : FIRST_SECONDS * Math.pow(2, (its - 0.5) / CLASSES_A_DOUBLING);
  }
}
