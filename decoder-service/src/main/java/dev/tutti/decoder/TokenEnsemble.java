package dev.tutti.decoder;

import java.util.List;

/**
 * A token-level ensemble method: at every step the members' next-token distributions become one.
 * Such a method is four choices, and {@link FusedSession} does the rest: a gate (who takes part in
 * a step), a vocabulary aligner, a combiner, and a picker (greedy, or a draw). Methods over the
 * most probable pieces only ({@link TopPlan}) share no vocabulary but the one of each step.
 *
 * <p>Implementations are immutable.
 */
public interface TokenEnsemble {

  /**
   * The ensemble of these members. May take a while (vocabularies are aligned) and is kept by the
   * caller.
   *
   * @param members at least one, in the order of the recipe
   * @throws IllegalArgumentException when they do not fit together
   */
  TokenPlan plan(List<TokenMember> members);
}
