package dev.tutti.numerics.measure;

import dev.tutti.numerics.measure.CostCurve.Point;

/**
 * What a cascade of a cheap and a dear member gains for what it costs more than the cheap one
 * (Aggarwal et al. 2024, AutoMix, arXiv:2310.12963): {@code IBC = (P - P_cheap) / (C - C_cheap)},
 * and how much more than always asking the dear one: {@code Delta_IBC = 100 (IBC - IBC_dear) /
 * IBC_dear}, in percent.
 */
public final class IncrementalBenefit {

  private IncrementalBenefit() {}

  /** Quality gained per unit of cost; 0 where nothing more is spent. */
  public static double perCost(Point policy, Point cheap) {
    return policy.usd() == cheap.usd()
        ? 0
        : (policy.quality() - cheap.quality()) / (policy.usd() - cheap.usd());
  }

  /**
   * Delta_IBC, in percent; 0 where the dear member is no better than the cheap one, or no dearer: a
   * cascade of them has nothing to gain.
   */
  public static double delta(Point policy, Point cheap, Point dear) {
    double base = perCost(dear, cheap);
    return dear.quality() > cheap.quality() && dear.usd() > cheap.usd()
        ? 100 * (perCost(policy, cheap) - base) / base
        : 0;
  }
}
