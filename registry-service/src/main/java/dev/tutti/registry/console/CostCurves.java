package dev.tutti.registry.console;

import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.registry.api.ComparisonItem;
import dev.tutti.registry.api.ComparisonItem.CostPoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * Cost-quality curves as a drawing of 660 by 360 units: cost to the right, quality upwards.
 *
 * @param lines a version each, those with a curve only
 * @param members each alone
 * @param hull what drawing between members reaches, for the attribute {@code points}; empty where
 *     there are fewer than two, or their costs are not in the same
 * @param oracles who knows the best answers; several where versions were measured on different
 *     queries
 * @param costs what is along the bottom, in words
 * @param costTicks along the bottom
 * @param qualityTicks along the left
 */
public record CostCurves(
    List<Line> lines,
    List<Dot> members,
    String hull,
    List<Dot> oracles,
    String costs,
    List<Tick> costTicks,
    List<Tick> qualityTicks) {

  private static final double LEFT = 70;
  private static final double RIGHT = 620;
  private static final double TOP = 20;
  private static final double BOTTOM = 310;
  private static final int TICKS = 4;

  /** So many names have room beside their points. */
  private static final int MOST_NAMED = 16;

  /**
   * One curve.
   *
   * @param name of the version
   * @param place of it among those compared, from 1 on; says its look
   * @param points for the attribute {@code points}
   * @param dots where its points are
   */
  public record Line(String name, int place, String points, List<Dot> dots) {}

  /**
   * A point.
   *
   * @param name beside it; empty for none
   * @param title what it says
   * @param right whether it is so far to the right that its name belongs to its left
   */
  public record Dot(String x, String y, String name, String title, boolean right) {}

  /** A number beside an axis, and how far along it is. */
  public record Tick(String at, String text) {}

  /** Something alone, where its costs are known. */
  private record Alone(String name, CostPoint point) {}

  /** The curves of a comparison; null where no version has one, and no member a cost. */
  static CostCurves of(ComparisonItem compared) {
    List<Alone> members = alone(compared);
    List<Alone> oracles = oracles(compared);
    var all = new ArrayList<CostPoint>();
    compared.versions().forEach(v -> all.addAll(v.curve()));
    members.forEach(m -> all.add(m.point()));
    oracles.forEach(o -> all.add(o.point()));
    if (all.isEmpty()) {
      return null;
    }
    var frame =
        new Frame(
            Span.of(all.stream().map(CostPoint::usd).toList()),
            Span.of(all.stream().map(CostPoint::quality).toList()));
    var lines = new ArrayList<Line>();
    for (int i = 0; i < compared.versions().size(); i++) {
      ComparisonItem.Compared version = compared.versions().get(i);
      if (!version.curve().isEmpty()) {
        List<Dot> dots = version.curve().stream().map(p -> frame.dot(p, "", "")).toList();
        lines.add(new Line(name(compared, version), i + 1, points(dots), dots));
      }
    }
    boolean named = members.size() <= MOST_NAMED;
    return new CostCurves(
        lines,
        members.stream().map(m -> frame.dot(m.point(), named ? m.name() : "", m.name())).toList(),
        units(compared).size() > 1 ? "" : hull(members, frame),
        oracles.stream().map(o -> frame.dot(o.point(), o.name(), o.name())).toList(),
        costs(compared),
        ticks(frame.cost(), Frame::x),
        ticks(frame.quality(), Frame::y));
  }

  /** A version as it is told apart from the others. */
  static String name(ComparisonItem compared, ComparisonItem.Compared version) {
    String name = "%s %d".formatted(version.version().name(), version.version().version());
    boolean several =
        compared.versions().stream().map(ComparisonItem.Compared::service).distinct().count() > 1;
    return several ? "%s of %s".formatted(name, version.service()) : name;
  }

  /** Each once: versions that held out the same say the same of them. */
  private static List<Alone> alone(ComparisonItem compared) {
    return compared.versions().stream()
        .flatMap(v -> v.members().stream())
        .filter(m -> m.usd() != null)
        .map(m -> new Alone(m.member(), new CostPoint(m.usd(), m.quality())))
        .collect(Collectors.toCollection(LinkedHashSet::new))
        .stream()
        .toList();
  }

  private static List<Alone> oracles(ComparisonItem compared) {
    return compared.versions().stream()
        .map(ComparisonItem.Compared::oracle)
        .filter(o -> o != null && o.usd() != null)
        .map(o -> new Alone("oracle", new CostPoint(o.usd(), o.quality())))
        .distinct()
        .toList();
  }

  private static String hull(List<Alone> members, Frame frame) {
    if (members.size() < 2) {
      return "";
    }
    return points(
        CostCurve.of(
                members.stream()
                    .map(m -> new CostCurve.Point(m.point().usd(), m.point().quality()))
                    .toList())
            .hull()
            .stream()
            .map(p -> frame.dot(new CostPoint(p.usd(), p.quality()), "", ""))
            .toList());
  }

  /** What the dataset says of its costs; those of before were told in US dollars. */
  static String costs(ComparisonItem compared) {
    List<String> units = units(compared);
    if (units.size() > 1) {
      return "Cost, which is not in the same for all: " + String.join(", ", units);
    }
    return switch (units.isEmpty() ? "" : units.getFirst()) {
      case "usd_per_million_tokens" -> "US dollars per million tokens, list price";
      case "relative" -> "Cost of a query, relative";
      default -> "US dollars a query";
    };
  }

  private static List<String> units(ComparisonItem compared) {
    return compared.versions().stream()
        .map(ComparisonItem.Compared::costUnit)
        .filter(unit -> unit != null)
        .distinct()
        .toList();
  }

  private static String points(List<Dot> dots) {
    return dots.stream().map(d -> d.x() + "," + d.y()).collect(Collectors.joining(" "));
  }

  private static List<Tick> ticks(Span span, DoubleUnaryOperator place) {
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

  /** What lies where. */
  private record Frame(Span cost, Span quality) {

    static double x(double share) {
      return LEFT + share * (RIGHT - LEFT);
    }

    static double y(double share) {
      return BOTTOM - share * (BOTTOM - TOP);
    }

    Dot dot(CostPoint point, String name, String who) {
      String says = "cost %s, quality %s".formatted(shown(point.usd()), shown(point.quality()));
      return new Dot(
          number(x(cost.share(point.usd()))),
          number(y(quality.share(point.quality()))),
          name,
          who.isEmpty() ? says : who + ": " + says,
          cost.share(point.usd()) > 0.6);
    }
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
