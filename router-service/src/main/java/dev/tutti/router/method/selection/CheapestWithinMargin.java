package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/**
 * The cheapest of those whose estimated quality is at most {@code margin} below the best: {@code
 * argmin {c_m : q_m >= max q - margin}}.
 *
 * <p>HomoRouter's Cost-Saving strategy (arXiv:2406.12429; the exact equation is not public) and,
 * with a threshold in place of the margin, FORC's (arXiv:2308.06077).
 *
 * @param margin of quality that may be given up; not negative
 */
public record CheapestWithinMargin(double margin) implements SelectionRule {

  /** Checks the margin. */
  public CheapestWithinMargin {
    if (!(margin >= 0)) {
      throw new IllegalArgumentException(
          "margin is %s; it takes a number of at least 0.".formatted(margin));
    }
  }

  @Override
  public Offer choose(List<Offer> offers) {
    Offer best = offers.getFirst();
    for (Offer offer : offers) {
      boolean within = offer.quality() >= offers.getFirst().quality() - margin;
      if (within && offer.usd() < best.usd()) {
        best = offer;
      }
    }
    return best;
  }
}
