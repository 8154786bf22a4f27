package dev.tutti.router.method.selection;

import java.util.Arrays;

/**
 * Whom to ask for each query of a batch, so that all together cost no more than a budget and are
 * answered as well as possible: {@code max sum v_ij x_ij} subject to {@code sum c_ij x_ij <= B},
 * one member a query.
 *
 * <p>FORC's cost-constrained integer programme (Sakota et al. 2023, arXiv:2308.06077) and Routoo's
 * cost-aware selector (arXiv:2401.13979). Solved by its Lagrangian: {@code argmax_j v_ij - lambda
 * c_ij} with the least {@code lambda}, by bisection, that keeps to the budget; what is left is then
 * spent on the upgrades with the best {@code dv / dc} that still fit. At most one query's worth
 * below the linear programme's bound. Routoo's greedy, which lets early queries eat the budget, and
 * FORC's unassigned queries are departed from: where even the cheapest members cost more than the
 * budget, it is refused.
 */
public final class BatchBudget {

  private static final int BISECTIONS = 60;

  private BatchBudget() {}

  /**
   * A member for each query.
   *
   * @param quality a row a query, a column a member who could be asked about it: rows may differ in
   *     length
   * @param usd alike; not negative
   * @param budget for the whole batch, in US dollars
   * @return a column a query
   * @throws IllegalArgumentException when no assignment keeps to the budget
   */
  public static int[] assign(double[][] quality, double[][] usd, double budget) {
    if (quality.length == 0) {
      return new int[0];
    }
    int[] cheapest = best(quality, usd, Double.POSITIVE_INFINITY);
    if (!(cost(usd, cheapest) <= budget)) {
      throw new IllegalArgumentException(
          "The batch costs at least %s US dollars; the budget is %s."
              .formatted(cost(usd, cheapest), budget));
    }
    int[] free = best(quality, usd, 0);
    if (cost(usd, free) <= budget) {
      return free;
    }
    int[] chosen = best(quality, usd, price(quality, usd, budget));
    if (cost(usd, chosen) > budget) {
      chosen = cheapest;
    }
    upgrade(quality, usd, budget, chosen);
    return chosen;
  }

  /**
   * The least {@code lambda}, in quality a US dollar and but for a rounding, at which the best of
   * each query keep to the budget. {@link #upgrade} alone would find the same members, a pass over
   * the batch for each.
   */
  static double price(double[][] quality, double[][] usd, double budget) {
    double low = 0;
    double high = 1;
    while (cost(usd, best(quality, usd, high)) > budget && high < 1e300) {
      high *= 4;
    }
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (cost(usd, best(quality, usd, middle)) > budget) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** The best of each query at a price; the cheaper of equal ones. */
  private static int[] best(double[][] quality, double[][] usd, double lambda) {
    var chosen = new int[quality.length];
    for (int i = 0; i < chosen.length; i++) {
      for (int j = 1; j < quality[i].length; j++) {
        int now = chosen[i];
        double gain =
            lambda == Double.POSITIVE_INFINITY
                ? usd[i][now] - usd[i][j]
                : quality[i][j] - quality[i][now] - lambda * (usd[i][j] - usd[i][now]);
        boolean tie =
            gain == 0
                && (lambda == Double.POSITIVE_INFINITY
                    ? quality[i][j] > quality[i][now]
                    : usd[i][j] < usd[i][now]);
        if (gain > 0 || tie) {
          chosen[i] = j;
        }
      }
    }
    return chosen;
  }

  private static void upgrade(double[][] quality, double[][] usd, double budget, int[] chosen) {
    while (true) {
      double left = budget - cost(usd, chosen);
      double most = 0;
      int query = -1;
      int member = -1;
      for (int i = 0; i < chosen.length; i++) {
        for (int j = 0; j < quality[i].length; j++) {
          double dv = quality[i][j] - quality[i][chosen[i]];
          double dc = usd[i][j] - usd[i][chosen[i]];
          double rate = dc <= 0 ? Double.MAX_VALUE : dv / dc;
          if (dv > 0 && dc <= left && rate > most) {
            most = rate;
            query = i;
            member = j;
          }
        }
      }
      if (query < 0) {
        return;
      }
      chosen[query] = member;
    }
  }

  private static double cost(double[][] usd, int[] chosen) {
    double sum = 0;
    for (int i = 0; i < chosen.length; i++) {
      sum += usd[i][chosen[i]];
    }
    return sum;
  }

  /**
   * Routoo's universe constructor: {@code size} members that together answer best, {@code max_U
   * sum_i max_(j in U) q_ij}, grown one by one by the largest gain, which reaches at least {@code 1
   * - 1/e} of the optimum. In the order in which they are taken; fewer where nobody adds anything.
   */
  public static int[] universe(double[][] quality, int size) {
    var covered = new double[quality.length];
    int members = quality.length == 0 ? 0 : quality[0].length;
    var taken = new boolean[members];
    var order = new int[Math.min(size, members)];
    for (int k = 0; k < order.length; k++) {
      int best = -1;
      double most = 0;
      for (int j = 0; j < members; j++) {
        double gain = 0;
        for (int i = 0; i < covered.length; i++) {
          gain += Math.max(0, quality[i][j] - covered[i]);
        }
        if (!taken[j] && gain > most) {
          most = gain;
          best = j;
        }
      }
      if (best < 0) {
        return Arrays.copyOf(order, k);
      }
      order[k] = best;
      taken[best] = true;
      for (int i = 0; i < covered.length; i++) {
        covered[i] = Math.max(covered[i], quality[i][best]);
      }
    }
    return order;
  }
}
