package dev.tutti.router;

import java.util.HashSet;
import java.util.List;

/**
 * A router's decision: every member of the pool, in the order in which they are to be asked. The
 * next one is asked only where the one before failed without having said anything.
 *
 * @param ranked at least one
 * @param explanation one or two sentences for people
 */
public record Route(List<Choice> ranked, String explanation) {

  private static final double ROUNDING = 1e-9;

  /**
   * One member of the ranking.
   *
   * @param member its name
   * @param score the method's own score; finite
   * @param propensity probability with which this member would have been ranked first, in [0, 1];
   *     they sum to 1 over the ranking
   * @param deviation standard deviation of the score where that is an estimate; 0 where the method
   *     tells none
   */
  public record Choice(String member, double score, double propensity, double deviation) {

    /** A choice whose score has no deviation. */
    public Choice(String member, double score, double propensity) {
      this(member, score, propensity, 0);
    }
  }

  /** Checks names, scores and propensities. */
  public Route {
    ranked = List.copyOf(ranked);
    var names = new HashSet<String>();
    double sum = 0;
    for (Choice choice : ranked) {
      if (!names.add(choice.member())) {
        throw new IllegalArgumentException(choice.member() + " is ranked twice.");
      }
      if (!Double.isFinite(choice.score())) {
        throw new IllegalArgumentException(
            "The score of %s is %s.".formatted(choice.member(), choice.score()));
      }
      if (!(choice.deviation() >= 0) || Double.isInfinite(choice.deviation())) {
        throw new IllegalArgumentException(
            "The deviation of %s is %s.".formatted(choice.member(), choice.deviation()));
      }
      if (!(choice.propensity() >= 0 && choice.propensity() <= 1)) {
        throw new IllegalArgumentException(
            "The propensity of %s is %s.".formatted(choice.member(), choice.propensity()));
      }
      sum += choice.propensity();
    }
    if (!(Math.abs(sum - 1) <= ROUNDING)) {
      throw new IllegalArgumentException("The propensities sum to %s, not 1.".formatted(sum));
    }
  }
}
