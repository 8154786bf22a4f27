package dev.tutti.fusion;

import dev.tutti.kit.calls.Query;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A method that looks at answers which all exist already, and says how much each counts and which
 * one is given, if any. Pure: the same candidates give the same weighing. Thread-safe once built.
 */
public non-sealed interface Selector extends FusionMethod {

  /** Help of the setting {@code canonical}. */
  String CANONICAL =
      "Form in which answers are compared: the final number, the letter of an option, a date, a"
          + " number with its unit, a value of Python or JSON (literal; json: objects and lists"
          + " alone), calls of tools, a query or code by its tokens, words without case, articles"
          + " and punctuation; auto takes the first form that more than half of the answers plainly"
          + " have.";

  /**
   * Weighs the candidates.
   *
   * @param query what was asked
   * @param candidates answers of the members that did answer; those that failed are not among them
   * @throws IllegalArgumentException when a candidate's prior is not what the method reads it as
   */
  Weighing weigh(Query query, Candidates candidates);

  /**
   * How many members it would have asked of those whose recorded answers these are; empty where it
   * asks all members of the ensemble.
   */
  default OptionalInt asks(Query query, Candidates candidates) {
    return OptionalInt.empty();
  }

  /** What it looks at beside the answers; fetched once, and handed in with the candidates. */
  default Set<Evidence.Kind> evidence() {
    return Set.of();
  }

  /**
   * Whether the answer that is chosen stands, whatever the others say that have not answered yet,
   * and whether or not they answer: then nobody needs to wait for them. Which of those who gave it
   * speaks for it may still change.
   *
   * @param candidates without evidence
   * @param pending what the answers of the others count, as {@link #weight}
   */
  default boolean isSettled(Candidates candidates, List<Double> pending) {
    return pending.isEmpty();
  }

  /**
   * What an answer of a member counts, as far as it is known before there is one; for the order in
   * which members are asked, and for {@link #isSettled}.
   *
   * @param knownAs the name by which what was learned knows it
   * @param prior as {@link Candidates.Answer#prior}
   * @return at least 0
   */
  default double weight(String knownAs, double prior) {
    return prior;
  }
}
