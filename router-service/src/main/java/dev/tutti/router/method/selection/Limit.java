package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Another rule among the offers that stay within a limit; where none does, the one with the least.
 *
 * @param measure what is limited
 * @param most largest value that is within
 * @param rule chooses among those within
 */
record Limit(ToDoubleFunction<Offer> measure, double most, SelectionRule rule) {

  Offer choose(List<Offer> offers) {
    List<Offer> within = within(offers);
    return within.isEmpty() ? least(offers) : rule.choose(within);
  }

  List<Offer> draw(List<Offer> offers) {
    List<Offer> within = within(offers);
    return within.isEmpty() ? List.of(least(offers)) : rule.draw(within);
  }

  private List<Offer> within(List<Offer> offers) {
    return offers.stream().filter(o -> measure.applyAsDouble(o) <= most).toList();
  }

  private Offer least(List<Offer> offers) {
    return offers.stream().min(Comparator.comparingDouble(measure)).orElseThrow();
  }
}
