package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.Comparator;
import java.util.List;

/**
 * The cheapest of those who are expected to solve it ({@code q_m >= theta}); where nobody is, the
 * best.
 *
 * <p>FORC's Threshold strategy (Sakota et al. 2023, arXiv:2308.06077; theta = 0.5; there the
 * dearest is taken where nobody solves it) and SelectLLM's LabelledMaxConf for one answer
 * (arXiv:2408.08545), which settles conflicts in favour of the faster: at equal cost the faster is
 * chosen.
 *
 * @param theta estimated quality that is good enough
 */
public record CheapestLabelled(double theta) implements SelectionRule {

  /** Checks theta. */
  public CheapestLabelled {
    if (Double.isNaN(theta)) {
      throw new IllegalArgumentException("theta is NaN; it takes a number.");
    }
  }

  @Override
  public Offer choose(List<Offer> offers) {
    return offers.stream()
        .filter(o -> o.quality() >= theta)
        .min(Comparator.comparingDouble(Offer::usd).thenComparingDouble(Offer::seconds))
        .orElse(offers.getFirst());
  }
}
