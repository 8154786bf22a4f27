package dev.tutti.registry.console;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Numbers over time as a drawing of 480 by 230 units: time to the right, the numbers upwards from
 * 0.
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
  private static final int MOST_TIMES = 5;

  /**
   * One number over time.
   *
   * @param name of it
   * @param place among the lines, from 1; says its look
   * @param runs each for the attribute {@code points}; a time without a number lies between two
   * @param dots where the numbers are, and what they say
   */
  public record Line(String name, int place, List<String> runs, List<Dot> dots) {}

  /** A number. */
  public record Dot(String x, String y, String title) {}

  /** A text beside an axis, and how far along it is. */
  public record Tick(String at, String text) {}

  /**
   * What is drawn.
   *
   * @param name of it
   * @param values by time; null where there is none
   */
  record Series(String name, List<Double> values) {}

  /**
   * Draws.
   *
   * @param times at least one
   * @param seconds between two times; below a day the hour is told, else the day
   * @param series of as many values as there are times
   */
  static StepChart of(String title, List<Instant> times, long seconds, List<Series> series) {
    double most =
        series.stream()
            .flatMap(s -> s.values().stream())
            .filter(v -> v != null)
            .mapToDouble(Double::doubleValue)
            .max()
            .orElse(0);
    double least =
        series.stream()
            .flatMap(s -> s.values().stream())
            .filter(v -> v != null)
            .mapToDouble(Double::doubleValue)
            .min()
            .orElse(0);
    var scale = Scale.of(Math.min(0, least), Math.max(0, most));
    DateTimeFormatter format =
        DateTimeFormatter.ofPattern(seconds < 86_400 / 4 ? "HH:mm" : "d MMM", Locale.ROOT)
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
    var runs = new ArrayList<List<String>>();
    boolean open = false;
    for (int i = 0; i < times.size(); i++) {
      Double value = series.values().get(i);
      if (value == null) {
        open = false;
        continue;
      }
      var dot =
          new Dot(
              number(x(i, times.size())),
              number(scale.y(value)),
              "%s: %s".formatted(format.format(times.get(i)), shown(value)));
      dots.add(dot);
      if (!open) {
        runs.add(new ArrayList<>());
        open = true;
      }
      runs.getLast().add(dot.x() + "," + dot.y());
    }
    return new Line(
        series.name(),
        place,
        runs.stream().map(run -> run.stream().collect(Collectors.joining(" "))).toList(),
        dots);
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
