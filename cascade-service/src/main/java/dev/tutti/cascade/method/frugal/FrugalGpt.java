package dev.tutti.cascade.method.frugal;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.tuning.TunedChain;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.settings.Setting;

/**
 * FrugalGPT's cascade (Chen, Zaharia & Zou 2023, arXiv:2305.05176): a chain of one to three of the
 * members, in an order of its own; the first answer is taken whose reliability {@code g(x, a)}
 * exceeds the threshold of its place, {@code g > tau_j} (the paper's {@code 1 - g < d_j}), and the
 * last one's always. Scorer, chains and thresholds are those of {@link FrugalGptFit}; a point of
 * its curve is one chain.
 *
 * <p>A member that failed is passed over. Where the budget forbids to ask on, or the rest of the
 * chain fails, the most reliable answer so far is given, the later of equals. Members that the
 * chain leaves out, or that the artifact does not know, are asked only where all others failed, in
 * the order of the recipe; the first of them that answers is taken.
 *
 * <p>Cost per request: one call a stage, one after the other, and the question's embedding beside
 * the first where the scorer looks at it; the rule itself compares at most three answers.
 */
public final class FrugalGpt implements Policy {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param budget that chooses a point of its curve
   */
  public record Settings(
      @Setting(help = "Name of the artifact that the scorer and the chains come from.")
          String artifact,
      @Setting(
              help =
                  "Mean cost that a question may have, in the dataset's unit: the best chain of the"
                      + " artifact's curve within it answers, the cheapest where none is; 0 for the"
                      + " one that the fit chose.",
              min = 0)
          double budget) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", 0);
  }

  private final TunedChain chain;

  /** A policy of what was learned. */
  public FrugalGpt(Settings settings, FrugalScorer learned) {
    this(learned.points().within(settings.budget()), learned);
  }

  /** A policy of one point of the curve. */
  FrugalGpt(TunedPoints.Point point, FrugalScorer learned) {
    FrugalChain its = FrugalChain.of(learned.estimates(), point.values());
    this.chain = new TunedChain(its, its.point());
  }

  @Override
  public Step next(Episode episode) {
    return chain.next(episode);
  }
}
