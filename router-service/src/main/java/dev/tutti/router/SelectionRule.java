package dev.tutti.router;

import java.util.List;

/**
 * Whom to ask, given how well each would answer and what it would cost. Any rule goes with any
 * {@link QualityEstimator}. The rest of the ranking is found by choosing again among those who are
 * left. Immutable or thread-safe.
 */
public interface SelectionRule {

  /**
   * One of the offers.
   *
   * @param offers at least one, by falling quality, then rising cost, then name: whoever takes the
   *     first of equal ones breaks ties as all methods do
   */
  Offer choose(List<Offer> offers);

  /**
   * Those of whom the first is drawn, with equal chances; the chosen one alone unless the rule is a
   * random one.
   */
  default List<Offer> draw(List<Offer> offers) {
    return List.of(choose(offers));
  }
}
