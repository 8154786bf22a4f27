package dev.tutti.cascade.tuning;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a fitted cascade reaches at what cost: the settings of its rule that no other beats in both,
 * the cheapest first, and which of them its budget chose. An artifact carries it; an ensemble may
 * take any of them. Immutable as long as nobody writes to an array.
 *
 * @param points at least one, by rising cost and rising quality
 * @param chosen place of the one that is taken where nobody says which
 */
public record TunedPoints(List<Point> points, int chosen) {

  private static final String NAME = "points";
  private static final String CHOSEN = "chosen point";

  /**
   * One setting of the rule.
   *
   * @param usd mean cost of a question, in the dataset's unit; at least 0
   * @param quality mean score
   * @param values the rule's own numbers, e.g. a threshold a stage; as many in each point
   */
  public record Point(double usd, double quality, float[] values) {

    /** Rounded as an artifact keeps it, so that what is measured is what is kept. */
    public Point {
      usd = (float) usd;
      quality = (float) quality;
    }
  }

  /** Keeps its own list. */
  public TunedPoints {
    points = List.copyOf(points);
    if (points.isEmpty() || chosen < 0 || chosen >= points.size()) {
      throw new IllegalArgumentException(
          "Point %d of %d is chosen.".formatted(chosen, points.size()));
    }
  }

  /**
   * Of everything that was tried.
   *
   * @param tried at least one
   * @param budget mean cost that a question may have; 0 for any. The best point within it is
   *     chosen, the cheapest where none is within it
   */
  public static TunedPoints of(List<Point> tried, double budget) {
    var kept = new ArrayList<Point>();
    var sorted = new ArrayList<>(tried);
    sorted.sort(
        Comparator.comparingDouble(Point::usd)
            .thenComparing(Comparator.comparingDouble(Point::quality).reversed()));
    for (Point point : sorted) {
      if (kept.isEmpty() || point.quality() > kept.getLast().quality()) {
        kept.add(point);
      }
    }
    return new TunedPoints(kept, budget == 0 ? kept.size() - 1 : best(kept, budget));
  }

  /**
   * The same with the cheapest point chosen that is good enough; the one chosen before where none
   * of those that are no dearer than it is.
   *
   * @param quality that is enough; 0 leaves everything as it is
   */
  public TunedPoints reaching(double quality) {
    int first = 0;
    while (first < chosen && points.get(first).quality() < (float) quality) {
      first++;
    }
    return quality > 0 ? new TunedPoints(points, first) : this;
  }

  /**
   * The point that an ensemble takes. It says so by a cost, since a place among the points is
   * another point after the next fit.
   *
   * @param budget mean cost that a question may have, in the dataset's unit; 0 for the point that
   *     the fit chose
   * @return the best within it; the cheapest where none is
   */
  public Point within(double budget) {
    return points.get(budget == 0 ? chosen : best(points, budget));
  }

  private static int best(List<Point> points, double budget) {
    int best = 0;
    while (best + 1 < points.size() && points.get(best + 1).usd() <= (float) budget) {
      best++;
    }
    return best;
  }

  /** The parameters, and these. */
  public Parameters with(Parameters learned) {
    List<float[]> rows =
        points.stream()
            .map(
                point -> {
                  float[] values = point.values();
                  var row = new float[2 + values.length];
                  row[0] = (float) point.usd();
                  row[1] = (float) point.quality();
                  System.arraycopy(values, 0, row, 2, values.length);
                  return row;
                })
            .toList();
    return learned.with(NAME, Matrix.of(rows)).with(CHOSEN, chosen);
  }

  /** Those that parameters hold, if they hold any. */
  public static Optional<TunedPoints> in(Parameters kept) {
    return kept.matrices().containsKey(NAME) ? Optional.of(of(kept)) : Optional.empty();
  }

  /** What {@link #with} kept. */
  public static TunedPoints of(Parameters kept) {
    Matrix rows = kept.matrix(NAME);
    var points = new ArrayList<Point>();
    for (int i = 0; i < rows.rows(); i++) {
      float[] row = rows.row(i);
      points.add(new Point(row[0], row[1], Arrays.copyOfRange(row, 2, row.length)));
    }
    return new TunedPoints(points, (int) kept.number(CHOSEN));
  }
}
