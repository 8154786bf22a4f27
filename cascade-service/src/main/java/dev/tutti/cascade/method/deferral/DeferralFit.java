package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.method.deferral.RecordedPair.Told;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.cascade.tuning.RecordedConfidences;
import dev.tutti.cascade.tuning.ThresholdGrid;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How {@link LearnedDeferral} is fitted: of each adjacent pair of members a head learns, from what
 * the first one's answers said of themselves, what the second one did better. Thresholds are tuned
 * on what heads say of questions that they have not seen ({@value #FOLDS} folds), on quantiles and
 * over the whole chain and every part of it without a gap; then the heads are fitted anew to all
 * questions. Costs are the members' mean costs.
 *
 * <p>The papers leave the head open (Gupta et al. take a network of five layers, Jitkrittum et al.
 * one of two); trees or logistic regression are the choice here.
 */
public final class DeferralFit implements FittedCascade<DeferralFit.Settings> {

  /** Jitkrittum et al.'s. */
  public static final DeferralFit POST_HOC =
      new DeferralFit(
          AnswerFeatures.SIGNALS,
          "post-hoc-deferral",
          "Jitkrittum et al. 2023, When does confidence-based deferral suffice?, NeurIPS,"
              + " arXiv:2307.02764");

  /** Gupta et al.'s. */
  public static final DeferralFit QUANTILE =
      new DeferralFit(
          AnswerFeatures.QUANTILES,
          "quantile-deferral",
          "Gupta et al. 2024, Language Model Cascades: Token-level Uncertainty and Beyond, ICLR,"
              + " arXiv:2404.10136");

  /** What says how much better the next member is. */
  public enum Head {
    /** Logistic regression. */
    LINEAR,
    /** Boosted trees. */
    TREES
  }

  /**
   * Settings of the fit.
   *
   * @param target what a head learns
   * @param head what it is
   * @param trees how many
   * @param depth most splits from a root to a leaf
   * @param order in which members are asked
   * @param budget mean cost that a question may have; 0 for any
   */
  public record Settings(
      @Setting(
              help =
                  "What a head learns of the next member: better = whether its answer is better,"
                      + " diff_01 = by how much, diff_prob = by how much more probable it finds what"
                      + " is right, max_prob = how probable it finds its own answer.")
          Target target,
      @Setting(help = "What a head is: linear (logistic regression) or trees (boosted).") Head head,
      @Setting(help = "How many trees.", min = 1, max = 1000) int trees,
      @Setting(help = "Most splits from a root to a leaf.", min = 1, max = 6) int depth,
      @Setting(
              help =
                  "In which order members are asked: cost (rising mean cost) or columns (as the"
                      + " members of the fit, or of the dataset, stand).")
          MemberOrder order,
      @Setting(
              help = "Mean cost that a question may have, in the dataset's unit; 0 for any.",
              min = 0)
          double budget) {

    /** The defaults: target, trees and depth by cross-validation on generated questions. */
    public static final Settings DEFAULTS =
        new Settings(Target.DIFF_01, Head.TREES, 100, 3, MemberOrder.COST, 0);
  }

  private static final int FOLDS = 3;

  private final AnswerFeatures features;
  private final String name;
  private final String paper;

  private DeferralFit(AnswerFeatures features, String name, String paper) {
    this.features = features;
    this.name = name;
    this.paper = paper;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String paper() {
    return paper;
  }

  @Override
  public Settings defaults() {
    return Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    return new Members(1, 4);
  }

  @Override
  public boolean embeds() {
    return features == AnswerFeatures.SIGNALS;
  }

  @Override
  public DeferralMembers fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
    for (int m = 0; m < data.members().size(); m++) {
      data.requireShares(m, name());
    }
    int[] order = settings.order().of(data);
    int[] folds = folds(data);
    QuestionAxes axes = embeds() ? QuestionAxes.of(data, random) : QuestionAxes.NONE;
    var confidence = new double[order.length][data.rows().size()];
    var heads = new ArrayList<DeferralHead>();
    for (int j = 0; j < order.length; j++) {
      Arrays.fill(confidence[j], Double.NaN);
      if (j == order.length - 1) {
        break;
      }
      var pair = RecordedPair.of(data, order[j], order[j + 1], features, axes, settings.target());
      for (int fold = 0; fold < FOLDS; fold++) {
        pair.tell(head(pair, folds, fold, settings, random), folds, fold, confidence[j]);
      }
      heads.add(head(pair, folds, -1, settings, random));
    }
    return new DeferralMembers(
        Arrays.stream(order).mapToObj(data.members()::get).toList(),
        features,
        axes,
        settings.target(),
        heads,
        TunedPoints.of(
            ThresholdGrid.tune(recorded(data, order, confidence), parts(order.length)),
            settings.budget()));
  }

  /** Equal questions are in one fold. */
  private static int[] folds(RecordedOutcomes data) {
    Map<Long, Integer> folds = new HashMap<>();
    return data.rows().stream()
        .mapToInt(row -> folds.computeIfAbsent(row.number(), _ -> folds.size() % FOLDS))
        .toArray();
  }

  /** Fitted to what is not in that fold. */
  private static DeferralHead head(
      RecordedPair pair, int[] folds, int without, Settings settings, RandomGenerator random) {
    List<Told> known = pair.known(folds, without);
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "All questions that answers tell of are one; %d different ones are needed."
              .formatted(FOLDS));
    }
    List<float[]> rows = known.stream().map(Told::features).toList();
    var targets = new float[rows.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = (float) known.get(i).target();
    }
    return settings.head() == Head.LINEAR
        ? DeferralHead.Linear.fit(rows, targets)
        : DeferralHead.Grown.fit(rows, targets, settings.trees(), settings.depth(), random);
  }

  /** Over the questions that everybody answered. */
  private static RecordedConfidences recorded(
      RecordedOutcomes data, int[] order, double[][] confidence) {
    int[] whole =
        IntStream.range(0, data.rows().size())
            .filter(i -> data.rows().get(i).outcomes().stream().allMatch(Optional::isPresent))
            .toArray();
    var sure = new double[order.length][];
    var worth = new double[order.length][];
    for (int j = 0; j < order.length; j++) {
      int member = order[j];
      double[] its = confidence[j];
      sure[j] = Arrays.stream(whole).mapToDouble(i -> its[i]).toArray();
      worth[j] = Arrays.stream(whole).mapToDouble(i -> data.rows().get(i).score(member)).toArray();
    }
    return new RecordedConfidences(
        sure, worth, Arrays.stream(order).mapToDouble(data::usd).toArray());
  }

  /** Every part of the chain without a gap: a head is about the next member. */
  private static List<int[]> parts(int members) {
    var parts = new ArrayList<int[]>();
    for (int from = 0; from < members; from++) {
      for (int to = from; to < members; to++) {
        parts.add(IntStream.rangeClosed(from, to).toArray());
      }
    }
    return parts;
  }

  @Override
  public DeferralMembers read(Parameters parameters) {
    return DeferralMembers.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedCascade learned) {
    return learned.parameters();
  }

  @Override
  public List<CascadeMethod> points(
      LearnedCascade learned, Settings settings, List<MemberCard> members) {
    var its = (DeferralMembers) learned;
    var points = new ArrayList<CascadeMethod>();
    its.points().points().forEach(point -> points.add(new LearnedDeferral(point, its)));
    points.add(new LearnedDeferral(LearnedDeferral.Settings.DEFAULTS, its));
    return points;
  }
}
