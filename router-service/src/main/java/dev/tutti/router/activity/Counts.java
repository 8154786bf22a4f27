package dev.tutti.router.activity;

import java.math.BigDecimal;
import java.util.OptionalDouble;

/**
 * Sums over requests.
 *
 * @param requests how many
 * @param failures of these, those that got no whole answer
 * @param promptTokens tokens read
 * @param completionTokens tokens written
 * @param usd US dollars that they cost
 * @param compared those of which it is known what the dearest member would have cost
 * @param comparedUsd US dollars that these cost
 * @param dearestUsd US dollars that these would have cost
 * @param latency how many took so long, by class ({@link Latencies}), up to the last that has any;
 *     not to be changed
 */
public record Counts(
    long requests,
    long failures,
    BigDecimal promptTokens,
    BigDecimal completionTokens,
    BigDecimal usd,
    long compared,
    BigDecimal comparedUsd,
    BigDecimal dearestUsd,
    long[] latency) {

  /** None. */
  static final Counts NONE =
      new Counts(
          0,
          0,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          0,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          new long[0]);

  /** Of one. */
  static Counts of(Request request) {
    Ending ending = request.ending();
    boolean compared = ending.dearestUsd().isPresent();
    int its = Latencies.of(ending.seconds());
    var latency = new long[its + 1];
    latency[its] = 1;
    return new Counts(
        1,
        ending.failed() ? 1 : 0,
        BigDecimal.valueOf(request.promptTokens()),
        BigDecimal.valueOf(request.completionTokens()),
        request.usd(),
        compared ? 1 : 0,
        compared ? request.usd() : BigDecimal.ZERO,
        BigDecimal.valueOf(ending.dearestUsd().orElse(0)),
        latency);
  }

  /** These and others. */
  Counts and(Counts other) {
    return new Counts(
        requests + other.requests,
        failures + other.failures,
        promptTokens.add(other.promptTokens),
        completionTokens.add(other.completionTokens),
        usd.add(other.usd),
        compared + other.compared,
        comparedUsd.add(other.comparedUsd),
        dearestUsd.add(other.dearestUsd),
        sum(latency, other.latency));
  }

  /** What a share of them needed at most, seconds; empty where there are none. */
  public OptionalDouble seconds(double share) {
    return Latencies.quantile(latency, share);
  }

  private static long[] sum(long[] one, long[] other) {
    long[] sum = new long[Math.max(one.length, other.length)];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (i < one.length ? one[i] : 0) + (i < other.length ? other[i] : 0);
    }
    return sum;
  }
}
