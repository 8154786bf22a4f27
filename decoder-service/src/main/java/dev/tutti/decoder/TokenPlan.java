package dev.tutti.decoder;

import java.util.List;

/**
 * A token ensemble over given members: everything that is the same for each of its answers.
 * Immutable.
 */
public interface TokenPlan {

  /** In the order of the recipe. */
  List<TokenMember> members();

  /** One a member, in the same order; at least 0, sum 1. */
  List<Double> weights();

  /** Temperature of an answer that asks for none; 0 where the method is greedy. */
  double temperature();

  /**
   * Starts an answer of models that run here.
   *
   * @param sessions one a member, each holding the member's own prompt; the returned session closes
   *     them
   * @param runner runs the forward passes of a step
   */
  JointSession open(List<? extends DecodeSession> sessions, StepRunner runner);
}
