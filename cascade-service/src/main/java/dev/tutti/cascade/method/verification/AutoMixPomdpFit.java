package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.numerics.measure.IncrementalBenefit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * How {@link AutoMixPomdp} is fitted (Aggarwal et al. 2024, arXiv:2310.12963): from questions that
 * all members answered, with what the members but the last said of their answers (the number {@code
 * verified} of an outcome: the share of its checks that called it correct; {@code verified_cost}:
 * what they cost, as much as the answer where it is not said). Members are a chain by rising mean
 * cost, or as the columns stand.
 *
 * <p>Shares are counted in the nearest of {@code bins + 1} bins. POMDP: what a question is (needy,
 * good, hopeless) is counted by bin, and the next member is asked where the expected reward of that
 * is higher ({@link MetaVerifier#isRouted}); each whole reward r from 0 to 4,999 that changes
 * something is a candidate. Greedy POMDP: candidate i asks in the i bins of the highest mean gain,
 * smoothed over bins. Union: those of both, and all thresholds and double thresholds. The paper
 * takes the candidate of the highest Delta_IBC over the data ({@link IncrementalBenefit}); so does
 * the fit, unless it has a budget, also where always asking the last member gains nothing, by IBC
 * itself: the order is the same. In chains of more than two members all of them share r, i, and the
 * thresholds, which is ours: the paper's rules are for two.
 *
 * <p>Departures: a bin in which nothing was counted is as all bins together; shares between two
 * bins are counted in the upper one, which the published code drops. Deterministic: no chance is
 * used.
 */
public final class AutoMixPomdpFit implements FittedCascade<AutoMixPomdpFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "automix-pomdp";

  /** Where it comes from. */
  public static final String PAPER =
      "Aggarwal et al. 2024, AutoMix: Automatically Mixing Language Models, NeurIPS,"
          + " arXiv:2310.12963";

  /** Which rules are tried. */
  public enum Rule {
    /** By what a question probably is. */
    POMDP,
    /** By what asking on gains. */
    GREEDY_POMDP,
    /** By both, and by thresholds. */
    UNION
  }

  /**
   * Settings of the fit.
   *
   * @param rule which are tried
   * @param bins of shares, less one
   * @param order in which members are asked
   * @param budget mean cost that a question may have; 0 for the highest benefit per cost
   */
  public record Settings(
      @Setting(
              help =
                  "Which rules are tried: pomdp = by whether a question is probably one that only the"
                      + " next member answers, greedy_pomdp = by the mean gain of asking it, union ="
                      + " both, thresholds and double thresholds.")
          Rule rule,
      @Setting(
              help =
                  "Steps between no check and all checks that say correct, in which shares are"
                      + " counted.",
              min = 1,
              max = 64)
          int bins,
      @Setting(
              help =
                  "In which order members are asked: cost (rising mean cost) or columns (as the"
                      + " members of the fit, or of the dataset, stand).")
          MemberOrder order,
      @Setting(
              help =
                  "Mean cost that a question may have, in the dataset's unit; 0 for the rule of the"
                      + " highest benefit per cost (IBC).",
              min = 0)
          double budget) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(Rule.POMDP, 8, MemberOrder.COST, 0);
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
    return new Members(2, 12);
  }

  @Override
  public VerifierBins fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
    int[] order = settings.order().of(data);
    List<List<Recorded>> rows = rows(data, order);
    List<MetaVerifier> verifiers = counted(rows, order.length, settings.bins());
    List<TunedPoints.Point> tried =
        candidates(verifiers, settings).stream()
            .map(values -> point(values, rows, settings))
            .toList();
    var tuned = TunedPoints.of(tried, settings.budget());
    return new VerifierBins(
        Arrays.stream(order).mapToObj(data.members()::get).toList(),
        settings.bins(),
        settings.budget() > 0 ? tuned : beneficial(tuned, rows));
  }

  /** Over the questions that everybody answered, and of which everybody but the last was asked. */
  private static List<List<Recorded>> rows(RecordedOutcomes data, int[] order) {
    List<List<Recorded>> rows =
        data.rows().stream()
            .map(Row::outcomes)
            .map(its -> Arrays.stream(order).mapToObj(its::get).toList())
            .filter(its -> its.stream().allMatch(Optional::isPresent))
            .map(its -> its.stream().map(Optional::orElseThrow).toList())
            .filter(
                its ->
                    its.subList(0, its.size() - 1).stream()
                        .allMatch(recorded -> recorded.checks().isPresent()))
            .toList();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "No question has answers of all members, and the number 'verified' (the share of its checks that call it correct) of those of all but %s."
              .formatted(data.members().get(order[order.length - 1])));
    }
    for (int member : order) {
      data.requireShares(member, NAME);
    }
    return rows;
  }

  private static double share(Recorded recorded) {
    return recorded.checks().map(Checks::share).orElseThrow();
  }

  /** One each member but the last. */
  private static List<MetaVerifier> counted(List<List<Recorded>> rows, int members, int bins) {
    var verifiers = new ArrayList<MetaVerifier>();
    for (int j = 0; j < members - 1; j++) {
      var verifier = new MetaVerifier(bins);
      for (List<Recorded> row : rows) {
        verifier.add(
            VerifierBins.bin(share(row.get(j)), bins), row.get(j).score(), row.get(j + 1).score());
      }
      verifiers.add(verifier);
    }
    return verifiers;
  }

  private static List<float[]> candidates(List<MetaVerifier> verifiers, Settings settings) {
    int size = settings.bins() + 1;
    var candidates = new ArrayList<float[]>();
    // Nobody else is ever asked, which every rule comes to at one end.
    candidates.add(values(verifiers.size(), size, _ -> false));
    if (settings.rule() != Rule.GREEDY_POMDP) {
      var rewards = new TreeSet<Integer>();
      verifiers.forEach(verifier -> rewards.addAll(verifier.rewards()));
      for (int reward : rewards) {
        candidates.add(
            values(
                verifiers.size(), size, i -> verifiers.get(i / size).isRouted(i % size, reward)));
      }
    }
    if (settings.rule() != Rule.POMDP) {
      List<List<Integer>> byGain = verifiers.stream().map(MetaVerifier::byGain).toList();
      for (int most = 1; most <= size; most++) {
        int best = most;
        candidates.add(
            values(
                verifiers.size(),
                size,
                i -> byGain.get(i / size).subList(0, best).contains(i % size)));
      }
    }
    if (settings.rule() == Rule.UNION) {
      for (int from = 0; from < size; from++) {
        for (int to = from; to < size; to++) {
          int low = from;
          int high = to;
          candidates.add(values(verifiers.size(), size, i -> i % size >= low && i % size <= high));
        }
      }
    }
    return candidates;
  }

  private static float[] values(int verifiers, int size, IntPredicate isRouted) {
    var values = new float[verifiers * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = isRouted.test(i) ? 1 : 0;
    }
    return values;
  }

  /** What these values would have cost and given. */
  private static TunedPoints.Point point(
      float[] values, List<List<Recorded>> rows, Settings settings) {
    double usd = 0;
    double quality = 0;
    for (List<Recorded> row : rows) {
      int j = 0;
      usd += row.getFirst().usd();
      while (j < row.size() - 1) {
        usd += row.get(j).checks().map(Checks::usd).orElseThrow();
        if (!VerifierBins.isRouted(values, j, share(row.get(j)), settings.bins())) {
          break;
        }
        j++;
        usd += row.get(j).usd();
      }
      quality += row.get(j).score();
    }
    return new TunedPoints.Point(usd / rows.size(), quality / rows.size(), values);
  }

  /** With that point chosen that gains most for what it costs more than the first member alone. */
  private static TunedPoints beneficial(TunedPoints tuned, List<List<Recorded>> rows) {
    var alone =
        new CostCurve.Point(
            rows.stream().mapToDouble(row -> row.getFirst().usd()).average().orElseThrow(),
            rows.stream().mapToDouble(row -> row.getFirst().score()).average().orElseThrow());
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < tuned.points().size(); i++) {
      TunedPoints.Point point = tuned.points().get(i);
      double benefit =
          IncrementalBenefit.perCost(new CostCurve.Point(point.usd(), point.quality()), alone);
      if (benefit > most) {
        best = i;
        most = benefit;
      }
    }
    return new TunedPoints(tuned.points(), best);
  }

  @Override
  public VerifierBins read(Parameters parameters) {
    return VerifierBins.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedCascade learned) {
    return learned.parameters();
  }

  @Override
  public List<CascadeMethod> points(
      LearnedCascade learned, Settings settings, List<MemberCard> members) {
    var its = (VerifierBins) learned;
    var points = new ArrayList<CascadeMethod>();
    its.points()
        .points()
        .forEach(point -> points.add(new AutoMixPomdp(AutoMixPomdp.Settings.DEFAULTS, point, its)));
    points.add(new AutoMixPomdp(AutoMixPomdp.Settings.DEFAULTS, its));
    return points;
  }
}
