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
 * @param usd mean cost of an answer by member, in the dataset's unit
 * @param longest most answers of a question
 * @param free whether anybody may be asked next, not only the next in cost
 * @param plans by price
 * @param points of each the price, another price, and the share of the questions that the other one
 *     decides
 */
public record LearnedRouting(
    Estimates estimates,
    double[] usd,
    int longest,
    boolean free,
    RoutingPlans plans,
    TunedPoints points)
    implements LearnedCascade {

  private static final String USD = "usd";
  private static final String LONGEST = "longest";
  private static final String FREE = "free";

  static LearnedRouting read(Parameters kept) {
    Matrix costs = kept.matrix(USD);
    double[] usd = IntStream.range(0, costs.columns()).mapToDouble(m -> costs.at(0, m)).toArray();
    int longest = (int) kept.number(LONGEST);
    boolean free = kept.number(FREE) == 1;
    return new LearnedRouting(
        Estimates.of(kept),
        usd,
        longest,
        free,
        Supermodels.isIn(kept)
            ? Supermodels.read(kept, usd, longest, free)
            : LookAhead.read(kept, usd),
        TunedPoints.of(kept));
  }

  @Override
  public Parameters parameters() {
    Parameters kept =
        Parameters.of(estimates.members())
            .with(USD, Matrix.row(usd))
            .with(LONGEST, longest)
            .with(FREE, free ? 1 : 0);
    return points.with(plans.with(estimates.with(kept)));
  }
}
