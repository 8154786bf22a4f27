package dev.tutti.cascade.replay;

import dev.tutti.cascade.method.calibrated.CostAxis;
import dev.tutti.cascade.method.calibrated.CostAxis.Point;
import dev.tutti.kit.testing.ReplayReport;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What methods cost at equal quality, on {@code routerbench_subset11}. */
public final class EqualQuality {

  /** The best that router-service's METHODS.md has, and USD a thousand questions there. */
  private static final Map<Double, Double> ROUTER =
      Map.of(.7130, .2, .8242, .5, .8399, 1.0, .8657, 2.0);

  private static final String COST = "USD a thousand questions at quality %.4f";

  private EqualQuality() {}

  /**
   * Adds rows: the cost at the best router's qualities, and at the best single member's, as far as
   * a method comes there.
   *
   * @param hulls by method
   * @param pure what they are compared with
   * @param singles the members alone
   */
  public static void rows(
      ReplayReport report,
      String set,
      Map<String, List<Point>> hulls,
      List<Point> pure,
      List<Point> singles) {
    int questions = singles.getFirst().right().length;
    ROUTER.keySet().stream()
        .sorted()
        .forEach(
            quality -> {
              var wanted = new double[questions];
              Arrays.fill(wanted, quality);
              String metric = COST.formatted(quality);
              report.add(set, "best router of router-service", metric, ROUTER.get(quality));
              hulls.forEach((method, hull) -> row(report, set, method, metric, hull, pure, wanted));
            });
    Point best = singles.stream().max(Comparator.comparingDouble(Point::quality)).orElseThrow();
    String metric = COST.formatted(best.quality());
    report.add(set, "best single member", metric, 1000 * best.usd());
    hulls.forEach((method, hull) -> row(report, set, method, metric, hull, pure, best.right()));
    hulls.forEach(
        (method, hull) -> {
          Point most = hull.stream().max(Comparator.comparingDouble(Point::quality)).orElseThrow();
          report.add(set, method, "highest quality", most.quality());
          report.add(set, method, "USD a thousand questions there", 1000 * most.usd());
        });
  }

  private static void row(
      ReplayReport report,
      String set,
      String method,
      String metric,
      List<Point> hull,
      List<Point> pure,
      double[] wanted) {
    var ours = CostAxis.costs(hull, wanted);
    var theirs = CostAxis.costs(pure, wanted);
    if (ours.isEmpty()) {
      return;
    }
    double usd = CostAxis.mean(ours.get());
    report.add(set, method, metric, 1000 * usd);
    if (hull != pure && theirs.isPresent()) {
      report.add(
          set,
          method,
          metric + ", less pure routing's",
          1000 * (usd - CostAxis.mean(theirs.get())));
      report.add(
          set,
          method,
          metric + ", less pure routing's: standard error",
          1000 * CostAxis.standardError(ours.get(), theirs.get()));
    }
  }
}
