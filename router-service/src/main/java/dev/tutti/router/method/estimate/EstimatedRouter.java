package dev.tutti.router.method.estimate;

import dev.tutti.kit.settings.Setting;
import dev.tutti.router.Estimate;
import dev.tutti.router.Fitted;
import dev.tutti.router.Offer;
import dev.tutti.router.Pool;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.SelectionRule;
import dev.tutti.router.method.selection.BestQuality;
import dev.tutti.router.method.selection.Calibration;
import dev.tutti.router.method.selection.CheapestLabelled;
import dev.tutti.router.method.selection.CheapestWithinMargin;
import dev.tutti.router.method.selection.LatencyLimit;
import dev.tutti.router.method.selection.QualityMinusCost;
import dev.tutti.router.method.selection.RequestBudget;
import dev.tutti.router.method.selection.UnsureRandom;
import dev.tutti.router.method.selection.WinProbability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A pretrained router: a {@link QualityEstimator} says how well each member would answer, a {@link
 * SelectionRule} whom to ask.
 *
 * <p>A member that the estimator does not know is taken for the mean of those it knows, with a
 * deviation of a half. With {@code exploration} above 0 the first is drawn from the whole pool with
 * that probability, so that a log of decisions supports another policy's evaluation; otherwise
 * nothing is random.
 */
public final class EstimatedRouter implements Router, Fitted {

  private static final double UNKNOWN_QUALITY = 0.5;
  private static final double UNKNOWN_DEVIATION = 0.5;

  /** Of a threshold that nobody gave and no fit calibrated. */
  private static final double HALF = 0.5;

  /** Whom to ask, given the estimates. */
  public enum Rule {
    /** {@link BestQuality}. */
    BEST_QUALITY,
    /** {@link QualityMinusCost} with {@code lambda}. */
    QUALITY_MINUS_COST,
    /** {@link CheapestWithinMargin} with {@code margin}. */
    CHEAPEST_WITHIN_MARGIN,
    /** {@link CheapestLabelled} with {@code theta}. */
    CHEAPEST_LABELLED,
    /** {@link WinProbability} with {@code alpha}. */
    WIN_PROBABILITY,
    /** {@link UnsureRandom} with {@code confidence}. */
    UNSURE_RANDOM
  }

  /** What can be set for a request; how to learn is set when it learns. */
  public record Settings(
      @Setting(help = "name of the artifact that holds what was learned") String artifact,
      @Setting(help = "whom to ask, given how well each would answer") Rule rule,
      @Setting(help = "quality_minus_cost: quality that a US dollar is worth", min = 0, max = 1e9)
          double lambda,
      @Setting(help = "cheapest_within_margin: quality that may be given up", min = 0, max = 10)
          double margin,
      @Setting(
              help =
                  "cheapest_labelled: quality that is good enough; as the fit calibrated it where absent",
              min = 0,
              max = 10)
          OptionalDouble theta,
      @Setting(
              help =
                  "win_probability: chance of doing better that a dearer member needs; as the fit calibrated it where absent",
              min = 0,
              max = 1)
          OptionalDouble alpha,
      @Setting(help = "unsure_random: quality up to which nobody is trusted", min = 0, max = 10)
          double confidence,
      @Setting(
              help = "most that a request may cost where somebody is that cheap",
              min = 0,
              unit = "USD")
          OptionalDouble mostUsd,
      @Setting(help = "time within which an answer is wanted", min = 0, unit = "s")
          OptionalDouble mostSeconds,
      @Setting(help = "probability that the first is drawn from all, to learn", min = 0, max = 1)
          double exploration) {

    /** A method's own rule; theta and alpha of the fit, confidence of the paper. */
    public Settings(Rule rule) {
      this(
          "",
          rule,
          10,
          0.05,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          0.6,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          0);
    }

    /**
     * The rule with its limits.
     *
     * @param calibration where the thresholds come from that are not set
     */
    public SelectionRule selection(Calibration calibration) {
      SelectionRule chosen =
          switch (rule) {
            case BEST_QUALITY -> new BestQuality();
            case QUALITY_MINUS_COST -> new QualityMinusCost(lambda);
            case CHEAPEST_WITHIN_MARGIN -> new CheapestWithinMargin(margin);
            case CHEAPEST_LABELLED ->
                new CheapestLabelled(theta.orElse(calibration.theta().orElse(HALF)));
            case WIN_PROBABILITY ->
                new WinProbability(alpha.orElse(calibration.alpha().orElse(HALF)));
            case UNSURE_RANDOM -> new UnsureRandom(confidence);
          };
      if (mostUsd.isPresent()) {
        chosen = new RequestBudget(mostUsd.getAsDouble(), chosen);
      }
      return mostSeconds.isPresent() ? new LatencyLimit(mostSeconds.getAsDouble(), chosen) : chosen;
    }
  }

