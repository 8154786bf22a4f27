package dev.tutti.router.evaluation;

import dev.tutti.learning.Fitting;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.numerics.measure.PairCurve;
import dev.tutti.router.Estimate;
import dev.tutti.router.fit.Outcomes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What an estimator's choices are worth on outcomes that it did not learn from. For each query
 * those are compared who were run on it; a query on which nobody was run does not count.
 *
 * @param queries how many counted
 * @param choice mean quality of the member that was estimated the best (ties: the earlier column)
 * @param bestMember the single member with the best mean over the queries it was run on, chosen in
 *     hindsight, which is hard to beat
 * @param best its mean quality
 * @param oracle mean quality of the best answer of each query
 * @param random mean quality of a member drawn at random
 * @param pair for exactly two members
 * @param cost where the costs of all are known
 */
public record Measured(
    int queries,
    double choice,
    String bestMember,
    double best,
    double oracle,
    double random,
    Optional<Pair> pair,
    Optional<Cost> cost) {

  /** Lambdas that are tried for the cost curve: 0 and 41 powers of ten, from 1 to 10^5. */
  private static final double[] LAMBDAS =
      DoubleStream.concat(
              DoubleStream.of(0),
              IntStream.rangeClosed(0, 40).mapToDouble(i -> Math.pow(10, i / 8.0)))
          .toArray();

  /**
   * Two members ({@link PairCurve}).
   *
   * @param strong the one that did better over the queries on which both were run
   * @param apgr average part of the gap that is recovered
   * @param cpt50 least share of calls of the strong one that recovers half of the gap
   * @param cpt80 the same for 80 %
   */
  public record Pair(String strong, String weak, double apgr, double cpt50, double cpt80) {}

  /**
   * Quality over cost ({@link CostCurve}) with the rule quality-minus-cost, whose expected costs
   * are the members' means over what was learned from.
   *
   * @param aiq average quality over the range of the single members' costs
   * @param aiqOfMembers the same for the hull of the single members, each at its own cost
   * @param fromUsd beginning of that range, US dollars a query
   * @param toUsd its end
   */
  public record Cost(double aiq, double aiqOfMembers, double fromUsd, double toUsd) {}

  /** Estimates of every held-out query beside what became of it. */
  private record Estimates(Outcomes outcomes, List<Estimate> all) {

    /** The member with the most {@code quality - lambda usd} of those who were run; -1: nobody. */
    int choice(int row, double lambda, double[] usd) {
      double[] quality = all.get(row).quality();
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int m = 0; m < quality.length; m++) {
        double worth = lambda == 0 ? quality[m] : quality[m] - lambda * usd[m];
        if (!Float.isNaN(outcomes.quality().at(row, m)) && worth > most) {
          most = worth;
          best = m;
        }
      }
      return best;
    }
  }

  /**
   * Measures an estimator.
   *
   * @param all the estimator's estimates, one a held-out query
   * @param learned what it was fitted to: expected costs come from there
   * @param held what it was not fitted to, with the same members
   * @param queries a number for each held-out query, for {@link HeldOut}
   * @return the figures, and the qualities one by one
   * @throws IllegalArgumentException when nobody was run on any held-out query
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public static Result of(List<Estimate> all, Outcomes learned, Outcomes held, long[] queries) {
    var estimates = new Estimates(held, all);
    int[] counted =
        IntStream.range(0, held.size()).filter(i -> estimates.choice(i, 0, null) >= 0).toArray();
    if (counted.length == 0) {
      throw new IllegalArgumentException("No member was run on any of the held-out queries.");
    }
    var quality = new float[counted.length];
    double oracle = 0;
    double random = 0;
    for (int i = 0; i < counted.length; i++) {
      quality[i] = held.quality().at(counted[i], estimates.choice(counted[i], 0, null));
      double[] those = known(held.quality().row(counted[i]));
      oracle += DoubleStream.of(those).max().orElseThrow();
      random += DoubleStream.of(those).average().orElseThrow();
    }
    double[] means = held.meanQuality();
    Optional<Curve> curve = curve(estimates, learned);
    int best =
        IntStream.range(0, means.length)
            .filter(m -> !Double.isNaN(means[m]))
            .reduce((a, b) -> means[b] > means[a] ? b : a)
            .orElseThrow();
    var measured =
        new Measured(
            counted.length,
            mean(quality),
            held.members().get(best),
            means[best],
            oracle / counted.length,
            random / counted.length,
            pair(estimates),
            curve.map(Curve::cost));
    return new Result(
        measured,
        new HeldOut(IntStream.of(counted).mapToLong(i -> queries[i]).toArray(), quality),
        new Fitting.Comparison(
            shares(estimates, counted),
            sets(held, counted, quality),
            curve.map(Curve::points).orElse(List.of())));
  }

  /**
   * The figures, and what they are the means of.
   *
   * @param comparison the same by member, by set, and by cost
   */
  public record Result(Measured measured, HeldOut heldOut, Fitting.Comparison comparison) {}

  private static Map<String, Double> shares(Estimates estimates, int[] counted) {
    var shares = new TreeMap<String, Double>();
    List<String> members = estimates.outcomes().members();
    members.forEach(member -> shares.put(member, 0.0));
    for (int row : counted) {
      shares.merge(members.get(estimates.choice(row, 0, null)), 1.0 / counted.length, Double::sum);
    }
    return shares;
  }

  private static List<Fitting.SetResult> sets(Outcomes held, int[] counted, float[] quality) {
    return IntStream.range(0, counted.length)
        .boxed()
        .collect(
            Collectors.groupingBy(
                i -> held.sets().get(counted[i]),
                TreeMap::new,
                Collectors.summarizingDouble(i -> quality[i])))
        .entrySet()
        .stream()
        .map(
            set ->
                new Fitting.SetResult(
                    set.getKey(), set.getValue().getCount(), set.getValue().getAverage()))
        .toList();
  }

  private static double[] known(float[] values) {
    return IntStream.range(0, values.length)
        .filter(i -> !Float.isNaN(values[i]))
        .mapToDouble(i -> values[i])
        .toArray();
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static Optional<Pair> pair(Estimates estimates) {
    Outcomes held = estimates.outcomes();
    if (held.members().size() != 2) {
      return Optional.empty();
    }
    int[] both =
        IntStream.range(0, held.size())
            .filter(i -> known(held.quality().row(i)).length == 2)
            .toArray();
    double[] first = IntStream.of(both).mapToDouble(i -> held.quality().at(i, 0)).toArray();
    double[] second = IntStream.of(both).mapToDouble(i -> held.quality().at(i, 1)).toArray();
    double gap = DoubleStream.of(first).sum() - DoubleStream.of(second).sum();
    if (gap == 0) {
      return Optional.empty();
    }
    int strong = gap > 0 ? 0 : 1;
    double[] wins =
        IntStream.of(both)
            .mapToDouble(i -> estimates.all().get(i).beats(strong, 1 - strong))
            .toArray();
    var curve = new PairCurve(wins, gap > 0 ? second : first, gap > 0 ? first : second);
    return Optional.of(
        new Pair(
            held.members().get(strong),
            held.members().get(1 - strong),
            curve.apgr(),
            curve.cpt(0.5),
            curve.cpt(0.8)));
  }

  /** Quality over cost, and the points of it that no other point is better than. */
  private record Curve(Cost cost, List<CostCurve.Point> points) {}

  private static Optional<Curve> curve(Estimates estimates, Outcomes learned) {
    Outcomes held = estimates.outcomes();
    int members = held.members().size();
    int[] whole =
        IntStream.range(0, held.size())
            .filter(i -> held.usd().rows() > 0)
            .filter(i -> known(held.quality().row(i)).length == members)
            .filter(i -> known(held.usd().row(i)).length == members)
            .toArray();
    double[] expected = new double[members];
    for (int m = 0; m < members; m++) {
      int column = m;
      OptionalDouble mean =
          IntStream.range(0, learned.usd().rows())
              .mapToDouble(i -> learned.usd().at(i, column))
              .filter(usd -> !Double.isNaN(usd))
              .average();
      expected[m] = mean.orElse(Double.NaN);
    }
    if (whole.length == 0 || DoubleStream.of(expected).anyMatch(Double::isNaN)) {
      return Optional.empty();
    }
    List<CostCurve.Point> singles =
        IntStream.range(0, members)
            .mapToObj(m -> point(held, whole, IntStream.of(whole).map(_ -> m).toArray()))
            .toList();
    double from = singles.stream().mapToDouble(CostCurve.Point::usd).min().orElseThrow();
    double to = singles.stream().mapToDouble(CostCurve.Point::usd).max().orElseThrow();
    if (!(from < to)) {
      return Optional.empty();
    }
    var points = new ArrayList<CostCurve.Point>();
    for (double lambda : LAMBDAS) {
      Interruption.check();
      points.add(
          point(
              held,
              whole,
              IntStream.of(whole).map(i -> estimates.choice(i, lambda, expected)).toArray()));
    }
    // What every router can do whatever it is asked: the cheapest member alone.
    singles.stream().filter(p -> p.usd() == from).forEach(points::add);
    CostCurve curve = CostCurve.of(points);
    return Optional.of(
        new Curve(
            new Cost(curve.aiq(from, to), CostCurve.of(singles).aiq(from, to), from, to),
            curve.hull()));
  }

  private static CostCurve.Point point(Outcomes outcomes, int[] rows, int[] choices) {
    double usd = 0;
    double quality = 0;
    for (int i = 0; i < rows.length; i++) {
      usd += outcomes.usd().at(rows[i], choices[i]);
      quality += outcomes.quality().at(rows[i], choices[i]);
    }
    return new CostCurve.Point(usd / rows.length, quality / rows.length);
  }
}
