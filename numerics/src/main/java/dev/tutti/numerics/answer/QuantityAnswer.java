package dev.tutti.numerics.answer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The number that a text ends in, with its unit, in one unit of each kind. */
final class QuantityAnswer {

  private static final int LONGEST = 65_536;
  private static final int LONGEST_NUMBER = 100;

  private static final Pattern QUANTITY =
      Pattern.compile(
          "(?<![\\p{L}\\d_]|\\d\\.)(?<sign>[-+])?+(?<currency>[$€£])?+\\s?+"
              + "(?<value>(?:\\d{1,3}(?:,\\d{3})++(?!\\d)|\\d++)(?:\\.\\d++)?+|\\.\\d++)"
              + "(?:[eE](?<exponent>[-+]?\\d{1,2})(?!\\d|\\.\\d))?+"
              + "(?:/(?<divisor>\\d++)(?!\\d|/|\\.\\d))?+"
              + "(?:[\\s\u00a0]?+(?<times>thousand|million|billion|trillion)\\b)?+"
              + "(?:[\\s\u00a0-]?+(?<unit>°\\s?+[CF]\\b|%|(?:km|mi|m|miles?)\\s?+(?:/|per)\\s?+(?:hours?|h|seconds?|s)\\b"
              + "|[\\p{L}µμ]++[²³]?+))?+");

  private static final Pattern AROUND = Pattern.compile("[\\s.,;:!*_()\\[\\]\"'`=≈]*+");

  /**
   * What a unit is worth.
   *
   * @param of the unit of its kind
   * @param above over {@code below}: how many of those it is
   * @param offset added before
   */
  private record Unit(String of, BigDecimal above, BigDecimal below, BigDecimal offset) {}

  /** What follows a number and is no unit. */
  private static final Set<String> WORDS =
      Set.of(
          "a", "and", "as", "at", "because", "but", "by", "for", "from", "if", "in", "is", "of",
          "on", "or", "since", "so", "that", "the", "then", "to", "was", "which", "with");

  private static final Map<String, Integer> TIMES =
      Map.of("thousand", 3, "million", 6, "billion", 9, "trillion", 12);

  private static final Map<String, Unit> UNITS = units();

  private QuantityAnswer() {}

  /**
   * The marked quantity ({@link AnswerMark}) where the text marks one, else its last one, as a
   * number and a unit: metres, grams, seconds, litres, metres a second, kelvins, joules, watts,
   * bytes (k is 1,000, Ki 1,024), US dollars, euros, pounds, per cent. {@code 1.5 km} is {@code
   * 1500 m}, {@code 90 min} is {@code 5400 s}. Factors are exact; what does not end is a quotient,
   * {@code 5/18 m/s}. Letters that mean two units by their case ({@code mW}, {@code MW}) are read
   * by it. Thousand, million, billion and trillion count. A word that is no known unit stays, in
   * small letters ({@code 3 apples}); a number without one is a number.
   */
  static Optional<String> canonical(String text) {
    String end = end(text);
    List<String> marked = AnswerMark.marked(end);
    return marked.isEmpty()
        ? last(end)
        : marked.stream().flatMap(part -> first(part).stream()).findFirst();
  }

  /** Whether the text says on purpose that a number of a known unit is the answer. */
  static boolean isPlain(String text) {
    String end = end(text);
    for (String part : parts(end)) {
      Matcher matcher = QUANTITY.matcher(part);
      if (matcher.find()
          && matcher.group("unit") != null
          && unit(matcher.group("unit")) != null
          && AROUND.matcher(part.substring(0, matcher.start())).matches()
          && AROUND.matcher(part.substring(matcher.end())).matches()) {
        return quantity(matcher).isPresent();
      }
    }
    return false;
  }

  private static List<String> parts(String text) {
    List<String> marked = AnswerMark.marked(text);
    return marked.isEmpty() ? List.of(text) : marked;
  }

