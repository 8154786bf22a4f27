package dev.tutti.cascade.method.calibrated;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.tuning.StageThresholds;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

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

  private final CalibratedMembers learned;
  private final StageThresholds thresholds;

  /** A policy of what was learned. */
  public CalibratedCascading(Settings settings, CalibratedMembers learned) {
    this(learned.points().within(settings.budget()), learned);
  }

  /** A policy of one point of the curve. */
  CalibratedCascading(TunedPoints.Point point, CalibratedMembers learned) {
    this.learned = learned;
    this.thresholds = new StageThresholds(point.values());
  }

  @Override
  public Step next(Episode episode) {
    List<Integer> chain = chain(episode.members());
    if (episode.stages().isEmpty()) {
      return ask(chain, 0, episode, OptionalDouble.empty(), OptionalDouble.empty(), "");
    }
    int stage = episode.stages().size() - 1;
    int member = episode.stages().get(stage).asked().member();
    int place = chain.indexOf(member);
    boolean isLast = place < 0 || place == chain.size() - 1;
    OptionalDouble confidence = confidence(episode, stage);
    OptionalDouble threshold =
        isLast
            ? OptionalDouble.empty()
            : OptionalDouble.of(thresholds.accept(column(episode, member)));
    String why = "It failed.";
    if (episode.stages().get(stage) instanceof Answered) {
      if (confidence.isPresent() && confidence.getAsDouble() <= abstain(episode, member)) {
        return new Abstain(
            confidence, told(confidence, "<=", abstain(episode, member)) + " No answer is given.");
      }
      if (isLast) {
        return new Accept(stage, confidence, "The last member of the chain always answers.");
      }
      float least = thresholds.accept(column(episode, member));
      if (confidence.isPresent() && confidence.getAsDouble() > least) {
        return new Accept(stage, confidence, threshold, told(confidence, ">", least));
      }
      why =
          confidence.isPresent()
              ? told(confidence, "<=", least)
              : "Its answer lacks the signal that confidence is read from.";
    }
    if (!episode.exhausted() && !isLast) {
      return ask(chain, place + 1, episode, confidence, threshold, why);
    }
    int best = best(episode);
    if (best >= 0) {
      return new Accept(
          best,
          confidence,
          "No further member could answer; the most confident answer so far stands.");
    }
    int asked = episode.stages().size();
    if (episode.exhausted() || asked == episode.members().size()) {
      return new Abstain(OptionalDouble.empty(), "No member answered.");
    }
    return ask(chain, asked, episode, confidence, threshold, why);
  }

  /** Who is asked, by place in the recipe: in the order learned, up to one that always answers. */
  private List<Integer> chain(List<MemberCard> members) {
    var chain = new ArrayList<Integer>();
    for (int column = 0; column < learned.members().size(); column++) {
      if (thresholds.leavesOut(column)) {
        continue;
      }
      for (int m = 0; m < members.size(); m++) {
        if (members.get(m).knownAs().equals(learned.members().get(column))) {
          chain.add(m);
          if (thresholds.acceptsAll(column)) {
            return chain;
          }
        }
      }
    }
    return chain;
  }

  /** Asks the chain's member of that place, or, behind its end, one that is left out. */
  private Ask ask(
      List<Integer> chain,
      int place,
      Episode episode,
      OptionalDouble confidence,
      OptionalDouble threshold,
      String why) {
    int members = episode.members().size();
    int member =
        place < chain.size()
            ? chain.get(place)
            : IntStream.range(0, members)
                .filter(m -> !chain.contains(m))
                .skip(place - chain.size())
                .findFirst()
                .orElseThrow();
    boolean live = place >= chain.size() - 1 && abstain(episode, member) < 0;
    return new Ask(
        List.of(
            // Nothing is read from an answer that is accepted whatever it is.
            live
                ? Call.Generate.asAsked(member)
                : new Call.Generate(member, Prompt.AS_ASKED, 1, learned.signal().sampling(), "")),
        // A member that hangs must leave time for those behind it in the chain; those that are left
        // out are asked only where the chain fails.
        place < chain.size() ? chain.size() - place : members - place,
        live,
        confidence,
        threshold,
        why);
  }

  private int column(MemberCard member) {
    return learned.members().indexOf(member.knownAs());
  }

  private int column(Episode episode, int member) {
    return column(episode.members().get(member));
  }

  private float abstain(Episode episode, int member) {
    int column = column(episode, member);
    return column < 0 ? StageThresholds.ALWAYS : thresholds.abstain(column);
  }

  private OptionalDouble confidence(Episode episode, int stage) {
    Stage its = episode.stages().get(stage);
    int column = column(episode, its.asked().member());
    return column >= 0 && its instanceof Answered answered
        ? learned.confidence(column, answered.signals())
        : OptionalDouble.empty();
  }

  private int best(Episode episode) {
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < episode.stages().size(); i++) {
      double confidence = confidence(episode, i).orElse(-1);
      if (episode.stages().get(i) instanceof Answered && confidence >= highest) {
        best = i;
        highest = confidence;
      }
    }
    return best;
  }

  private static String told(OptionalDouble confidence, String sign, double threshold) {
    return "calibrated confidence "
        + rounded(confidence.getAsDouble())
        + " "
        + sign
        + " threshold "
        + rounded(threshold)
        + ".";
  }

  private static double rounded(double value) {
    return Math.round(1000 * value) / 1000.0;
  }
}
