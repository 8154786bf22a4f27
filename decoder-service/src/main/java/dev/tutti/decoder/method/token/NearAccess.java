package dev.tutti.decoder.method.token;

import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate;
import java.util.List;
import java.util.Map;

/**
 * Everyone takes part in every step, and the steps' bounds are added up.
 *
 * @param weights one a member
 * @param bound of the steps so far, nats
 */
record NearAccess(Purification purification, double[] weights, double bound)
    implements StepGate.State {

  @Override
  public NearAccess after(StepGate.Step step) {
    return new NearAccess(purification, weights, bound + of(step.votes()));
  }

  @Override
  public Map<String, Double> measures(List<Vote> open) {
    return Map.of("k_naf_bound_nats", bound + of(open));
  }

  /** Of one step; a piece that was given, and drawn from nothing, costs nothing. */
  private double of(List<Vote> votes) {
    return votes.isEmpty()
        ? 0
        : purification.combine(votes, new double[votes.getFirst().ratings().length]);
  }
}
