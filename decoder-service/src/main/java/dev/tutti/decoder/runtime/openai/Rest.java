package dev.tutti.decoder.runtime.openai;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Until when an endpoint wants to be left alone. Thread-safe. */
final class Rest {

  /** After that it is asked whether it still means it: one wish must not end its use for good. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private final LongSupplier nanoTime;
  private long until;
  private long wishedUntil;

  /**
   * It has no wish yet.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  Rest(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.until = nanoTime.getAsLong();
    this.wishedUntil = until;
  }

  /** Notes a wish. The longest counts, until it is asked again: then it is its last word. */
  synchronized void wish(Duration rest) {
    long now = nanoTime.getAsLong();
    if (now - until >= 0) {
      wishedUntil = now;
    }
    until = later(until, now + Math.min(rest.toNanos(), LONGEST.toNanos()));
    wishedUntil = later(wishedUntil, now + rest.toNanos());
  }

  private static long later(long one, long other) {
    return other - one > 0 ? other : one;
  }

  /** How long it is left alone still; zero or less where it is not. */
  synchronized Duration left() {
    return Duration.ofNanos(until - nanoTime.getAsLong());
  }

  /** How long it wants to be left alone still; zero where it may be asked whether it does. */
  synchronized Duration wished() {
    long now = nanoTime.getAsLong();
    return until - now > 0 ? Duration.ofNanos(wishedUntil - now) : Duration.ZERO;
  }
}
