package dev.tutti.cascade;

import java.util.Optional;
import java.util.Set;

/**
 * What is known of a question before anybody is asked.
 *
 * @param example the most similar question that was solved, where one is similar enough
 * @param rejected names of members whose answer to this very question was rejected
 */
public record Recalled(Optional<Example> example, Set<String> rejected) {

  /** Nothing is known. */
  public static final Recalled NOTHING = new Recalled(Optional.empty(), Set.of());

  /**
   * A question that was solved.
   *
   * @param question as it was asked
   * @param answer that was accepted
   * @param member who gave it
   * @param similarity to the question that is asked now, cosine
   */
  public record Example(String question, String answer, String member, double similarity) {}

  /** Keeps its own copy. */
  public Recalled {
    rejected = Set.copyOf(rejected);
  }
}
