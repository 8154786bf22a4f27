package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;

/**
 * {@code argmax_m q_m - lambda c_m}: quality less the price of its cost. With {@code lambda} = 0 it
 * is {@link BestQuality}, with a very large one the cheapest is chosen.
 *
 * <p>RouterBench (Hu et al. 2024, arXiv:2403.12031) writes it the other way round, {@code lambda'
 * q_m - c_m} with a willingness to pay {@code lambda' = 1 / lambda}; its code takes a rate per
 * token for {@code c_m}, here it is the expected cost of this query.
 *
 * @param lambda quality that a US dollar is worth; finite, not negative
 */
public record QualityMinusCost(double lambda) implements SelectionRule {

  /** Checks lambda. */
  public QualityMinusCost {
    if (!(lambda >= 0) || Double.isInfinite(lambda)) {
      throw new IllegalArgumentException(
          "lambda is %s; it takes a finite number of at least 0.".formatted(lambda));
    }
  }

  /**
   * The rule of RouterBench's paper: a US dollar may buy a quality of 1 / willingness; one of 0 or
   * below is pure quality, as there.
   */
  public static SelectionRule willingToPay(double usdPerQuality) {
    return usdPerQuality <= 0 ? new BestQuality() : new QualityMinusCost(1 / usdPerQuality);
  }

  @Override
  public Offer choose(List<Offer> offers) {
    Offer best = offers.getFirst();
    for (Offer offer : offers) {
      if (worth(offer) > worth(best)) {
        best = offer;
      }
    }
    return best;
  }

  private double worth(Offer offer) {
    return offer.quality() - lambda * offer.usd();
  }
}
