package dev.tutti.cascade.method.routing;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.estimate.Evidence;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How {@link CascadeRouting} is fitted (Dekoninck et al. 2025, arXiv:2410.10347): estimates of how
 * good answers are, ex ante and for every set of at most {@code longest} members that may have
 * answered ({@link Estimates}); then plans at {@value #PRICES} prices of cost, and one at which
 * cost is all that counts, are replayed over the questions that all members answered, and those are
 * kept that no other beats in mean cost and mean score. For a budget the price is found by
 * bisection, {@value #BISECTIONS} steps after doubling it until the budget is kept, and the plan at
 * the price just below, which is beyond the budget, decides as many questions as the budget allows
 * (the paper's gamma, which mixes the cheapest and the dearest of equal choices; its further tuning
 * of a price a step is left out).
 *
 * <p>An answer is expected to cost its member's mean (the paper has a linear model of tokens). Pure
 * routing is {@code longest} = 1, a pure cascade {@code order} = by_cost. Ex-ante estimates of the
 * questions that are learned from come from the others ({@link Estimates.Fitted}), those after
 * answers do not. Where there is no room for all questions as many are drawn as there is. Cost of a
 * fit: a logistic regression for each of the sets and members, up to 793 by 12.
 */
public final class CascadeRoutingFit implements FittedCascade<CascadeRoutingFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "cascade-routing";

  /** Where it comes from. */
  public static final String PAPER =
      "Dekoninck et al. 2025, A Unified Approach to Routing and Cascading, ICML, arXiv:2410.10347";

  static final int LONGEST = 4;
  static final int PRICES = 41;
  static final int BISECTIONS = 20;

  private static final int MOST_NUMBERS = 1 << 24;
  private static final double CHEAPEST_ONLY = 1e9;

  /** What costs less costs nothing. */
  private static final double FREE = 1e-20;

  /** Who may be asked next. */
  public enum Order {
    /** Anybody. */
    FREE,
    /** Whoever is dearer than all that have answered. */
    BY_COST
  }

  /** How it is told whether asking somebody is worth its cost. */
  public enum Plan {
    /** By what asking whoever comes next has been worth. */
    LOOK_AHEAD,
    /** By the best of the answers of a set that is asked as a whole. */
    SUPERMODELS
  }

  /**
   * Settings of the fit.
   *
   * @param embedding whether estimates look at the question's embedding
   * @param ridge penalty of what they learn from embeddings
   * @param penalty of what is learned from answers
   * @param canonical form in which answers are compared
   * @param plan how it is told whether asking is worth its cost
   * @param order who may be asked next
   * @param longest most answers of a question
   * @param budget mean cost that a question may have; 0 for any
   */
  public record Settings(
      @Setting(help = "Whether estimates look at the question's embedding.") boolean embedding,
      @Setting(
              help = "Penalty of what estimates learn from embeddings (ridge regression).",
              min = 1e-3,
              max = 1e6)
          double ridge,
      @Setting(
              help = "Penalty of what is learned from answers (logistic and ridge regression).",
              min = 1e-3,
              max = 1e6)
          double penalty,
      @Setting(help = "Form in which answers are compared, as consistency has it.")
          AnswerForm canonical,
      @Setting(
              help =
                  "How it is told whether asking somebody is worth its cost: look_ahead = by what"
                      + " asking whoever comes next was worth on recorded questions; supermodels ="
                      + " by the expected best of the answers of a whole set, as the paper has it.")
          Plan plan,
      @Setting(
              help =
                  "Who may be asked next: free = anybody; by_cost = whoever is dearer than all that"
                      + " have answered, a cascade, which may leave members out.")
          Order order,
      @Setting(
              help = "Most answers of a question; 1 is routing without cascading.",
              min = 1,
              max = LONGEST)
          int longest,
      @Setting(
              help = "Mean cost that a question may have, in the dataset's unit; 0 for any.",
              min = 0)
          double budget) {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(true, 10, 3, AnswerForm.AUTO, Plan.LOOK_AHEAD, Order.FREE, 3, 0);
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
    // Of more there are too many sets.
    return new Members(1, 12);
  }

  @Override
  public boolean embeds() {
    return true;
  }

  @Override
  public LearnedRouting fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
    int members = data.members().size();
    int longest = Math.min(settings.longest(), members);
    List<Integer> sets =
        IntStream.range(0, 1 << members)
            .filter(set -> Integer.bitCount(set) <= longest)
            .boxed()
            .toList();
    Estimates.Fitted fitted =
        Estimates.fit(
            data,
            new Estimates.Wanted(
                settings.embedding(),
                settings.ridge(),
                settings.penalty(),
                settings.canonical(),
                sets,
                true));
    double[] usd = IntStream.range(0, members).mapToDouble(m -> (float) data.usd(m)).toArray();
    RoutingTable table = table(data, fitted, sets, random);
    var order = new RoutingOrder(usd, settings.order() == Order.FREE);
    RoutingPlans plans =
        settings.plan() == Plan.SUPERMODELS
            ? new Supermodels(order, longest, Supermodels.covariances(table, LONGEST))
            : null;
    Function<Float, RoutingPlans> at =
        plans != null ? _ -> plans : new LookAhead.Learner(table, order, settings.penalty())::learn;
    TunedPoints points =
        TunedPoints.of(new Prices(table, at, usd).points(settings.budget()), settings.budget());
    return new LearnedRouting(
        fitted.estimates(),
        order,
        longest,
        plans != null ? plans : kept(at, order, points),
        points);
  }

  /** Look-ahead plans at the prices of points. */
  private static RoutingPlans kept(
      Function<Float, RoutingPlans> at, RoutingOrder order, TunedPoints points) {
    List<Float> prices =
        points.points().stream()
            .flatMap(point -> Stream.of(point.values()[0], point.values()[1]))
            .distinct()
            .toList();
    return LookAhead.of(order, prices.stream().map(price -> (LookAhead) at.apply(price)).toList());
  }

  private static RoutingTable table(
      RecordedOutcomes data, Estimates.Fitted fitted, List<Integer> sets, RandomGenerator random) {
    int all = (1 << data.members().size()) - 1;
    int[] whole =
        IntStream.range(0, data.rows().size())
            .filter(i -> fitted.evidence().get(i).answered() == all)
            .toArray();
    if (whole.length == 0) {
      throw new IllegalArgumentException(
          "No question was answered by all members; prices are found on such questions.");
    }
    int most = Math.max(1, MOST_NUMBERS / sets.size() / data.members().size());
    int[] drawn = whole;
    if (whole.length > most) {
      int[] order = Shuffle.of(whole.length, random);
      drawn = Arrays.stream(order, 0, most).map(i -> whole[i]).sorted().toArray();
    }
    List<Row> rows = Arrays.stream(drawn).mapToObj(data.rows()::get).toList();
    List<Evidence> evidence = Arrays.stream(drawn).mapToObj(fitted.evidence()::get).toList();
    return RoutingTable.of(fitted.estimates(), rows, evidence, sets);
  }

  /** What plans cost and are worth at prices. */
  private record Prices(RoutingTable table, Function<Float, RoutingPlans> at, double[] usd) {

    List<TunedPoints.Point> points(double budget) {
      double dearest = Arrays.stream(usd).max().orElseThrow();
      double unit = dearest > FREE ? 1 / dearest : 1;
      var points = new ArrayList<TunedPoints.Point>();
      var prices = new ArrayList<Float>(List.of(0f, (float) (CHEAPEST_ONLY * unit)));
      for (int i = 0; i < PRICES; i++) {
        prices.add((float) (unit * Math.pow(10, i / 8.0 - 2)));
      }
      for (float price : prices) {
        Interruption.check();
        points.add(replayed(price).point(price));
      }
      if (budget > 0) {
        points.addAll(within(budget, unit));
      }
      return points;
    }

    private RoutingTable.Replayed replayed(float price) {
      return table.replay(at.apply(price).at(price));
    }

    /** Just within a budget, and with as many questions as it allows just beyond. */
    private List<TunedPoints.Point> within(double budget, double unit) {
      float low = 0;
      RoutingTable.Replayed dear = replayed(low);
      if (dear.meanUsd() <= budget) {
        return List.of();
      }
      float high = (float) (unit / 100);
      RoutingTable.Replayed cheap = replayed(high);
      while (cheap.meanUsd() > budget) {
        if (high > CHEAPEST_ONLY * unit) {
          return List.of();
        }
        low = high;
        dear = cheap;
        high *= 2;
        cheap = replayed(high);
      }
      for (int step = 0; step < BISECTIONS; step++) {
        Interruption.check();
        float middle = (low + high) / 2;
        RoutingTable.Replayed its = replayed(middle);
        if (its.meanUsd() > budget) {
          low = middle;
          dear = its;
        } else {
          high = middle;
          cheap = its;
        }
      }
      return List.of(cheap.point(high), table.mixed(cheap, high, dear, low, budget));
    }
  }

  @Override
  public LearnedRouting read(Parameters parameters) {
    return LearnedRouting.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedCascade learned) {
    return learned.parameters();
  }

  @Override
  public List<CascadeMethod> points(
      LearnedCascade learned, Settings settings, List<MemberCard> members) {
    var its = (LearnedRouting) learned;
    var points = new ArrayList<CascadeMethod>();
    its.points().points().forEach(point -> points.add(new CascadeRouting(point, its)));
    points.add(new CascadeRouting(CascadeRouting.Settings.DEFAULTS, its));
    return points;
  }
}
