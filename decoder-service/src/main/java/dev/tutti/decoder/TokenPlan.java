package dev.tutti.decoder;

import java.util.List;

/** A plan whose members take every step together: a {@link FusedSession} carries it out. */
public interface TokenPlan extends JointPlan {

  /** Who takes part in a step. */
  StepGate gate();

  /** Makes one distribution of those of a step. */
  StepCombiner combiner();

  /** Most steps that one of a member's own tokens may be worth. */
  default int stepsPerToken(int member) {
    return 1;
  }

  /** {@inheritDoc} Those of whoever has most room, unless the gate needs one that has less. */
  @Override
  default int room(List<? extends MemberPrompt> prompts) {
    long most = 0;
    long bound = Integer.MAX_VALUE;
    for (int m = 0; m < prompts.size(); m++) {
      long its = (long) prompts.get(m).room() * stepsPerToken(m);
      most = Math.max(most, its);
      bound = gate().needs(m) ? Math.min(bound, its) : bound;
    }
    return (int) Math.min(bound, most);
  }

  @Override
  FusedSession open(List<? extends MemberPrompt> prompts, StepRunner runner);
}
