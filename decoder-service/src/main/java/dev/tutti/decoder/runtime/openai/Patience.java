package dev.tutti.decoder.runtime.openai;

import java.time.Duration;

/**
 * How long an endpoint is waited for. Any byte is a sign of life and renews the wait for the next
 * one; without a word among them the signs keep it alive for a bounded time only. Confined to one
 * thread.
 */
final class Patience {

  private final Duration alive;
  private long heard;
  private long said;

  /**
   * Begins to wait.
   *
   * @param alive longest time in which signs of life may come without a word; where silence may
   *     last longer than that, this may too
   * @param start since when, by {@link System#nanoTime}
   */
  Patience(Duration alive, long start) {
    this.alive = alive;
    this.heard = start;
    this.said = start;
  }

  /** A sign of life came. */
  void heard() {
    heard = System.nanoTime();
  }

  /** A word came, not only a sign of life. */
  void said() {
    said = System.nanoTime();
  }

  /**
   * How long the next byte may take; zero or less where it has taken too long.
   *
   * @param limit of the silence
   */
  Duration left(Duration limit) {
    long now = System.nanoTime();
    Duration silence = limit.minusNanos(now - heard);
    Duration wordless = max(alive, limit).minusNanos(now - said);
    return silence.compareTo(wordless) < 0 ? silence : wordless;
  }

  /**
   * The failure that it took too long.
   *
   * @param what was waited for
   * @param limit of the silence
   */
  EndpointException over(String endpoint, String what, Duration limit) {
    return System.nanoTime() - heard >= limit.toNanos()
        ? EndpointFailures.silent(endpoint, what, limit)
        : EndpointFailures.wordless(endpoint, what, max(alive, limit));
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
