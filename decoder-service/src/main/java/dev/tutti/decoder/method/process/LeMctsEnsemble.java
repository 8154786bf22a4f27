package dev.tutti.decoder.method.process;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import dev.tutti.decoder.search.SearchPlan;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * LE-MCTS, "language model ensemble with Monte Carlo tree search": a search over chains of steps in
 * which every step may be another member's, guided by a reward of steps.
 *
 * <p>Paper: Park, Kim, Hwang et al., "Ensembling Large Language Models with Process Reward-Guided
 * Tree Search for Better Complex Reasoning", NAACL 2025 (arXiv 2412.15797). A state is the question
 * with some steps; an action chooses a member and draws its next step. In each iteration: select
 * from the root by {@code UCT(s) = V(s) + c sqrt(ln N(parent) / N(s))} to a node that is not fully
 * expanded; expand it by a step of a member chosen at random; {@code V(child) =} reward of the
 * step; back-propagate optimistically, {@code V(parent) = max V(children)}. The finished chain of
 * the greatest value is the answer.
 *
 * <p>The reward is the verdict of a member in the role {@code judge}: the probability of {@code
 * right} against {@code wrong} behind each step, where {@code end} says that the chain ends there.
 * Without a judge it is the writers' own likelihood: the mean over them of the probability of the
 * step's least probable token. {@code reward} may also take the judge's likelihood, or the product
 * of its verdict and the writers' likelihood. c is 1, the depth at most 20 and iterations 100, as
 * nothing is published; a node gets {@code width} children, and further ones, up to {@code
 * most_children}, while the best of them is worth less than itself by {@code widen}. Cost of a
 * request: an iteration is one step of one member, read from where it differs from the member's
 * last one, and one reading of the judge (or of each other member), which those that grow at once
 * share. Nothing is told before the search has ended.
 *
 * <p>Departures from the paper: equal children are one; nodes below which nothing can change are
 * left out of the selection, and the search ends when that is all; {@code parallel} leaves grow at
 * once, each by another member, kept apart by a virtual loss; a chain that comes to no end within
 * depth and length is worth 0; where no chain was finished the member of the greatest weight
 * finishes the best one greedily; {@code enough} ends the search early. Steps are drawn as the
 * request says, at temperature 1 where it says nothing; a greedy request leaves each member one
 * step at each place.
 */
public final class LeMctsEnsemble implements JointEnsemble {

  /**
   * Most tokens of all steps of a search, which are kept with the top of their distributions to its
   * end: as many as the longest steps of best-of-steps at one place.
   */
  static final int MOST_TOKENS = 262_144;

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param iterations 1 to 10,000
   * @param exploration c of UCT, 0 to 100
   * @param width 1 to 64
   * @param mostChildren 1 to 64
   * @param widen 0 to 1
   * @param parallel 1 to 16
   * @param enough 0 to 1
   * @param delimiter not empty
   * @param longest tokens, 1 to 1,024
   * @param depth steps, 1 to 100
   * @param right not empty
   * @param wrong not empty
   * @param end may be empty
   * @param reward of a step
   * @param aggregate of the rewards of a chain
   */
  public record Settings(
      @Setting(help = "Most steps that are drawn.", min = 1, max = 10_000) int iterations,
      @Setting(
              help = "How much a chain that was seldom looked at is preferred: c of UCT.",
              min = 0,
              max = 100)
          double exploration,
      @Setting(
              help = "Next steps that are drawn at a place before the search goes further down.",
              min = 1,
              max = 64)
          int width,
      @Setting(
              help =
                  "Next steps that are drawn at most, where the first ones are worth too little.",
              min = 1,
              max = 64)
          int mostChildren,
      @Setting(
              help =
                  "By how much the best next step must be worth less than what it follows for a"
                      + " further one to be drawn.",
              min = 0,
              max = 1)
          double widen,
      @Setting(help = "Leaves that grow at once, each by another member.", min = 1, max = 16)
          int parallel,
      @Setting(help = "Value of a finished chain at which the search ends.", min = 0, max = 1)
          double enough,
      @Setting(help = "What every step but the last ends with.") String delimiter,
      @Setting(help = "Most tokens of a step.", unit = "tokens", min = 1, max = 1_024) int longest,
      @Setting(help = "Most steps of a chain.", unit = "steps", min = 1, max = 100) int depth,
      @Setting(help = "What a judge says behind a step where all is right so far.") String right,
      @Setting(help = "What a judge says behind a step where not.") String wrong,
      @Setting(help = "What a judge reads behind the last step of a finished chain.") String end,
      @Setting(
              help =
                  "What a step is worth: the judge's verdict; the likelihood of its least probable"
                      + " token to the judge, or to those who write where there is none; or the"
                      + " verdict times the writers' likelihood.")
          Reward reward,
      @Setting(
              help =
                  "How the rewards of a chain's steps make its value: that of the last, the least,"
                      + " or their product.")
          Aggregate aggregate) {

    /** As the card has them. */
    public static final Settings DEFAULTS =
        new Settings(
            100, 1, 2, 4, .1, 1, 1, "\n\n", 128, 20, "+", "-", "", Reward.VERDICT, Aggregate.LAST);
  }

  /**
   * The method with these settings.
   *
   * @throws IllegalArgumentException where the iterations' steps are together more than {@value
   *     #MOST_TOKENS} tokens
   */
  public LeMctsEnsemble(Settings settings) {
    if ((long) settings.iterations() * settings.longest() > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "iterations is %d and longest %d, which may be %d tokens; they must be at most %d."
              .formatted(
                  settings.iterations(),
                  settings.longest(),
                  (long) settings.iterations() * settings.longest(),
                  MOST_TOKENS));
    }
    this.settings = settings;
    steps();
  }

  private SearchPlan.Steps steps() {
    return new SearchPlan.Steps(
        settings.delimiter(),
        settings.longest(),
        settings.depth(),
        settings.right(),
        settings.wrong(),
        settings.end(),
        settings.reward(),
        settings.aggregate());
  }

  @Override
  public SearchPlan plan(List<TokenMember> members) {
    return SearchPlan.of(
        members,
        4,
        steps(),
        new SearchPlan.Tree(
            settings.iterations(),
            settings.exploration(),
            settings.width(),
            Math.max(settings.width(), settings.mostChildren()),
            settings.widen(),
            settings.parallel(),
            settings.enough()),
        1);
  }
}
