package dev.tutti.fusion;

import java.util.HashSet;
import java.util.List;

/**
 * Answers to one query, in the order of the recipe's members.
 *
 * @param answers at least one, no member twice
 */
public record Candidates(List<Answer> answers) {

  /**
   * One member's answer.
   *
   * @param member its name
   * @param prior its weight within the ensemble, above 0 and finite; 1 where the recipe gives none
   * @param text the answer as it was written; may be empty
   */
  public record Answer(String member, double prior, String text) {

    /** Checks the prior. */
    public Answer {
      if (!(prior > 0) || Double.isInfinite(prior)) {
        throw new IllegalArgumentException(
            "The prior of %s is %s; it must be above 0 and finite.".formatted(member, prior));
      }
    }
  }

  /** Checks that there is an answer, and nobody's twice. */
  public Candidates {
    answers = List.copyOf(answers);
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("There are no candidates; at least one is needed.");
    }
    var members = new HashSet<String>();
    for (Answer answer : answers) {
      if (!members.add(answer.member())) {
        throw new IllegalArgumentException("%s answers twice.".formatted(answer.member()));
      }
    }
  }

  /** How many there are. */
  public int size() {
    return answers.size();
  }

  /** The place of the highest prior, the first one of equals. */
  public int bestPrior() {
    int best = 0;
    for (int i = 1; i < size(); i++) {
      if (answers.get(i).prior() > answers.get(best).prior()) {
        best = i;
      }
    }
    return best;
  }
}
