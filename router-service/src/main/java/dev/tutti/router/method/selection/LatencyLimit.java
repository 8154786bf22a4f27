package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.Comparator;
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
    List<Offer> fast = fast(offers);
    return fast.isEmpty() ? least(offers) : rule.choose(fast);
  }

  @Override
  public List<Offer> draw(List<Offer> offers) {
    List<Offer> fast = fast(offers);
    return fast.isEmpty() ? List.of(least(offers)) : rule.draw(fast);
  }

  private List<Offer> fast(List<Offer> offers) {
    return offers.stream().filter(o -> o.seconds() <= seconds).toList();
  }

  private static Offer least(List<Offer> offers) {
    return offers.stream().min(Comparator.comparingDouble(Offer::seconds)).orElseThrow();
  }
}