  private final QualityEstimator estimator;
  private final SelectionRule rule;
  private final double exploration;
  private final Source source;
  private final List<Integer> sizes;
  private final Optional<EstimatedRouter> shadow;
  private final Map<String, Integer> columns = new HashMap<>();

  /**
   * A router.
   *
   * @param exploration probability that the first is drawn from the whole pool, in [0, 1]
   * @param source where the estimator was kept
   * @param sizes of the estimator's members, see {@link Calibration}; empty where unknown
   */
  public EstimatedRouter(
      QualityEstimator estimator,
      SelectionRule rule,
      double exploration,
      Source source,
      List<Integer> sizes) {
    this(estimator, rule, exploration, source, sizes, Optional.empty());
  }

  /** A router that knows no sizes. */
  public EstimatedRouter(
      QualityEstimator estimator, SelectionRule rule, double exploration, Source source) {
    this(estimator, rule, exploration, source, List.of(), Optional.empty());
  }

  private EstimatedRouter(
      QualityEstimator estimator,
      SelectionRule rule,
      double exploration,
      Source source,
      List<Integer> sizes,
      Optional<EstimatedRouter> shadow) {
    if (!(exploration >= 0 && exploration <= 1)) {
      throw new IllegalArgumentException(
          "exploration is %s; it takes a number from 0 to 1.".formatted(exploration));
    }
    this.estimator = estimator;
    this.rule = rule;
    this.exploration = exploration;
    this.source = source;
    this.sizes = List.copyOf(sizes);
    this.shadow = shadow;
    for (String member : estimator.members()) {
      columns.put(member, columns.size());
    }
  }

  /** A router that never explores. */
  public EstimatedRouter(QualityEstimator estimator, SelectionRule rule) {
    this(estimator, rule, 0, Source.NONE);
  }

  /** This one, with another in its shadow. */
  public EstimatedRouter beside(Optional<EstimatedRouter> other) {
    return new EstimatedRouter(estimator, rule, exploration, source, sizes, other);
  }

  @Override
  public Source source() {
    return source;
  }

  @Override
  public Optional<EstimatedRouter> shadow() {
    return shadow;
  }

  @Override
  public List<String> members() {
    return estimator.members();
  }

  @Override
  public Route route(Query query, Pool pool, RandomGenerator random) {
    List<Offer> left = offers(estimator.estimate(query), pool);
    int size = left.size();
    // A copy: a rule may show a part of the list, which shrinks below.
    List<Offer> drawn = List.copyOf(rule.draw(left));
    boolean explored = exploration > 0 && random.nextDouble() < exploration;
    List<Offer> urn = explored ? left : drawn;
    Offer first = urn.get(urn.size() == 1 ? 0 : random.nextInt(urn.size()));
    var ranked = new ArrayList<Route.Choice>();
    for (Offer next = first; next != null; next = left.isEmpty() ? null : rule.choose(left)) {
      double propensity = drawn.contains(next) ? (1 - exploration) / drawn.size() : 0;
      propensity += exploration / size;
      ranked.add(
          new Route.Choice(
              next.member(), next.quality(), Math.min(1, propensity), next.deviation()));
      left.remove(next);
    }
    return new Route(
        ranked,
        "%s: estimated quality %.3f (deviation %.3f), cost %.6f USD.%s"
            .formatted(
                first.member(),
                first.quality(),
                first.deviation(),
                first.usd(),
                explored ? " Drawn at random, to learn." : ""));
  }

  /** The pool as the rule sees it. */
  private List<Offer> offers(Estimate estimate, Pool pool) {
    var names = pool.members().stream().map(Pool.Member::as).collect(Collectors.toSet());
    double mean = 0;
    int known = 0;
    // In the estimator's order: a sum depends on it, in its last digit.
    for (int column = 0; column < estimator.members().size(); column++) {
      if (names.contains(estimator.members().get(column))) {
        mean += estimate.quality()[column];
        known++;
      }
    }
    double unknown = known == 0 ? UNKNOWN_QUALITY : mean / known;
    var offers = new ArrayList<Offer>();
    for (Pool.Member member : pool.members()) {
      Integer column = columns.get(member.as());
      offers.add(
          new Offer(
              member.name(),
              column == null ? unknown : estimate.quality()[column],
              column == null ? UNKNOWN_DEVIATION : estimate.deviation()[column],
              estimate.scale(),
              member.usd(),
              member.seconds(),
              column == null || sizes.isEmpty() ? 0 : sizes.get(column)));
    }
    offers.sort(Offer.PREFERENCE);
    return offers;
  }
}
