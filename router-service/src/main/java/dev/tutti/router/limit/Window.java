package dev.tutti.router.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** In what time a limit is counted: a minute, day or month by the clock, UTC. */
enum Window {
  /** What a replica holds back is small only by its number. */
  MINUTE(ChronoUnit.MINUTES, 40, Duration.ofMinutes(1), Duration.ofMinutes(1)),
  /** What is lost with a replica that is killed is missed for a day. */
  DAY(ChronoUnit.DAYS, 200, Duration.ofDays(1), Duration.ofHours(1)),
  /** It is missed for a month. */
  MONTH(ChronoUnit.MONTHS, 1_000, Duration.ofDays(31), Duration.ofDays(1));

  private final ChronoUnit unit;
  private final int parts;
  private final Duration longest;
  private final Duration byItself;

  Window(ChronoUnit unit, int parts, Duration longest, Duration byItself) {
    this.unit = unit;
    this.parts = parts;
    this.longest = longest;
    this.byItself = byItself;
  }

  /** When the one of this moment began. */
  Instant begin(Instant now) {
    ZonedDateTime utc = now.atZone(ZoneOffset.UTC);
    return this == MONTH
        ? utc.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1).toInstant()
        : utc.truncatedTo(unit).toInstant();
  }

  /** When the next of this moment begins; later than it. */
  Instant end(Instant now) {
    return begin(now).atZone(ZoneOffset.UTC).plus(1, unit).toInstant();
  }

  /**
   * When the one began that ends in a while. Clocks may differ by minutes: what they say is half a
   * day off a boundary, or, of a minute, half of it.
   */
  Instant beganOf(Instant now, Duration untilEnd) {
    return begin(now.plus(untilEnd).minus(longest.dividedBy(this == MONTH ? 62 : 2)));
  }

  /** In how many parts replicas take a limit. */
  int parts() {
    return parts;
  }

  /** How long it is at most. */
  Duration longest() {
    return longest;
  }

  /**
   * For how long a replica grants by itself at once, where nobody tells it how the window stands.
   */
  Duration byItself() {
    return byItself;
  }

  /** Which part of a limit it then grants. */
  double share() {
    return (double) byItself.toSeconds() / longest.toSeconds();
  }

  /** For people. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
