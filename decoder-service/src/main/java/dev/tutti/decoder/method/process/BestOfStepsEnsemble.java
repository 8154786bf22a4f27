package dev.tutti.decoder.method.process;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import dev.tutti.decoder.search.SearchPlan;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * Best of n by steps: at every place the members draw n next steps in turn, the one of the greatest
 * reward stands, and so on to the end. What LE-MCTS is held against, at as many forward passes.
 *
 * <p>Paper: Park, Kim, Hwang et al., "Ensembling Large Language Models with Process Reward-Guided
 * Tree Search for Better Complex Reasoning", NAACL 2025 (arXiv 2412.15797), among whose baselines
 * it is. {@code s_t = argmax_j V(s_1 .. s_{t-1}, s^j)} over n draws; V and the reward are as in
 * {@link LeMctsEnsemble}, and so are all settings that both have. n is 4, as nothing is published.
 *
 * <p>Cost of a request: n steps at each place, and one reading of the judge (or of each other
 * member) for each that differs. Steps leave as soon as they stand.
 *
 * <p>Departures: equal steps are valued once; of equally good ones the first stands; a chain that
 * comes to no end within depth and length is told as it is. Bad numbers: as in LE-MCTS.
 */
public final class BestOfStepsEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param samples 1 to 256
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
      @Setting(help = "Next steps that are drawn at each place.", min = 1, max = 256) int samples,
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

    /** As LE-MCTS has them. */
    public static final Settings DEFAULTS =
        new Settings(4, "\n\n", 128, 20, "+", "-", "", Reward.VERDICT, Aggregate.LAST);
  }

  /** The method with these settings. */
  public BestOfStepsEnsemble(Settings settings) {
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
    return SearchPlan.of(members, 4, steps(), new SearchPlan.Best(settings.samples()), 1);
  }
}
