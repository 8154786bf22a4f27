package dev.tutti.router.database;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Times that somebody gives and the database can hold. */
public final class Instants {

  /** Before anything that the database can hold. */
  public static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

  /** After it. */
  public static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

  private Instants() {}

  /** A time such as 2026-11-26T00:00:00Z; empty where the text is none. */
  public static Optional<Instant> parse(String text) {
    try {
      Instant instant = Instant.parse(text);
      return instant.isAfter(FIRST) && instant.isBefore(END)
          ? Optional.of(instant)
          : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
