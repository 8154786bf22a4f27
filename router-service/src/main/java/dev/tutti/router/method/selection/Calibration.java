package dev.tutti.router.method.selection;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.router.Estimate;
import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import dev.tutti.router.fit.Outcomes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Thresholds of the rules that have one, found on queries that nothing was learned from: what costs
 * least and answers on the average at most {@code drop} worse than the best single member. Where no
 * threshold does, the one that answers best.
 *
 * <p>Hybrid-LLM's calibration (Ding et al. 2024, arXiv:2404.14618: a few hundred validation
 * queries, a bound on the drop in quality), for any number of members. A threshold is a quantile of
 * what was estimated; at most {@value #MOST_ROWS} queries, on which everybody was run, are looked
 * at.
 *
 * @param alpha of {@link WinProbability}; empty where there was nothing to find it on
 * @param theta of {@link CheapestLabelled}; alike
 * @param sizes each member's place by what it costs, from 1 for the smallest; by quality where
 *     somebody's cost is not known
 */
public record Calibration(OptionalDouble alpha, OptionalDouble theta, List<Integer> sizes) {

  /** Nothing is known. */
  public static final Calibration NONE =
      new Calibration(OptionalDouble.empty(), OptionalDouble.empty(), List.of());

  private static final String ALPHA = "calibrated.alpha";
  private static final String THETA = "calibrated.theta";
  private static final String SIZES = "calibrated.sizes";
  private static final int MOST_ROWS = 1_000;
  private static final int STEPS = 50;
  private static final double ROUNDING = 1e-9;

  /** A query on which everybody was run: what was estimated, and what became of it. */
  private record Row(List<Offer> offers, Estimate estimate, float[] quality) {}

  /** What choices were worth. */
  private record Worth(double quality, double size) {}

  /** Keeps its own copy. */
  public Calibration {
    sizes = List.copyOf(sizes);
  }

  /**
   * Finds thresholds.
   *
   * @param estimates one a held-out query
   * @param learned what the estimator was fitted to, which tells what members cost
   * @param held what it was not fitted to, with the same members
   * @param drop quality that may be given up, in the unit of the outcomes; not negative
   */
  public static Calibration of(
      List<Estimate> estimates, Outcomes learned, Outcomes held, double drop) {
    double[] size = learned.sizes();
    List<Integer> order = order(size);
    List<Integer> sizes =
        IntStream.range(0, size.length).mapToObj(m -> order.indexOf(m) + 1).toList();
    List<Row> rows = rows(estimates, held, size, sizes);
    if (rows.isEmpty()) {
      return new Calibration(OptionalDouble.empty(), OptionalDouble.empty(), sizes);
    }
    double best =
        IntStream.range(0, size.length)
            .mapToDouble(m -> rows.stream().mapToDouble(r -> r.quality()[m]).average().orElse(0))
            .max()
            .orElseThrow();
    var search = new Search(rows, held.members(), size, best - drop);
    DoubleStream wins =
        rows.stream()
            .flatMapToDouble(
                r ->
                    IntStream.range(1, order.size())
                        .mapToDouble(i -> r.estimate().beats(order.get(i), order.get(i - 1))));
    DoubleStream qualities =
        rows.stream().flatMapToDouble(r -> DoubleStream.of(r.estimate().quality()));
    return new Calibration(
        OptionalDouble.of(
            search.best(
                DoubleStream.concat(quantiles(wins), DoubleStream.of(1)), WinProbability::new)),
        OptionalDouble.of(search.best(quantiles(qualities), CheapestLabelled::new)),
        sizes);
  }

  /** What was kept with what was learned. */
  public static Calibration of(Parameters parameters) {
    return new Calibration(
        number(parameters, ALPHA),
        number(parameters, THETA),
        parameters.matrices().containsKey(SIZES)
            ? IntStream.range(0, parameters.members().size())
                .mapToObj(m -> (int) parameters.matrix(SIZES).at(0, m))
                .toList()
            : List.of());
  }

  /** Kept with what was learned. */
  public Parameters in(Parameters parameters) {
    Parameters with =
        parameters.with(
            SIZES, Matrix.row(sizes.stream().mapToDouble(Integer::doubleValue).toArray()));
    if (alpha.isPresent()) {
      with = with.with(ALPHA, alpha.getAsDouble());
    }
    return theta.isPresent() ? with.with(THETA, theta.getAsDouble()) : with;
  }

  private static OptionalDouble number(Parameters parameters, String name) {
    return parameters.matrices().containsKey(name)
        ? OptionalDouble.of(parameters.number(name))
        : OptionalDouble.empty();
  }

  private static List<Integer> order(double[] size) {
    return IntStream.range(0, size.length)
        .boxed()
        .sorted(Comparator.comparingDouble(m -> size[m]))
        .toList();
  }

  private static List<Row> rows(
      List<Estimate> estimates, Outcomes held, double[] size, List<Integer> sizes) {
    int[] whole =
        IntStream.range(0, held.size())
            .filter(
                i ->
                    IntStream.range(0, size.length)
                        .noneMatch(m -> Float.isNaN(held.quality().at(i, m))))
            .toArray();
    int step = Math.max(1, Math.ceilDiv(whole.length, MOST_ROWS));
    var rows = new ArrayList<Row>();
    for (int at = 0; at < whole.length; at += step) {
      Estimate estimate = estimates.get(whole[at]);
      List<Offer> offers =
          IntStream.range(0, size.length)
              .mapToObj(
                  m ->
                      new Offer(
                          held.members().get(m),
                          estimate.quality()[m],
                          estimate.deviation()[m],
                          estimate.scale(),
                          size[m],
                          0,
                          sizes.get(m)))
              .sorted(Offer.PREFERENCE)
              .toList();
      rows.add(new Row(offers, estimate, held.quality().row(whole[at])));
    }
    return rows;
  }

  private static DoubleStream quantiles(DoubleStream values) {
    double[] sorted = values.map(Calibration::kept).sorted().toArray();
    return sorted.length == 0
        ? DoubleStream.empty()
        : IntStream.rangeClosed(0, STEPS)
            .mapToDouble(i -> sorted[(int) ((long) i * (sorted.length - 1) / STEPS)])
            .distinct();
  }

  /** A threshold as it is kept, in fewer digits: what reaches it, reaches it then. */
  private static double kept(double value) {
    float rounded = (float) value;
    return rounded > value ? Math.nextDown(rounded) : rounded;
  }

  /**
   * Tries thresholds.
   *
   * @param least quality that is enough
   */
  private record Search(List<Row> rows, List<String> members, double[] size, double least) {

    double best(DoubleStream thresholds, DoubleFunction<SelectionRule> rule) {
      double found = Double.NaN;
      Worth most = null;
      for (double threshold : thresholds.toArray()) {
        Interruption.check();
        Worth worth = worth(rule.apply(threshold));
        if (most == null || isBetter(worth, most)) {
          found = threshold;
          most = worth;
        }
      }
      return found;
    }

    private boolean isBetter(Worth a, Worth b) {
      boolean enough = a.quality() >= least - ROUNDING;
      if (enough != b.quality() >= least - ROUNDING) {
        return enough;
      }
      return enough && a.size() != b.size() ? a.size() < b.size() : a.quality() > b.quality();
    }

    private Worth worth(SelectionRule rule) {
      double quality = 0;
      double cost = 0;
      for (Row row : rows) {
        int chosen = members.indexOf(rule.choose(row.offers()).member());
        quality += row.quality()[chosen];
        cost += size[chosen];
      }
      return new Worth(quality / rows.size(), cost / rows.size());
    }
  }
}
