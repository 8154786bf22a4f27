package dev.tutti.cascade;

import java.util.List;

/**
 * A cascade so far.
 *
 * @param query what was asked
 * @param members how many members the cascade has; at least 1
 * @param stages members that were asked, in their order, at most one each
 * @param exhausted whether no further member can be asked: all were, or the budget forbids it
 */
public record Episode(Query query, int members, List<Stage> stages, boolean exhausted) {

  /** What asking one member gave. */
  public sealed interface Stage {}

  /**
   * It answered.
   *
   * @param text as it was written; may be empty
   * @param signals what the answer says about itself
   */
  public record Answered(String text, AnswerSignals signals) implements Stage {}

  /** It failed, which a cascade takes as a rejected answer. */
  public record Failed() implements Stage {}

  /** Checks the number of stages. */
  public Episode {
    stages = List.copyOf(stages);
    if (members < 1 || stages.size() > members) {
      throw new IllegalArgumentException(
          "%d stages of %d members.".formatted(stages.size(), members));
    }
    if (stages.size() == members && !exhausted) {
      throw new IllegalArgumentException("All members were asked; the episode is exhausted.");
    }
  }
}
