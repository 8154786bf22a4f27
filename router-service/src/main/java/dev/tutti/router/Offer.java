package dev.tutti.router;

import java.util.Comparator;

/**
 * A member of a pool as a {@link SelectionRule} sees it.
 *
 * @param member its name
 * @param quality estimated
 * @param deviation of the estimate
 * @param scale of the estimate
 * @param usd expected cost
 * @param seconds expected time; 0 where unknown
 * @param size its place among those who were learned about, from 1 for the smallest: what orders
 *     members that cost the same; 0 where unknown
 */
public record Offer(
    String member,
    double quality,
    double deviation,
    Estimate.Scale scale,
    double usd,
    double seconds,
    int size) {

  /** By falling quality, then rising cost, then name: ties are broken by it everywhere. */
  public static final Comparator<Offer> PREFERENCE =
      Comparator.comparingDouble(Offer::quality)
          .reversed()
          .thenComparingDouble(Offer::usd)
          .thenComparing(Offer::member);

  /** An offer of unknown size. */
  public Offer(
      String member,
      double quality,
      double deviation,
      Estimate.Scale scale,
      double usd,
      double seconds) {
    this(member, quality, deviation, scale, usd, seconds, 0);
  }

  /** Probability that this one's answer is the better. */
  public double beats(Offer other) {
    return scale.beats(quality, deviation, other.quality, other.deviation);
  }
}
