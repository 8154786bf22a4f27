package dev.tutti.decoder;

import java.util.List;

/**
 * An ensemble over given members: everything that is the same for each of its answers. Immutable.
 */
public interface JointPlan {

  /** In the order of the recipe. */
  List<TokenMember> members();

  /** One a member, in the same order; at least 0, sum 1. */
  List<Double> weights();

  /** Temperature of an answer that asks for none; 0 where the method is greedy. */
  double temperature();

  /**
   * Most tokens of an answer that may fit behind the prompts, as far as is known.
   *
   * @param prompts one a member, in the same order
   */
  default int room(List<? extends MemberPrompt> prompts) {
    return prompts.stream().mapToInt(MemberPrompt::room).min().orElseThrow();
  }

  /** Sessions of each member that an answer opens, and holds to its end. */
  default int sessions() {
    return 1;
  }

  /**
   * Starts an answer. Where a session cannot be opened, those before it stay open: {@link
   * OpenedSessions} has them.
   *
   * @param prompts one a member, in the same order
   * @param runner asks the members of a step
   * @return closes the sessions that it opened
   */
  JointSession open(List<? extends MemberPrompt> prompts, StepRunner runner);
}
