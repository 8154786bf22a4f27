package dev.tutti.fusion;

import java.util.List;

/**
 * A method that looks at answers which all exist already, and says how much each counts and which
 * one is given. Pure: the same candidates give the same weighing. Thread-safe once built.
 */
public interface Selector {

  /**
   * Weighs the candidates.
   *
   * @param query what was asked
   * @param candidates answers of the members that did answer; those that failed are not among them
   * @throws IllegalArgumentException when a candidate's prior is not what the method reads it as
   */
  Weighing weigh(Query query, Candidates candidates);

  /**
   * Whether the answer that is chosen stands, whatever the others say that have not answered yet,
   * and whether or not they answer: then nobody needs to wait for them. Which of those who gave it
   * speaks for it may still change.
   *
   * @param pending priors of the others, as {@link Candidates.Answer#prior}
   */
  default boolean isSettled(Candidates candidates, List<Double> pending) {
    return pending.isEmpty();
  }
}
