package dev.tutti.numerics.answer;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The date that a text ends in, in one spelling. */
final class DateAnswer {

  /** Beyond it no more of a text is looked at than its end. */
  private static final int LONGEST = 65_536;

  private static final String MONTHS =
      "(?<%s>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
          + "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))\\b\\.?";

  private static final String FIRST = "(?i:st|nd|rd|th|\\.)?";

  private static final Pattern DATE =
      Pattern.compile(
          "(?<![\\p{L}\\d])(?:"
              + "(?<y1>\\d{4})(?<s1>[-/.])(?<m1>\\d{1,2})\\k<s1>(?<d1>\\d{1,2})"
              + "|(?<p>\\d{1,2})(?<s2>[-/.])(?<q>\\d{1,2})\\k<s2>(?<y2>\\d{4})"
              + ("|(?<d3>\\d{1,2})" + FIRST + "[ -](?:of )?" + MONTHS.formatted("m3"))
              + ",?[ -](?<y3>\\d{4})"
              + ("|" + MONTHS.formatted("m4") + " (?<d4>\\d{1,2})" + FIRST + ",? (?<y4>\\d{4})")
              + ("|" + MONTHS.formatted("m5") + ",? (?<y5>\\d{4})")
              + "|(?<y6>\\d{4})-(?<m6>0[1-9]|1[0-2])"
              + ")(?![\\p{L}&&[^T]]|\\d|[-/.]\\d)");

  private static final Pattern AROUND =
      Pattern.compile(
          "(?:[\\s.,;:!*_()\\[\\]\"'`]|\\b(?i:on|the|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?"
              + "|sun)(?i:day)?\\b|T?\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?Z?)*+");

  private DateAnswer() {}

  /**
   * The marked date ({@link AnswerMark}) where the text marks one, else its last one, as {@code
   * 2024-04-03}; a month of a year is {@code 2024-04}. Read are {@code 2024-4-3}, {@code 3 April
   * 2024}, {@code April 3rd, 2024}, {@code 3.4.2024} (the day first, as wherever dates have
   * points), and with slashes or hyphens what can be only one date: {@code 13/04/2024}, {@code
   * 04/13/2024}, {@code 4/4/2024}. {@code 03/04/2024} may be one of two: it equals what is written
   * with the same numbers in the same order, {@code 3/4/2024}, and no other. A time of day falls
   * away. A day that there is not, or a year of two digits, is no date.
   */
  static Optional<String> canonical(String text) {
    String end = end(text);
    List<String> marked = AnswerMark.marked(end);
    return marked.isEmpty()
        ? last(end)
        : marked.stream().flatMap(part -> first(part).stream()).findFirst();
  }

  /** Whether the text says on purpose that a date is the answer: marked, or nothing else. */
  static boolean isPlain(String text) {
    String end = end(text);
    List<String> marked = AnswerMark.marked(end);
    if (!marked.isEmpty()) {
      return marked.stream().anyMatch(part -> first(part).isPresent());
    }
    Matcher matcher = DATE.matcher(end);
    return matcher.find()
        && date(matcher).isPresent()
        && AROUND.matcher(end.substring(0, matcher.start())).matches()
        && AROUND.matcher(end.substring(matcher.end())).matches();
  }

  private static String end(String text) {
    return text.substring(Math.max(0, text.length() - LONGEST));
  }

  private static Optional<String> first(String text) {
    Matcher matcher = DATE.matcher(text);
    while (matcher.find()) {
      Optional<String> date = date(matcher);
      if (date.isPresent()) {
        return date;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> last(String text) {
    Matcher matcher = DATE.matcher(text);
    Optional<String> last = Optional.empty();
    while (matcher.find()) {
      Optional<String> date = date(matcher);
      last = date.isPresent() ? date : last;
    }
    return last;
  }

  private static Optional<String> date(Matcher found) {
    if (found.group("y1") != null) {
      return date(found.group("y1"), number(found, "m1"), number(found, "d1"));
    }
    if (found.group("y2") != null) {
      return numbers(found.group("y2"), found.group("s2"), number(found, "p"), number(found, "q"));
    }
    if (found.group("y3") != null) {
      return date(found.group("y3"), month(found.group("m3")), number(found, "d3"));
    }
    if (found.group("y4") != null) {
      return date(found.group("y4"), month(found.group("m4")), number(found, "d4"));
    }
    return Optional.of(
        found.group("y6") != null
            ? found.group()
            : "%s-%02d".formatted(found.group("y5"), month(found.group("m5"))));
  }

  private static Optional<String> numbers(String year, String sign, int one, int other) {
    if (sign.equals(".") || one > 12 || one == other) {
      return date(year, other, one);
    }
    if (other > 12) {
      return date(year, one, other);
    }
    return one > 0 && other > 0
        ? Optional.of("%d/%d/%s".formatted(one, other, year))
        : Optional.empty();
  }

  private static Optional<String> date(String year, int month, int day) {
    try {
      return Optional.of(LocalDate.of(Integer.parseInt(year), month, day).toString());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int number(Matcher found, String group) {
    return Integer.parseInt(found.group(group));
  }

  private static int month(String name) {
    String three = name.substring(0, 3).toLowerCase(Locale.ROOT);
    return "janfebmaraprmayjunjulaugsepoctnovdec".indexOf(three) / 3 + 1;
  }
}
