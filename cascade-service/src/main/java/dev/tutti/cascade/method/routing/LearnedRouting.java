package dev.tutti.cascade.method.routing;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.stream.IntStream;

/**
 * How good answers are, what they cost, and whom to ask next at which price.
 *
 * @param estimates of answers
 * @param order who may be asked after whom; costs are mean ones, in the dataset's unit
 * @param longest most answers of a question
 * @param plans by price
 * @param points of each the price, another price, and the share of the questions that the other one
 *     decides
 */
public record LearnedRouting(
    Estimates estimates, RoutingOrder order, int longest, RoutingPlans plans, TunedPoints points)
    implements LearnedCascade {

  private static final String USD = "usd";
  private static final String LONGEST = "longest";
  private static final String FREE = "free";

  static LearnedRouting read(Parameters kept) {
    Matrix costs = kept.matrix(USD);
    double[] usd = IntStream.range(0, costs.columns()).mapToDouble(m -> costs.at(0, m)).toArray();
    int longest = (int) kept.number(LONGEST);
    var order = new RoutingOrder(usd, kept.number(FREE) == 1);
    return new LearnedRouting(
        Estimates.of(kept),
        order,
        longest,
        Supermodels.isIn(kept)
            ? Supermodels.read(kept, order, longest)
            : LookAhead.read(kept, order),
        TunedPoints.of(kept));
  }

  @Override
  public Parameters parameters() {
    Parameters kept =
        Parameters.of(estimates.members())
            .with(USD, Matrix.row(order.usd()))
            .with(LONGEST, longest)
            .with(FREE, order.free() ? 1 : 0);
    return points.with(plans.with(estimates.with(kept)));
  }
}
