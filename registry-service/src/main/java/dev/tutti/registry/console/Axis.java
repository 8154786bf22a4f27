package dev.tutti.registry.console;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * From the least to the greatest of some values.
 *
 * @param logarithmic whether equal steps are equal ratios
 */
public record Axis(double least, double most, boolean logarithmic) {

  private static final int TICKS = 4;

  /** The dearest costs so many times the cheapest before ratios are shown. */
  private static final double WIDE = 20;

  /** A number beside an axis, and how far along it is. */
  public record Tick(String at, String text) {}

  /** Equal steps; a single value lies in the middle. */
  static Axis of(Collection<Double> values) {
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    double room = least == most ? Math.max(Math.abs(least) / 2, 1e-9) : 0;
    return new Axis(least - room, most + room, false);
  }

  /** Equal ratios where the values are that far apart, and all above 0. */
  static Axis ofCosts(Collection<Double> values) {
    Axis axis = of(values);
    return axis.least() > 0 && axis.most() / axis.least() > WIDE
        ? new Axis(axis.least(), axis.most(), true)
        : axis;
  }

  /** Where a value lies: 0 for the least, 1 for the greatest. */
  double share(double value) {
    return logarithmic
        ? Math.log(value / least) / Math.log(most / least)
        : (value - least) / (most - least);
  }

  /** The value at this share of the way. */
  double at(double share) {
    return logarithmic ? least * Math.pow(most / least, share) : least + share * (most - least);
  }

  /** Numbers beside it. */
  List<Tick> ticks(DoubleUnaryOperator place) {
    var ticks = new ArrayList<Tick>();
    for (int i = 0; i <= TICKS; i++) {
      double share = (double) i / TICKS;
      ticks.add(new Tick(units(place.applyAsDouble(share)), shown(at(share))));
    }
    return ticks;
  }

  /** A place in a drawing. */
  static String units(double units) {
    return String.format(Locale.ROOT, "%.1f", units);
  }

  /** A value, in three digits. */
  static String shown(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
