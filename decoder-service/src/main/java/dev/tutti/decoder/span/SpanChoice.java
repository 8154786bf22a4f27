package dev.tutti.decoder.span;

import java.util.Map;

/** Decides which candidate of a round an answer goes on with. Immutable. */
@FunctionalInterface
public interface SpanChoice {

  /**
   * The choice before the first round of an answer.
   *
   * @param weights of the plan, one a member, by name
   */
  State begin(double[] weights);

  /** The choice before one round of one answer. Immutable. */
  @FunctionalInterface
  interface State {

    /**
     * Decides.
     *
     * @param ballot of at least two candidates, or of one that nobody had to judge (no scores)
     */
    Choice choose(Ballot ballot);

    /**
     * Whether a member takes part in the round: writes and judges. Who does not has left for good.
     */
    default boolean takesPart(int member) {
      return true;
    }

    /**
     * How much each member counts before the round.
     *
     * @param plan its weights, as {@link #begin} got them
     */
    default double[] weights(double[] plan) {
      return plan;
    }

    /** What it measured so far, as {@link dev.tutti.decoder.JointSession#measures}. */
    default Map<String, Double> measures() {
      return Map.of();
    }
  }

  /**
   * A decision.
   *
   * @param candidate index of the winner
   * @param after the choice before the next round
   */
  record Choice(int candidate, State after) {}
}
