package dev.tutti.cascade.method.frugal;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.learning.Parameters;

/**
 * How reliable answers are, and which chains were found.
 *
 * @param estimates of an answer alone, and after one other
 * @param points {@link FrugalChain} each
 */
public record FrugalScorer(Estimates estimates, TunedPoints points) implements LearnedCascade {

  /** What was learned before. */
  static FrugalScorer read(Parameters parameters) {
    return new FrugalScorer(Estimates.of(parameters), TunedPoints.of(parameters));
  }

  @Override
  public Parameters parameters() {
    return points.with(estimates.with(Parameters.of(estimates.members())));
  }
}
