package dev.tutti.numerics.measure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Quality over cost and its non-decreasing convex hull (Hu et al. 2024, RouterBench,
 * arXiv:2403.12031). Between two points a router that uses one of them with probability {@code t}
 * reaches every point of the line; beyond the dearest point quality stays as it is.
 *
 * @param hull points of the hull by rising cost; each is better than those before it
 */
public record CostCurve(List<Point> hull) {

  private static final double ROUNDING = 1e-9;

  /** What a policy costs and yields per query. */
  public record Point(double usd, double quality) {}

  /** The hull of these points; at least one. */
  public static CostCurve of(List<Point> points) {
    var hull = new ArrayList<Point>();
    points.stream()
        .sorted(
            Comparator.comparingDouble(Point::usd)
                .thenComparing(Point::quality, Comparator.reverseOrder()))
        .forEach(
            point -> {
              if (!hull.isEmpty() && point.quality() <= hull.getLast().quality()) {
                return;
              }
              while (hull.size() > 1 && isBelow(hull.getLast(), hull.get(hull.size() - 2), point)) {
                hull.removeLast();
              }
              hull.add(point);
            });
    return new CostCurve(List.copyOf(hull));
  }

  private static boolean isBelow(Point middle, Point left, Point right) {
    return (middle.quality() - left.quality()) * (right.usd() - left.usd())
        <= (right.quality() - left.quality()) * (middle.usd() - left.usd());
  }

  /** Quality at a cost; that of the cheapest point below it. */
  public double at(double usd) {
    Point before = hull.getFirst();
    for (Point point : hull) {
      if (point.usd() >= usd) {
        double width = point.usd() - before.usd();
        double share = width == 0 ? 1 : (usd - before.usd()) / width;
        return usd <= before.usd()
            ? before.quality()
            : before.quality() + share * (point.quality() - before.quality());
      }
      before = point;
    }
    return before.quality();
  }

  /**
   * Average improvement in quality: the mean of the hull over a range of costs, which is AIQ.
   *
   * @throws IllegalArgumentException when the hull begins above the range: a router that cannot
   *     spend so little has no quality there. The cheapest member alone may be added to its points
   */
  public double aiq(double fromUsd, double toUsd) {
    double cheapest = hull.getFirst().usd();
    if (!(cheapest <= fromUsd * (1 + ROUNDING))) {
      throw new IllegalArgumentException(
          "The hull begins at %s USD, above the range's %s.".formatted(cheapest, fromUsd));
    }
    var costs = new ArrayList<Double>(List.of(fromUsd, toUsd));
    hull.stream().map(Point::usd).filter(c -> c > fromUsd && c < toUsd).forEach(costs::add);
    costs.sort(null);
    double area = 0;
    for (int i = 1; i < costs.size(); i++) {
      area += (costs.get(i) - costs.get(i - 1)) * (at(costs.get(i - 1)) + at(costs.get(i))) / 2;
    }
    return area / (toUsd - fromUsd);
  }
}
