package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/**
 * Another rule among those who cost at most so much for this request; where nobody does, the
 * cheapest (as Eagle's card has it).
 *
 * @param usd most that a request may cost, in US dollars; not negative
 * @param rule chooses among those who fit
 */
public record RequestBudget(double usd, SelectionRule rule) implements SelectionRule {

  /** Checks the budget. */
  public RequestBudget {
    if (!(usd >= 0)) {
      throw new IllegalArgumentException(
          "The budget of a request is %s US dollars; it takes a number of at least 0."
              .formatted(usd));
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
    return new Limit(Offer::usd, usd, rule);
  }
}
