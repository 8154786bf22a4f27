package dev.tutti.cascade.method.calibrated;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.method.calibrated.CalibratedMembers.Curve;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.tuning.AbstentionSearch;
import dev.tutti.cascade.tuning.RecordedConfidences;
import dev.tutti.cascade.tuning.ThresholdGrid;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.calibration.Calibration;
import dev.tutti.numerics.calibration.Logistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How {@link CalibratedCascading} is fitted: each member's confidence is calibrated by its own
 * recorded answers, then the thresholds of all chains are tuned together over the questions that
 * all members answered. What a rule is expected to get right is by default the mean calibrated
 * confidence of the answers it takes, which varies less than the scores themselves (the paper's
 * choice). A model whose slope is less than {@code least_z} standard errors away from none tells
 * nothing: its confidence is its mean score, so it is asked for all or for none.
 *
 * <p>Costs are the members' mean costs. Deterministic: no chance is used.
 */
public final class CalibratedCascadingFit
    implements FittedCascade<CalibratedCascadingFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "calibrated-cascading";

  /** Where it comes from. */
  public static final String PAPER =
      "Zellinger & Thomson 2025, Rational Tuning of LLM Cascades, arXiv:2501.09345; early"
          + " abstention: Zellinger et al. 2025, arXiv:2502.09054; isotonic: Zadrozny & Elkan 2002";

  /** How confidence becomes a probability. */
  public enum Curves {
    /** By a logistic curve over the stretched confidence. */
    LOGISTIC,
    /** By monotone steps. */
    ISOTONIC
  }

  /** Which chains are tried. */
  public enum Chains {
    /** Any of the members, in the order of their mean costs. */
    PARTS,
    /** All of them, in the order of the dataset's columns. */
    WHOLE
  }

  /** What an answer is worth in tuning. */
  public enum Worth {
    /** Its calibrated confidence. */
    CONFIDENCE,
    /** Its recorded score. */
    SCORE
  }

  /**
   * Settings of the fit.
   *
   * @param confidence what tells how sure a member is
   * @param scale how that is stretched
   * @param calibration how it becomes a probability
   * @param leastZ a slope of fewer standard errors tells nothing
   * @param chains which are tried
   * @param longest most members of one of the parts
   * @param worth what an answer is worth in tuning
   * @param budget mean cost that a question may have; 0 for any
   * @param quality mean score that is enough; 0 for the best
   * @param abstention price of no answer, in wrong ones; 0 where there is always one
   * @param leastAnswered share of the questions that must be answered
   */
  public record Settings(
      @Setting(help = "What tells how sure a member is, as model-cascading has it.")
          Confidence confidence,
      @Setting(
              help =
                  "How confidence is stretched before it is calibrated: one_sided where it is the"
                      + " probability of the answer, two_sided where it is that of a yes.")
          Scale scale,
      @Setting(
              help =
                  "How confidence becomes a probability: a logistic curve, or isotonic steps (a"
                      + " curve where there are fewer than 50 answers).")
          Curves calibration,
      @Setting(
              help =
                  "Least standard errors that the slope of a member's logistic curve is away from"
                      + " none; a member with fewer tells nothing of its answers. 0 trusts all.",
              min = 0,
              max = 100)
          double leastZ,
      @Setting(
              help =
                  "Chains that are tried: parts = any of the members, by rising mean cost; whole ="
                      + " all of them, in the order of the dataset's columns.")
          Chains chains,
      @Setting(help = "Most members of a chain, where parts are tried.", min = 1, max = 5)
          int longest,
      @Setting(
              help =
                  "What an answer is worth in tuning: its calibrated confidence, which varies less,"
                      + " or its recorded score.")
          Worth worth,
      @Setting(
              help = "Mean cost that a question may have, in the dataset's unit; 0 for any.",
              min = 0)
          double budget,
      @Setting(
              help =
                  "Expected mean score that is enough: the cheapest point that reaches it is taken,"
                      + " the best within the budget where none does. 0 takes the best.",
              min = 0,
              max = 1)
          double quality,
      @Setting(
              help =
                  "Price of giving no answer, as a share of that of a wrong one; 0 always gives one.",
              min = 0,
              max = 1)
          double abstention,
      @Setting(help = "Least share of the questions that are answered.", min = 0, max = 1)
          double leastAnswered) {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(
            Confidence.MAXPROB,
            Scale.ONE_SIDED,
            Curves.LOGISTIC,
            2,
            Chains.PARTS,
            3,
            Worth.CONFIDENCE,
            0,
            0,
            0,
            .5);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public Settings defaults() {
    return Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    // Of more there are too many chains.
    return new Members(1, 12);
  }

  @Override
  public CalibratedMembers fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
    int[] order = order(data, settings.chains());
    List<String> members = Arrays.stream(order).mapToObj(data.members()::get).toList();
    List<Curve> curves = Arrays.stream(order).mapToObj(m -> curve(data, m, settings)).toList();
    RecordedConfidences recorded = recorded(data, order, curves, settings);
    int[] all = IntStream.range(0, order.length).toArray();
    List<int[]> chains =
        settings.chains() == Chains.WHOLE
            ? List.of(all)
            : ThresholdGrid.chains(all, settings.longest());
    List<TunedPoints.Point> tuned =
        settings.abstention() > 0
            ? AbstentionSearch.tune(
                recorded, chains, settings.abstention(), settings.leastAnswered())
            : ThresholdGrid.tune(recorded, chains);
    return new CalibratedMembers(
        members,
        settings.confidence(),
        settings.scale(),
        curves,
        TunedPoints.of(tuned, settings.budget()).reaching(settings.quality()));
  }

  private static int[] order(RecordedOutcomes data, Chains chains) {
    return IntStream.range(0, data.members().size())
        .boxed()
        .sorted(
            chains == Chains.WHOLE
                ? Comparator.naturalOrder()
                : Comparator.comparingDouble(data::usd))
        .mapToInt(m -> m)
        .toArray();
  }

  private static OptionalDouble stretched(Row row, int member, Settings settings) {
    return row.outcomes().get(member).stream()
        .flatMapToDouble(
            its ->
                CalibratedMembers.stretched(settings.confidence(), settings.scale(), its.signals())
                    .stream())
        .findFirst();
  }

  private static Curve curve(RecordedOutcomes data, int member, Settings settings) {
    double mean = data.requireShare(member, NAME);
    int answers =
        (int) data.rows().stream().filter(row -> row.outcomes().get(member).isPresent()).count();
    List<Row> known =
        data.rows().stream().filter(row -> stretched(row, member, settings).isPresent()).toList();
    double[] raw =
        known.stream().mapToDouble(row -> stretched(row, member, settings).getAsDouble()).toArray();
    double[] finite = Arrays.stream(raw).filter(Double::isFinite).toArray();
    if (finite.length == 0) {
      return new Curve(0, 0, constant(mean, answers));
    }
    double least = Arrays.stream(finite).min().orElseThrow();
    double greatest = Arrays.stream(finite).max().orElseThrow();
    double[] scores =
        Arrays.stream(raw)
            .map(s -> Double.isInfinite(s) ? (s > 0 ? greatest : least) : s)
            .toArray();
    double[] labels = known.stream().mapToDouble(row -> row.score(member)).toArray();
    Logistic logistic = Logistic.fit(scores, labels);
    Calibration calibration =
        Math.abs(logistic.z()) < settings.leastZ()
            ? constant(mean, answers)
            : settings.calibration() == Curves.LOGISTIC
                ? logistic
                : Calibration.isotonic(scores, labels);
    return new Curve(least, greatest, calibration);
  }

  private static Logistic constant(double mean, int answers) {
    return Logistic.constant(
        Math.clamp(mean, 1.0 / (answers + 2), (answers + 1.0) / (answers + 2)));
  }

  /** Over the questions that everybody answered. */
  private static RecordedConfidences recorded(
      RecordedOutcomes data, int[] order, List<Curve> curves, Settings settings) {
    List<Row> whole =
        data.rows().stream()
            .filter(row -> row.outcomes().stream().allMatch(Optional::isPresent))
            .toList();
    var confidence = new double[order.length][whole.size()];
    var worth = new double[order.length][whole.size()];
    for (int j = 0; j < order.length; j++) {
      int member = order[j];
      Curve curve = curves.get(j);
      double mean = data.score(member);
      for (int i = 0; i < whole.size(); i++) {
        Row row = whole.get(i);
        OptionalDouble stretched = stretched(row, member, settings);
        confidence[j][i] = stretched.isPresent() ? curve.of(stretched.getAsDouble()) : Double.NaN;
        double score = row.outcomes().get(member).map(Recorded::score).orElseThrow();
        boolean byScore = settings.worth() == Worth.SCORE;
        worth[j][i] = byScore ? score : stretched.isPresent() ? confidence[j][i] : mean;
      }
    }
    return new RecordedConfidences(
        confidence, worth, Arrays.stream(order).mapToDouble(data::usd).toArray());
  }

  @Override
  public CalibratedMembers read(Parameters parameters) {
    return CalibratedMembers.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedCascade learned) {
    return learned.parameters();
  }

  @Override
  public List<CascadeMethod> points(
      LearnedCascade learned, Settings settings, List<MemberCard> members) {
    var its = (CalibratedMembers) learned;
    var points = new ArrayList<CascadeMethod>();
    its.points().points().forEach(point -> points.add(new CalibratedCascading(point, its)));
    points.add(new CalibratedCascading(CalibratedCascading.Settings.DEFAULTS, its));
    return points;
  }
}
