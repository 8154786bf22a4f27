package dev.tutti.router;

/**
 * A member of a pool as a {@link SelectionRule} sees it.
 *
 * @param member its name
 * @param quality estimated
 * @param deviation of the estimate
 * @param scale of the estimate
 * @param usd expected cost
 * @param seconds expected time; 0 where unknown
 */
public record Offer(
    String member,
    double quality,
    double deviation,
    Estimate.Scale scale,
    double usd,
    double seconds) {

  /** Probability that this one's answer is the better. */
  public double beats(Offer other) {
    return scale.beats(quality, deviation, other.quality, other.deviation);
  }
}
