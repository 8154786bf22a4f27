package dev.tutti.cascade.method.routing;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.estimate.Evidence;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.settings.Setting;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Cascade routing (Dekoninck et al., ICML 2025, arXiv:2410.10347): routing and cascading as one
 * decision. Before each call it is estimated how good every member's answer is, by the question and
 * by the answers that there are, and whether asking somebody is worth its cost: {@link Supermodels}
 * as the paper has it, or {@link LookAhead}. Where nobody is, the best answer so far is given. What
 * it knows, and what a unit of cost is worth, comes from {@link CascadeRoutingFit}; a point of its
 * curve that lies between two prices decides a share of the questions by the dearer one, always the
 * same ones.
 *
 * <p>A member that failed is no longer available. Of members whose cost the budget of a request
 * does not pay none is asked while there are others, and the cheapest where there are none. Where
 * the budget forbids to ask on, the best answer so far is given. Members that the artifact does not
 * know are asked only where all others failed, in the order of the recipe; the first of them that
 * answers is taken.
 *
 * <p>Cost per request: the question's embedding first, where estimates look at it, and then up to
 * {@code longest} calls, one after the other; a decision takes at most 793 sets of at most four
 * members by 100 draws.
 */
public final class CascadeRouting implements Policy {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param budget that chooses a point of its curve
   */
  public record Settings(
      @Setting(help = "Name of the artifact that estimates and prices come from.") String artifact,
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

  private final LearnedRouting learned;
  private final RoutingPlan plan;
  private final RoutingPlan other;
  private final float share;

  /** A policy of what was learned. */
  public CascadeRouting(Settings settings, LearnedRouting learned) {
    this(learned.points().within(settings.budget()), learned);
  }

  /** A policy of one point of the curve. */
  CascadeRouting(TunedPoints.Point point, LearnedRouting learned) {
    this.learned = learned;
    this.plan = learned.plans().at(point.values()[0]);
    this.other = learned.plans().at(point.values()[1]);
    this.share = point.values()[2];
  }

  @Override
  public Step next(Episode episode) {
    String text = episode.query().text();
    boolean embeds =
        learned.estimates().embeds() && episode.members().size() > 1 && !text.isBlank();
    if (embeds && episode.stages().isEmpty() && !episode.exhausted()) {
      return new Ask(
          List.of(new Call.Embed(Call.PLATFORM, List.of(text), "")),
          1 + Math.min(learned.longest(), episode.members().size()),
          false,
          OptionalDouble.empty(),
          "");
    }
    int stranger = answerOfStranger(episode);
    if (stranger >= 0) {
      return new Accept(
          stranger, OptionalDouble.empty(), "It answers for those of whom something is known.");
    }
    Evidence evidence = learned.estimates().evidence(episode);
    int answered = evidence.answered();
    double[] quality = learned.estimates().of(evidence, answered);
    OptionalDouble confidence = confidence(episode, quality);
    List<Integer> untried = untried(episode);
    int next = next(episode, evidence, quality, untried);
    if (next >= 0) {
      String why =
          answered == 0
              ? ""
              : "estimated quality %s; another answer is worth its cost."
                  .formatted(rounded(quality[RoutingTable.best(quality, answered)]));
      return ask(next, episode, answered, untried.size(), confidence, why);
    }
    if (answered != 0) {
      int best = RoutingTable.best(quality, answered);
      String why =
          episode.exhausted()
              ? "Nobody else can be asked; the best answer so far stands."
              : "estimated quality %s; no other answer is worth its cost."
                  .formatted(rounded(quality[best]));
      return new Accept(stageOf(episode, best), confidence, why);
    }
    if (episode.exhausted() || untried.isEmpty()) {
      return new Abstain(OptionalDouble.empty(), "No member answered.");
    }
    // Nobody of whom something is known is left whom the budget pays.
    int first =
        untried.stream()
            .min(
                Comparator.comparingDouble(
                    place -> isPaid(episode, place) ? 0 : usd(episode, place)))
            .orElseThrow();
    boolean failed = episode.stages().stream().anyMatch(Failed.class::isInstance);
    return ask(first, episode, answered, untried.size(), confidence, failed ? "It failed." : "");
  }

  /** Place in the recipe of whom the plan asks next; -1 where it asks nobody. */
  private int next(Episode episode, Evidence evidence, double[] quality, List<Integer> untried) {
    int answered = evidence.answered();
    if (episode.exhausted() || Integer.bitCount(answered) >= learned.longest()) {
      return RoutingPlan.STOP;
    }
    int available = 0;
    for (int place : untried) {
      int column = column(episode, place);
      boolean isNew = column >= 0 && (answered >> column & 1) == 0;
      available |= isNew && isPaid(episode, place) ? 1 << column : 0;
    }
    if (available == 0) {
      return RoutingPlan.STOP;
    }
    int column =
        planOf(episode.query().text())
            .next(learned.estimates().exAnte(evidence), quality, answered, available);
    return untried.stream()
        .filter(place -> column != RoutingPlan.STOP && column(episode, place) == column)
        .findFirst()
        .orElse(RoutingPlan.STOP);
  }

  private RoutingPlan planOf(String text) {
    return RoutingTable.drawn(text) < share ? other : plan;
  }

  private Ask ask(
      int place,
      Episode episode,
      int answered,
      int untried,
      OptionalDouble confidence,
      String why) {
    // Whatever it answers is given.
    boolean live =
        answered == 0 && (learned.longest() == 1 || untried == 1 || column(episode, place) < 0);
    int left = Math.max(1, learned.longest() - Integer.bitCount(answered));
    return new Ask(
        List.of(Call.Generate.asAsked(place)), Math.min(untried, left), live, confidence, why);
  }

  private int column(Episode episode, int place) {
    return learned.estimates().members().indexOf(episode.members().get(place).knownAs());
  }

  private static boolean isPaid(Episode episode, int place) {
    return episode.usdLeft().isEmpty() || usd(episode, place) <= episode.usdLeft().getAsDouble();
  }

  private static double usd(Episode episode, int place) {
    return episode.members().get(place).expectedUsd();
  }

  private static List<Integer> untried(Episode episode) {
    return IntStream.range(0, episode.members().size())
        .filter(place -> episode.stages().stream().noneMatch(s -> s.asked().member() == place))
        .boxed()
        .toList();
  }

  /** Place of an answer of whom nothing was learned; -1 where there is none. */
  private int answerOfStranger(Episode episode) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> episode.stages().get(i) instanceof Answered)
        .filter(i -> learned.estimates().column(episode, episode.stages().get(i)) < 0)
        .findFirst()
        .orElse(-1);
  }

  private int stageOf(Episode episode, int column) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> episode.stages().get(i) instanceof Answered)
        .filter(i -> learned.estimates().column(episode, episode.stages().get(i)) == column)
        .max()
        .orElseThrow();
  }

  /** How good the latest answer is. */
  private OptionalDouble confidence(Episode episode, double[] quality) {
    if (episode.stages().isEmpty()) {
      return OptionalDouble.empty();
    }
    Stage latest = episode.stages().getLast();
    int column = learned.estimates().column(episode, latest);
    return latest instanceof Answered && column >= 0
        ? OptionalDouble.of(quality[column])
        : OptionalDouble.empty();
  }

  private static double rounded(double value) {
    return Math.round(1000 * value) / 1000.0;
  }
}
