package dev.tutti.registry.console;

import dev.tutti.generation.v1.MemberOpinion;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import java.util.List;

/**
 * A token of an answer, and what was thought of it.
 *
 * @param text of it
 * @param probability that it had
 * @param others that could have stood there, best first, itself among them
 * @param members what each member of a token ensemble thought of it
 */
record TokenView(String text, double probability, List<Other> others, List<Opinion> members) {

  /** A token that could have stood there. */
  record Other(String text, double probability) {}

  /**
   * What a member thought.
   *
   * @param weight in the step
   * @param probability that it gave the token; null where it gave none, or did not read it
   * @param favourite whether it was its own most probable one
   * @param reward what it finds the step worth; null where nobody asked it
   * @param wanted its own most probable one, where that is another: of no text for the end; null
   *     where that is not known
   */
  record Opinion(
      String member,
      double weight,
      Double probability,
      boolean favourite,
      Double reward,
      String wanted) {}

  static TokenView of(TokenLogprob token) {
    return new TokenView(
        token.getToken(),
        Math.exp(token.getLogprob()),
        token.getTopList().stream().map(TokenView::other).toList(),
        token.getMembersList().stream().map(TokenView::opinion).toList());
  }

  private static Other other(TokenAlternative other) {
    return new Other(other.getToken(), Math.exp(other.getLogprob()));
  }

  private static Opinion opinion(MemberOpinion its) {
    return new Opinion(
        its.getMember(),
        its.getWeight(),
        its.hasLogprob() ? Math.exp(its.getLogprob()) : null,
        its.getFavourite(),
        its.hasReward() ? its.getReward() : null,
        its.hasWanted() ? its.getWanted() : null);
  }
}
