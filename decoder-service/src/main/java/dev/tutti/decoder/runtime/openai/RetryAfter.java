package dev.tutti.decoder.runtime.openai;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/** How long an endpoint wants to be left alone, as its headers say it. */
final class RetryAfter {

  /** Of any wish: longer ones overflow clocks. */
  private static final Duration LONGEST_REST = Duration.ofDays(36_500);

  /** The three that HTTP knows; of years in two digits those count that are nearest. */
  private static final List<DateTimeFormatter> HTTP_DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, LocalDate.now().minusYears(49))
              .appendPattern(" HH:mm:ss zzz")
              .toFormatter(Locale.ENGLISH),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
              .withZone(ZoneOffset.UTC));

  private RetryAfter() {}

  /**
   * How long it is.
   *
   * @param milliseconds of {@code retry-after-ms}, which says it best; null where there is none
   * @param retryAfter seconds or a date; null where there is none
   * @return zero where it does not say, or that time is over
   */
  static Duration of(String milliseconds, String retryAfter, Instant now) {
    Duration rest = number(milliseconds, 1);
    if (rest == null) {
      rest = number(retryAfter, 1_000);
    }
    if (rest == null) {
      rest = until(retryAfter, now);
    }
    if (rest.isNegative()) {
      return Duration.ZERO;
    }
    return rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
  }

  /** Null where it is no number. */
  private static Duration number(String text, int milliseconds) {
    return text != null && text.strip().matches("\\d{1,9}(\\.\\d{1,9})?")
        ? Duration.ofMillis((long) Math.ceil(Double.parseDouble(text.strip()) * milliseconds))
        : null;
  }

  private static Duration until(String date, Instant now) {
    for (DateTimeFormatter form : HTTP_DATES) {
      try {
        return Duration.between(now, form.parse(date == null ? "" : date.strip(), Instant::from));
      } catch (DateTimeException e) {
        // Perhaps another of the three forms.
      }
    }
    return Duration.ZERO;
  }
}
