package dev.tutti.registry.console;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Numbers over time as a drawing of 480 by 230 units: time to the right, the numbers upwards.
 *
 * @param title of the drawing, with the unit
 * @param lines in the order of their looks
 * @param times along the bottom
 * @param numbers along the left
 */
public record StepChart(String title, List<Line> lines, List<Tick> times, List<Tick> numbers) {

  private static final double LEFT = 60;
  private static final double RIGHT = 465;
  private static final double TOP = 12;
  private static final double BOTTOM = 195;
  private static final double DOT = 3;
  private static final int MOST_TIMES = 5;
  private static final long QUARTER_DAY = 21_600;

  /**
   * One number over time.
   *
   * @param name of it
   * @param place among the lines, from 1; says its look
   * @param runs each for the attribute {@code points}; a time without a number lies between two
   * @param bands of the intervals, each for the attribute {@code points}
   * @param dots where the numbers are, and what they say
   */
  public record Line(
      String name, int place, List<String> runs, List<String> bands, List<Dot> dots) {}

  /** A number. */
  public record Dot(String x, String y, String title) {}

  /** A text beside an axis, and how far along it is. */
  public record Tick(String at, String text) {}

  /**
   * What is drawn.
   *
   * @param name of it
   * @param values by time; null where there is none
   * @param low where its interval begins, by time; empty without intervals
   * @param high where its interval ends
   */
  record Series(String name, List<Double> values, List<Double> low, List<Double> high) {

    Series(String name, List<Double> values) {
      this(name, values, List.of(), List.of());
    }

    private Stream<Double> all() {
      return Stream.of(values, low, high).flatMap(List::stream).filter(Objects::nonNull);
    }
  }

  /**
   * Draws, from 0 on.
   *
   * @param times at least one
   * @param seconds between two times; below a day the hour is told, else the day
   * @param series of as many values as there are times
   */
  static StepChart of(String title, List<Instant> times, long seconds, List<Series> series) {
    double least = Math.min(0, numbers(series).min().orElse(0));
    double most = Math.max(0, numbers(series).max().orElse(0));
    return draw(title, times, seconds, series, Scale.of(least, most));
  }

  /** Draws, from the least number to the greatest. */
  static StepChart between(String title, List<Instant> times, long seconds, List<Series> series) {
    double least = numbers(series).min().orElse(0);
    return draw(
        title, times, seconds, series, Scale.of(least, numbers(series).max().orElse(least)));
  }

  private static DoubleStream numbers(List<Series> series) {
    return series.stream().flatMap(Series::all).mapToDouble(Double::doubleValue);
  }

  private static StepChart draw(
      String title, List<Instant> times, long seconds, List<Series> series, Scale scale) {
    DateTimeFormatter format =
        DateTimeFormatter.ofPattern(seconds < QUARTER_DAY ? "HH:mm" : "d MMM", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    var lines = new ArrayList<Line>();
    for (Series one : series) {
      lines.add(line(one, lines.size() + 1, times, scale, format));
    }
    return new StepChart(title, lines, along(times, format), scale.ticks());
  }

  private static Line line(
      Series series, int place, List<Instant> times, Scale scale, DateTimeFormatter format) {
    var dots = new ArrayList<Dot>();
    var runs = new ArrayList<List<Integer>>();
    boolean open = false;
    for (int i = 0; i < times.size(); i++) {
      Double value = series.values().get(i);
      if (value == null) {
        open = false;
        continue;
      }
      if (!open) {
        runs.add(new ArrayList<>());
        open = true;
      }
      runs.getLast().add(i);
      dots.add(
          new Dot(
              number(x(i, times.size())),
              number(scale.y(value)),
              "%s: %s".formatted(format.format(times.get(i)), shown(value))));
    }
    List<String> bands =
        series.low().isEmpty()
            ? List.of()
            : runs.stream()
                .map(
                    run ->
                        band(run, times.size(), series.low(), scale, -1)
                            + " "
                            + band(run.reversed(), times.size(), series.high(), scale, 1))
                .toList();
    return new Line(
        series.name(),
        place,
        runs.stream().map(run -> points(run, times.size(), series.values(), scale)).toList(),
        bands,
        dots);
  }

  /** One edge of a band; that of a single number is as wide as a dot, to be seen. */
  private static String band(
      List<Integer> run, int count, List<Double> values, Scale scale, int forth) {
    if (run.size() > 1) {
      return points(run, count, values, scale);
    }
    double x = x(run.getFirst(), count);
    String y = number(scale.y(values.get(run.getFirst())));
    return "%s,%s %s,%s".formatted(number(x + forth * DOT), y, number(x - forth * DOT), y);
  }

  private static String points(List<Integer> run, int count, List<Double> values, Scale scale) {
    return run.stream()
        .map(i -> number(x(i, count)) + "," + number(scale.y(values.get(i))))
        .collect(Collectors.joining(" "));
  }

  private static List<Tick> along(List<Instant> times, DateTimeFormatter format) {
    var ticks = new ArrayList<Tick>();
    int every = Math.ceilDiv(times.size(), MOST_TIMES);
    for (int i = 0; i < times.size(); i += every) {
      ticks.add(new Tick(number(x(i, times.size())), format.format(times.get(i))));
    }
    return ticks;
  }

  private static double x(int place, int count) {
    return count == 1 ? (LEFT + RIGHT) / 2 : LEFT + 8 + (RIGHT - LEFT - 16) * place / (count - 1);
  }

  private static String number(double units) {
    return String.format(Locale.ROOT, "%.1f", units);
  }

  /** To three digits that count. */
  private static String shown(double value) {
    return value == 0
        ? "0"
        : new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }

  /** From one round number to another, by a round step. */
  private record Scale(double from, double step, int steps) {

    static Scale of(double least, double most) {
      double top = most > least ? most : least + 1;
      double span = top - least;
      double power = Math.pow(10, Math.floor(Math.log10(span / 4)));
      double step = power;
      for (double factor : new double[] {1, 2, 5, 10}) {
        step = factor * power;
        if (span / step <= 4) {
          break;
        }
      }
      double from = Math.floor(least / step) * step;
      return new Scale(from, step, Math.max(1, (int) Math.ceil((top - from) / step - 1e-9)));
    }

    double y(double value) {
      return BOTTOM - (value - from) / (step * steps) * (BOTTOM - TOP);
    }

    List<Tick> ticks() {
      var ticks = new ArrayList<Tick>();
      for (int i = 0; i <= steps; i++) {
        double value = from + i * step;
        ticks.add(new Tick(number(y(value)), shown(value)));
      }
      return ticks;
    }
  }
}
