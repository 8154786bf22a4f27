package dev.tutti.decoder.sampling;

/** Refuses what a request may not say. */
final class Allowed {

  private Allowed() {}

  /**
   * Refuses a value.
   *
   * @throws IllegalArgumentException names it and what is allowed
   */
  static void require(boolean holds, String name, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s is %s; it must be %s.".formatted(name, value, allowed));
    }
  }
}
