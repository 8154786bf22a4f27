package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/** Whoever is estimated best, whatever it costs; the cheaper of equal ones. */
public record BestQuality() implements SelectionRule {

  @Override
  public Offer choose(List<Offer> offers) {
    return offers.getFirst();
  }
}
