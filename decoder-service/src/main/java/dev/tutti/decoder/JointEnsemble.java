package dev.tutti.decoder;

import java.util.List;

/**
 * An ensemble method that writes one answer with several members at once: token by token, span by
 * span, or by a search over steps.
 *
 * <p>A token-level method is four choices, and {@link FusedSession} does the rest: a gate (who
 * takes part in a step), a vocabulary aligner, a combiner, and a picker (greedy, or a draw); see
 * {@link TokenPlan}. Methods over the most probable pieces only ({@link TopPlan}) share no
 * vocabulary but the one of each step.
 *
 * <p>Implementations are immutable.
 */
public interface JointEnsemble {

  /**
   * The ensemble of these members. May take a while (vocabularies are aligned) and is kept by the
   * caller.
   *
   * @param members at least one, in the order of the recipe
   * @throws IllegalArgumentException when they do not fit together
   */
  JointPlan plan(List<TokenMember> members);
}
