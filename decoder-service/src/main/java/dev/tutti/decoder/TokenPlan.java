package dev.tutti.decoder;

import java.util.List;

/** A plan whose members take every step together: a {@link FusedSession} carries it out. */
public interface TokenPlan extends JointPlan {

  /** Who takes part in a step. */
  StepGate gate();

  /** Makes one distribution of those of a step. */
  StepCombiner combiner();

  @Override
  FusedSession open(List<? extends MemberPrompt> prompts, StepRunner runner);
}