  private static String end(String text) {
    return AnswerMark.withoutLatex(text.substring(Math.max(0, text.length() - LONGEST)))
        .replace('\u2212', '-');
  }

  private static Optional<String> first(String text) {
    Matcher matcher = QUANTITY.matcher(text);
    return matcher.find() ? quantity(matcher) : Optional.empty();
  }

  private static Optional<String> last(String text) {
    Matcher matcher = QUANTITY.matcher(text);
    Optional<String> last = Optional.empty();
    while (matcher.find()) {
      last = quantity(matcher);
    }
    return last;
  }

  private static Optional<String> quantity(Matcher found) {
    if (found.end() - found.start() > LONGEST_NUMBER) {
      return Optional.empty();
    }
    String exponent = found.group("exponent") == null ? "" : "E" + found.group("exponent");
    BigDecimal value = new BigDecimal(found.group("value").replace(",", "") + exponent);
    if ("-".equals(found.group("sign"))) {
      value = value.negate();
    }
    if (found.group("times") != null) {
      value = value.movePointRight(TIMES.get(found.group("times")));
    }
    BigDecimal below = BigDecimal.ONE;
    if (found.group("divisor") != null) {
      below = new BigDecimal(found.group("divisor"));
      if (below.signum() == 0) {
        return Optional.empty();
      }
    }
    String written =
        found.group("currency") == null ? found.group("unit") : found.group("currency");
    if (written == null || WORDS.contains(written.toLowerCase(Locale.ROOT))) {
      return Optional.of(quotient(value, below));
    }
    Unit unit = unit(written);
    if (unit == null) {
      return Optional.of(quotient(value, below) + " " + unknown(written));
    }
    BigDecimal above = value.add(unit.offset().multiply(below)).multiply(unit.above());
    return Optional.of(quotient(above, below.multiply(unit.below())) + " " + unit.of());
  }

  /** Of short ones the case may matter. */
  private static String unknown(String written) {
    return written.length() <= 2 ? written : written.toLowerCase(Locale.ROOT);
  }

