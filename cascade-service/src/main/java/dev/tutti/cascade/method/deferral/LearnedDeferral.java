package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.tuning.TunedChain;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.settings.Setting;

/**
 * Deferral by a learned estimate of what the next member would do better, told from the latest
 * answer alone. The next member is asked where {@code g_j(features of answer j) > c_j}; told is
 * {@code 1 - g}, in [0, 1], as the confidence that the answer should stand. Two methods differ in
 * their features:
 *
 * <ul>
 *   <li>{@code post-hoc-deferral} (Jitkrittum et al. 2023, When does confidence-based deferral
 *       suffice?, NeurIPS, arXiv:2307.02764): the answer's signals and the question's embedding;
 *       the estimators Diff-01, Diff-Prob and MaxProb are its targets. The paper's members are
 *       classifiers, and the features their probabilities of all classes; a text has no classes, so
 *       its signals stand for them, with margin and entropy where it chooses among options.
 *   <li>{@code quantile-deferral} (Gupta et al. 2024, Language Model Cascades: Token-level
 *       Uncertainty and Beyond, ICLR, arXiv:2404.10136): quantiles 0, .1, ... 1 of the tokens'
 *       log-probabilities, their sum (Chow-Sum), mean (Chow-Average) and number. The paper's
 *       embeddings of the models' inner layers are left out: no answer carries them.
 * </ul>
 *
 * <p>Both papers have two members; of more each adjacent pair has a head of its own, and thresholds
 * are tuned over the whole chain ({@link DeferralFit}). A point of the curve may begin behind the
 * first member and end before the last. Where the chain cannot go on the latest answer stands: it
 * was asked for since it was expected to be the better one. What else happens where members fail,
 * or tell nothing of their answers, {@link TunedChain} says.
 *
 * <p>Cost per request: one call a stage, one after the other, for {@code post-hoc-deferral} the
 * question's embedding beside the first; a head's trees a stage.
 */
public final class LearnedDeferral implements Policy {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param budget that chooses a point of its curve
   */
  public record Settings(
      @Setting(help = "Name of the artifact that heads and thresholds come from.") String artifact,
      @Setting(
              help =
                  "Mean cost that a question may have, in the dataset's unit: the best point of the"
                      + " artifact's curve within it answers, the cheapest where none is; 0 for the"
                      + " point that the fit chose.",
              min = 0)
          double budget) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", 0);
  }

  private final TunedChain chain;

  /** A policy of what {@link DeferralFit} learned. */
  public LearnedDeferral(Settings settings, LearnedCascade learned) {
    this(((DeferralMembers) learned).points().within(settings.budget()), (DeferralMembers) learned);
  }

  /** A policy of one point of the curve. */
  LearnedDeferral(TunedPoints.Point point, DeferralMembers learned) {
    this.chain = new TunedChain(learned, point);
  }

  @Override
  public Step next(Episode episode) {
    return chain.next(episode);
  }
}
