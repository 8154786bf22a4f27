package dev.tutti.cascade.method.calibrated;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a curve reaches over a range of costs, or at one cost, as weights of its points: linear
 * between points, constant beyond the ends. Weights sum to 1, so the same goes for each question,
 * and two curves over the same questions are compared in pairs.
 */
public final class CostAxis {

  /**
   * A point measured.
   *
   * @param usd mean cost
   * @param spent by question, what it cost
   * @param right by question, what the answer given was worth
   */
  public record Point(double usd, double[] spent, double[] right) {

    /** Its mean cost is that of the questions. */
    public static Point of(double[] spent, double[] right) {
      return new Point(mean(spent), spent, right);
    }

    /** The mean of what is right. */
    public double quality() {
      return Arrays.stream(right).average().orElseThrow();
    }
  }

  private CostAxis() {}

  private static List<Point> sorted(List<Point> points) {
    return points.stream()
        .sorted(Comparator.comparingDouble(Point::usd).thenComparingDouble(Point::quality))
        .toList();
  }

  /** By question, 1 minus the mean of what is right over a range of costs. */
  public static double[] errors(List<Point> points, double low, double high) {
    List<Point> curve = sorted(points);
    var weights = new double[curve.size()];
    double first = curve.getFirst().usd();
    double last = curve.getLast().usd();
    weights[0] += Math.clamp(first - low, 0, high - low);
    weights[weights.length - 1] += Math.clamp(high - last, 0, high - low);
    for (int i = 0; i + 1 < weights.length; i++) {
      double x = curve.get(i).usd();
      double width = curve.get(i + 1).usd() - x;
      double a = Math.max(x, low);
      double b = Math.min(x + width, high);
      if (b > a) {
        double share = ((a - x) + (b - x)) / (2 * width);
        weights[i] += (b - a) * (1 - share);
        weights[i + 1] += (b - a) * share;
      }
    }
    return errors(curve, weights, high - low);
  }

  /** By question, 1 minus what is right at a cost. */
  public static double[] errors(List<Point> points, double usd) {
    List<Point> curve = sorted(points);
    var weights = new double[curve.size()];
    int above = 0;
    while (above < weights.length && curve.get(above).usd() < usd) {
      above++;
    }
    if (above == 0 || above == weights.length) {
      weights[Math.min(above, weights.length - 1)] = 1;
    } else {
      double x = curve.get(above - 1).usd();
      double share = (usd - x) / (curve.get(above).usd() - x);
      weights[above - 1] = 1 - share;
      weights[above] = share;
    }
    return errors(curve, weights, 1);
  }

  /**
   * By question, what it costs to be right as often as is wanted; empty where the curve does not
   * come so far. Its mean is the cost at the mean of what is wanted; the spread tells also by how
   * much another draw of questions would move that quality along the curve (the delta method).
   *
   * @param hull points, each better and dearer than the one before
   * @param wanted by question, what another answer was worth, or a quality for all
   */
  public static Optional<double[]> costs(List<Point> hull, double[] wanted) {
    List<Point> curve = sorted(hull);
    double quality = mean(wanted);
    int above = 0;
    while (above < curve.size() && curve.get(above).quality() < quality) {
      above++;
    }
    if (above == curve.size()) {
      return Optional.empty();
    }
    Point to = curve.get(above);
    if (above == 0) {
      return Optional.of(to.spent());
    }
    Point from = curve.get(above - 1);
    double step = to.quality() - from.quality();
    double share = (quality - from.quality()) / step;
    double slope = (to.usd() - from.usd()) / step;
    return Optional.of(
        IntStream.range(0, wanted.length)
            .mapToDouble(
                i ->
                    (1 - share) * from.spent()[i]
                        + share * to.spent()[i]
                        - slope
                            * ((1 - share) * from.right()[i] + share * to.right()[i] - wanted[i]))
            .toArray());
  }

  private static double[] errors(List<Point> curve, double[] weights, double total) {
    return IntStream.range(0, curve.getFirst().right().length)
        .mapToDouble(
            i ->
                1
                    - IntStream.range(0, weights.length)
                            .mapToDouble(p -> weights[p] * curve.get(p).right()[i])
                            .sum()
                        / total)
        .toArray();
  }

  /** The mean. */
  public static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Standard error of the mean of the differences of two, question by question. */
  public static double standardError(double[] one, double[] other) {
    int n = one.length;
    double mean = mean(one) - mean(other);
    double squares =
        IntStream.range(0, n).mapToDouble(i -> one[i] - other[i] - mean).map(d -> d * d).sum();
    return Math.sqrt(squares / (n - 1) / n);
  }
}
