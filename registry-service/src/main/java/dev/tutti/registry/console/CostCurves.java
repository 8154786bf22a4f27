package dev.tutti.registry.console;

import dev.tutti.registry.api.ComparisonItem;
import dev.tutti.registry.api.ComparisonItem.CostPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Cost-quality curves as a drawing of 660 by 360 units: cost to the right, quality upwards.
 *
 * @param lines a version each, those with a curve only
 * @param costTicks along the bottom
 * @param qualityTicks along the left
 */
public record CostCurves(List<Line> lines, List<Tick> costTicks, List<Tick> qualityTicks) {

  private static final double LEFT = 70;
  private static final double RIGHT = 620;
  private static final double TOP = 20;
  private static final double BOTTOM = 310;
  private static final int TICKS = 4;

  /**
   * One curve.
   *
   * @param name of the version
   * @param place of it among those compared, from 1 on; says its look
   * @param points for the attribute {@code points}
   * @param dots where its points are
   */
  public record Line(String name, int place, String points, List<Dot> dots) {}

  /** A point, with what it says. */
  public record Dot(String x, String y, String title) {}

  /** A number beside an axis, and how far along it is. */
  public record Tick(String at, String text) {}

  /** The curves of a comparison; null where no version has one. */
  static CostCurves of(ComparisonItem compared) {
    List<CostPoint> all = compared.versions().stream().flatMap(v -> v.curve().stream()).toList();
    if (all.isEmpty()) {
      return null;
    }
    var cost = Span.of(all.stream().map(CostPoint::usd).toList());
    var quality = Span.of(all.stream().map(CostPoint::quality).toList());
    var lines = new ArrayList<Line>();
    for (int i = 0; i < compared.versions().size(); i++) {
      ComparisonItem.Compared version = compared.versions().get(i);
      if (!version.curve().isEmpty()) {
        List<Dot> dots =
            version.curve().stream()
                .map(
                    p ->
                        new Dot(
                            number(LEFT + cost.share(p.usd()) * (RIGHT - LEFT)),
                            number(BOTTOM - quality.share(p.quality()) * (BOTTOM - TOP)),
                            "%s USD, quality %s".formatted(shown(p.usd()), shown(p.quality()))))
                .toList();
        lines.add(
            new Line(
                "%s %d".formatted(version.version().name(), version.version().version()),
                i + 1,
                dots.stream().map(d -> d.x() + "," + d.y()).collect(Collectors.joining(" ")),
                dots));
      }
    }
    return new CostCurves(
        lines,
        ticks(cost, share -> LEFT + share * (RIGHT - LEFT)),
        ticks(quality, share -> BOTTOM - share * (BOTTOM - TOP)));
  }

  private static List<Tick> ticks(Span span, java.util.function.DoubleUnaryOperator place) {
    var ticks = new ArrayList<Tick>();
    for (int i = 0; i <= TICKS; i++) {
      double share = (double) i / TICKS;
      ticks.add(new Tick(number(place.applyAsDouble(share)), shown(span.at(share))));
    }
    return ticks;
  }

  private static String number(double units) {
    return String.format(Locale.ROOT, "%.1f", units);
  }

  private static String shown(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }

  /** From the least to the greatest value; a single one lies in the middle. */
  private record Span(double least, double most) {

    static Span of(List<Double> values) {
      double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
      double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
      double room = least == most ? Math.max(Math.abs(least) / 2, 1e-9) : 0;
      return new Span(least - room, most + room);
    }

    double share(double value) {
      return (value - least) / (most - least);
    }

    double at(double share) {
      return least + share * (most - least);
    }
  }
}
