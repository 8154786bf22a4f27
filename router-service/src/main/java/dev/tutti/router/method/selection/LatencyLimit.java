package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/**
 * Another rule among those who are expected to answer in time; where nobody is, the fastest. A
 * member of unknown speed counts as fast.
 *
 * @param seconds within which an answer is wanted; not negative
 * @param rule chooses among those who are fast enough
 */
public record LatencyLimit(double seconds, SelectionRule rule) implements SelectionRule {

  /** Checks the limit. */
  public LatencyLimit {
    if (!(seconds >= 0)) {
      throw new IllegalArgumentException(
          "The latency limit is %s seconds; it takes a number of at least 0.".formatted(seconds));
    }
  }

  @Override
  public Offer choose(List<Offer> offers) {
    return limit().choose(offers);
  }

  @Override
  public List<Offer> draw(List<Offer> offers) {
    return limit().draw(offers);
  }

  private Limit limit() {
    return new Limit(Offer::seconds, seconds, rule);
  }
}
