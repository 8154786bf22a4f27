package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/**
 * The best where it is estimated above {@code confidence}; otherwise one of the best three, drawn
 * with equal chances.
 *
 * <p>Policy "Random" of Srivatsa et al. 2024, arXiv:2405.00467; 0.6 there.
 *
 * @param confidence up to which nobody is trusted
 */
public record UnsureRandom(double confidence) implements SelectionRule {

  private static final int AMONG = 3;

  /** Checks the confidence. */
  public UnsureRandom {
    if (Double.isNaN(confidence)) {
      throw new IllegalArgumentException("confidence is NaN; it takes a number.");
    }
  }

  @Override
  public Offer choose(List<Offer> offers) {
    return offers.getFirst();
  }

  @Override
  public List<Offer> draw(List<Offer> offers) {
    return offers.getFirst().quality() > confidence
        ? offers.subList(0, 1)
        : offers.subList(0, Math.min(AMONG, offers.size()));
  }
}
