package dev.tutti.router.method.selection;

import dev.tutti.router.BudgetExhaustedException;
import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/**
 * Another rule among those whom a budget per day pays for now ({@link SpendingPace}). While
 * something is left but less than the cheapest costs, the cheapest is asked and overspends by that
 * one request; with nothing left only a free member is.
 *
 * <p>Choosing spends nothing: whoever calls the chosen member takes its cost first ({@link
 * SpendingPace#take}), and where others were faster and nothing is granted, chooses again.
 *
 * @param pace what is left
 * @param rule chooses among those who are paid for
 */
public record BudgetPace(SpendingPace pace, SelectionRule rule) implements SelectionRule {

  /**
   * {@inheritDoc}
   *
   * @throws BudgetExhaustedException when nothing is left and nobody is free
   */
  @Override
  public Offer choose(List<Offer> offers) {
    double left = pace.left();
    List<Offer> affordable = affordable(offers, left);
    return affordable.isEmpty() ? lastOne(offers, left) : rule.choose(affordable);
  }

  @Override
  public List<Offer> draw(List<Offer> offers) {
    double left = pace.left();
    List<Offer> affordable = affordable(offers, left);
    return affordable.isEmpty() ? List.of(lastOne(offers, left)) : rule.draw(affordable);
  }

  private static List<Offer> affordable(List<Offer> offers, double left) {
    return offers.stream().filter(o -> o.usd() == 0 || o.usd() <= left).toList();
  }

  private Offer lastOne(List<Offer> offers, double left) {
    if (left > 0) {
      return new RequestBudget(0, rule).choose(offers);
    }
    throw new BudgetExhaustedException(
        "The budget per day is used up (%.6f US dollars left) and no member is free."
            .formatted(left));
  }
}
