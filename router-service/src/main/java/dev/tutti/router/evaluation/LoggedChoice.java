package dev.tutti.router.evaluation;

import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import java.util.Map;
import java.util.Optional;

/**
 * A routing decision of the log whose answer somebody rated.
 *
 * @param member who was ranked first, and was the only one that was called
 * @param quality of the answer, from 0 to 1; the mean where several rated it
 * @param usd what it cost
 * @param propensities with which each member could have been ranked first; sum to 1
 * @param pool who could have been asked, with what each was expected to cost and to take
 * @param query without its text; without an embedding where the method does not look at it
 * @param shadow what a version in shadow would have decided
 */
public record LoggedChoice(
    String member,
    double quality,
    double usd,
    Map<String, Double> propensities,
    Pool pool,
    Query query,
    Optional<Shadow> shadow) {

  /**
   * What an artifact's version in shadow would have decided.
   *
   * @param propensities with which it would have ranked each member first; sum to 1
   */
  public record Shadow(String artifact, int version, Map<String, Double> propensities) {}
}
