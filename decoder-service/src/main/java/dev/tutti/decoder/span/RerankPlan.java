package dev.tutti.decoder.span;

import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import java.util.List;

/**
 * A span ensemble whose answer competes with those that its members write by themselves. Immutable.
 *
 * @param spans the ensemble, whose choice decides between whole answers too
 */
public record RerankPlan(SpanPlan spans) implements JointPlan {

  @Override
  public List<TokenMember> members() {
    return spans.members();
  }

  @Override
  public List<Double> weights() {
    return spans.weights();
  }

  @Override
  public double temperature() {
    return spans.temperature();
  }

  /** {@inheritDoc} One for the answer of all, one for its own. */
  @Override
  public int sessions() {
    return members().size() == 1 ? 1 : 2;
  }

  @Override
  public JointSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
    return prompts.size() == 1
        ? spans.open(prompts, runner)
        : new RerankSession(spans, prompts, runner);
  }
}
