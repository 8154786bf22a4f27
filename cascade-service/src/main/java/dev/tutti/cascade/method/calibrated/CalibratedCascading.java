package dev.tutti.cascade.method.calibrated;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.tuning.TunedChain;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.settings.Setting;

/**
 * A cascade over calibrated confidences (Zellinger & Thomson 2025, Rational Tuning of LLM Cascades,
 * arXiv:2501.09345): how sure a member is of its answer is turned into the probability that it is
 * right, member by member, and the first answer is taken whose probability exceeds the member's
 * threshold, {@code conf_j > r_j}; the last of the chain always answers. Thresholds come from
 * {@link CalibratedCascadingFit}, tuned over the whole chain; a point of its curve may leave
 * members out. Where it was fitted with a price of giving no answer (early abstention: Zellinger et
 * al. 2025, arXiv:2502.09054), {@code conf_j <= a_j} ends without one at any stage.
 *
 * <p>The paper's chain is fixed, and all of it is asked in turn; here a fit may choose among all
 * chains of the members, in the order of their costs. An answer without the signal is rejected
 * while there is somebody to ask, and so is a member that failed. Where the budget forbids to ask
 * on, or the rest of the chain fails, the most confident answer so far is given, the later of
 * equals, answers of unknown confidence last. Members that the point leaves out, or that the
 * artifact does not know, are asked only where all others failed, in the order of the recipe; the
 * first of them that answers is taken.
 *
 * <p>Cost per request: one call a stage, one after the other; the rule itself is linear in the
 * number of members.
 */
public final class CalibratedCascading implements Policy {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param budget that chooses a point of its curve
   */
  public record Settings(
      @Setting(help = "Name of the artifact that calibrations and thresholds come from.")
          String artifact,
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

  /** A policy of what was learned. */
  public CalibratedCascading(Settings settings, CalibratedMembers learned) {
    this(learned.points().within(settings.budget()), learned);
  }

  /** A policy of one point of the curve. */
  CalibratedCascading(TunedPoints.Point point, CalibratedMembers learned) {
    this.chain = new TunedChain(learned, point);
  }

  @Override
  public Step next(Episode episode) {
    return chain.next(episode);
  }
}