  private static String quotient(BigDecimal above, BigDecimal below) {
    int scale = Math.max(0, Math.max(above.scale(), below.scale()));
    BigInteger one = above.movePointRight(scale).toBigIntegerExact();
    BigInteger other = below.movePointRight(scale).toBigIntegerExact();
    BigInteger common = one.gcd(other);
    try {
      return plain(new BigDecimal(one.divide(common)).divide(new BigDecimal(other.divide(common))));
    } catch (ArithmeticException e) {
      return one.divide(common) + "/" + other.divide(common);
    }
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  /** By its case first, as mW and MW differ; null where it is not known. */
  private static Unit unit(String written) {
    String one = written.replaceAll("\\s+", "").replace('\u03bc', '\u00b5');
    Unit exact = UNITS.get(one);
    if (exact != null) {
      return exact;
    }
    // Of short ones only the case tells what they are.
    String small = one.toLowerCase(Locale.ROOT);
    return one.length() <= 2 && !one.equals(small) ? null : UNITS.get(small);
  }

  private static Map<String, Unit> units() {
    var units = new HashMap<String, Unit>();
    add(units, "m", "1", "m metre metres meter meters");
    add(units, "m", "1000", "km kilometre kilometres kilometer kilometers");
    add(units, "m", "0.01", "cm centimetre centimetres centimeter centimeters");
    add(units, "m", "0.001", "mm millimetre millimetres millimeter millimeters");
    add(units, "m", "0.000001", "µm micrometre micrometres micrometer micrometers");
    add(units, "m", "0.000000001", "nm nanometre nanometres nanometer nanometers");
    add(units, "m", "1609.344", "mi mile miles");
    add(units, "m", "0.9144", "yd yard yards");
    add(units, "m", "0.3048", "ft foot feet");
    add(units, "m", "0.0254", "inch inches");
    add(units, "g", "1", "g gram grams gramme grammes");
    add(units, "g", "1000", "kg kilogram kilograms kilo kilos");
    add(units, "g", "0.001", "mg milligram milligrams");
    add(units, "g", "0.000001", "µg microgram micrograms");
    add(units, "g", "1000000", "t tonne tonnes");
    add(units, "g", "453.59237", "lb lbs pound pounds");
    add(units, "g", "28.349523125", "oz ounce ounces");
    add(units, "s", "1", "s sec secs second seconds");
    add(units, "s", "0.001", "ms millisecond milliseconds");
    add(units, "s", "0.000001", "µs microsecond microseconds");
    add(units, "s", "60", "min mins minute minutes");
    add(units, "s", "3600", "h hr hrs hour hours");
    add(units, "s", "86400", "d day days");
    add(units, "s", "604800", "week weeks");
    add(units, "l", "1", "l L litre litres liter liters");
    add(units, "l", "0.001", "ml mL millilitre millilitres milliliter milliliters");
    add(units, "l", "0.01", "cl cL centilitre centilitres centiliter centiliters");
    add(units, "m/s", "1", "m/s mps");
    add(units, "J", "1", "J joule joules");
    add(units, "J", "1000", "kJ kilojoule kilojoules");
    add(units, "J", "4.184", "cal calorie calories");
    add(units, "J", "4184", "kcal kilocalorie kilocalories");
    add(units, "J", "3600000", "kWh kilowatt-hour");
    add(units, "W", "1", "W watt watts");
    add(units, "W", "0.001", "mW milliwatt milliwatts");
    add(units, "W", "1000", "kW kilowatt kilowatts");
    add(units, "W", "1000000", "MW megawatt megawatts");
    add(units, "B", "1", "B byte bytes");
    add(units, "B", "1000", "kB KB kilobyte kilobytes");
    add(units, "B", "1000000", "MB megabyte megabytes");
    add(units, "B", "1000000000", "GB gigabyte gigabytes");
    add(units, "B", "1000000000000", "TB terabyte terabytes");
    add(units, "B", "1024", "KiB kibibyte kibibytes");
    add(units, "B", "1048576", "MiB mebibyte mebibytes");
    add(units, "B", "1073741824", "GiB gibibyte gibibytes");
    add(units, "USD", "1", "$ USD usd dollar dollars");
    add(units, "USD", "0.01", "cent cents");
    add(units, "EUR", "1", "€ EUR eur euro euros");
    add(units, "GBP", "1", "£ GBP gbp");
    add(units, "%", "1", "% percent");
    add(units, "K", "1", "K kelvin kelvins");
    for (String hour : List.of("h", "hour")) {
      units.put("km/" + hour, new Unit("m/s", number("5"), number("18"), BigDecimal.ZERO));
      units.put("kmper" + hour, new Unit("m/s", number("5"), number("18"), BigDecimal.ZERO));
      units.put("mi/" + hour, new Unit("m/s", number("0.44704"), number("1"), BigDecimal.ZERO));
      units.put(
          "milesper" + hour, new Unit("m/s", number("0.44704"), number("1"), BigDecimal.ZERO));
    }
    units.put("kmh", units.get("km/h"));
    units.put("kph", units.get("km/h"));
    units.put("mph", units.get("mi/h"));
    units.put("°C", new Unit("K", BigDecimal.ONE, BigDecimal.ONE, number("273.15")));
    units.put("celsius", units.get("°C"));
    units.put("°F", new Unit("K", number("5"), number("9"), number("459.67")));
    units.put("fahrenheit", units.get("°F"));
    return Map.copyOf(units);
  }

  private static void add(Map<String, Unit> units, String of, String factor, String names) {
    for (String name : names.split(" ")) {
      units.put(name, new Unit(of, number(factor), BigDecimal.ONE, BigDecimal.ZERO));
    }
  }

  private static BigDecimal number(String written) {
    return new BigDecimal(written);
  }
}
