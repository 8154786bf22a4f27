package dev.tutti.router.activity;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The lengths of time by which requests are summed up. Each has rows of its own, so that no period
 * needs many; the first moment of a step is a whole multiple of its length since 1970, UTC.
 */
public enum Step {
  /** An hour has twelve. */
  FIVE_MINUTES(Duration.ofMinutes(5), 12, Duration.ofDays(2)),
  /** A day has 24. */
  HOUR(Duration.ofHours(1), 24, Duration.ofDays(8)),
  /** A week has 28. */
  QUARTER_DAY(Duration.ofHours(6), 28, Duration.ofDays(60)),
  /** A month has thirty. */
  DAY(Duration.ofDays(1), 30, null);

  private final Duration length;
  private final int told;
  private final Duration kept;

  Step(Duration length, int told, Duration kept) {
    this.length = length;
    this.told = told;
    this.kept = kept;
  }

  /** How long one is. */
  public Duration length() {
    return length;
  }

  /** How many are told together. */
  int told() {
    return told;
  }

  /** How long its rows are kept; empty for ever. */
  Optional<Duration> kept() {
    return Optional.ofNullable(kept);
  }

  /** As the table has it. */
  int seconds() {
    return (int) length.toSeconds();
  }

  /** The first moment of the step that a moment is in. */
  Instant start(Instant time) {
    return Instant.ofEpochSecond(
        Math.floorDiv(time.getEpochSecond(), length.toSeconds()) * length.toSeconds());
  }
}
