package dev.tutti.registry.api;

import com.google.protobuf.ProtocolMessageEnum;
import dev.tutti.registry.Author;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.key.Team;
import dev.tutti.registry.v1.Lifecycle;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/** Query parameters and headers, read strictly: what is misspelt is refused, not taken for no. */
final class Parameters {

  private static final int LARGEST_PAGE = 200;
  private static final int DEFAULT_PAGE = 50;
  private static final int LONGEST_USER = 128;
  private static final int LONGEST_KEY = 128;
  private static final int LONGEST_TEXT = 2_000;

  /** Before anything that the database can hold. */
  static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

  /** After it. */
  static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

  private Parameters() {}

  static int limit(String text) {
    if (text == null) {
      return DEFAULT_PAGE;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= LARGEST_PAGE) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw Refusal.malformed(
        "limit", "limit must be a whole number from 1 to %d.".formatted(LARGEST_PAGE));
  }

  /** A whole number from 1 on. */
  static int positive(String parameter, String text) {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw Refusal.malformed(parameter, "%s must be a whole number from 1 on.".formatted(parameter));
  }

  /** A number within bounds; the usual one where the parameter is absent. */
  static double number(String parameter, String text, double least, double most, double usual) {
    if (text == null) {
      return usual;
    }
    try {
      double number = Double.parseDouble(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw Refusal.malformed(
        parameter, "%s must be a number from %s to %s.".formatted(parameter, least, most));
  }

  /** Name of a team; those without a key where it is absent. */
  static String team(String text) {
    if (text == null) {
      return Team.NOBODY;
    }
    if (!Team.isName(text) && !text.equals(Team.NOBODY)) {
      throw Refusal.malformed("team", "team is no name of a team, and not none.");
    }
    return text;
  }

  static boolean validateOnly(String text) {
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw Refusal.malformed("validate_only", "validate_only must be true or false.");
  }

  static Optional<Lifecycle> lifecycle(String text) {
    return word("lifecycle", text, Lifecycle.class);
  }

  /** A constant of the contracts, by its word; empty where the parameter is absent. */
  static <E extends Enum<E> & ProtocolMessageEnum> Optional<E> word(
      String parameter, String text, Class<E> type) {
    if (text == null) {
      return Optional.empty();
    }
    Map<String, E> words = ContractEnums.words(type);
    if (!words.containsKey(text)) {
      throw Refusal.malformed(
          parameter,
          "%s must be one of %s.".formatted(parameter, String.join(", ", words.keySet())));
    }
    return Optional.of(words.get(text));
  }

  /** A time; empty where the parameter is absent. */
  static Optional<Instant> time(String parameter, String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      Instant time = Instant.parse(text);
      if (time.isAfter(FIRST) && time.isBefore(END)) {
        return Optional.of(time);
      }
    } catch (DateTimeParseException e) {
      // Told below.
    }
    throw Refusal.malformed(
        parameter, "%s must be a time such as 2026-11-26T00:00:00Z.".formatted(parameter));
  }

  /** A name; empty where the parameter is absent. */
  static String name(String parameter, String text) {
    if (text != null && !Names.isName(text)) {
      throw Refusal.malformed(parameter, "%s is no name: %s.".formatted(parameter, Names.RULE));
    }
    return text == null ? "" : text;
  }

  /** Text of bounded length without control characters; empty where the parameter is absent. */
  static String text(String parameter, String text) {
    if (text == null) {
      return "";
    }
    if (text.length() > LONGEST_TEXT || text.chars().anyMatch(Character::isISOControl)) {
      throw Refusal.malformed(
          parameter,
          "%s must have at most %d characters, none of them a control character."
              .formatted(parameter, LONGEST_TEXT));
    }
    return text;
  }

  /** The header Idempotency-Key; empty where it is absent. */
  static String key(String header) {
    if (header == null) {
      return "";
    }
    if (header.isBlank()
        || header.length() > LONGEST_KEY
        || header.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw Refusal.malformed(
          "Idempotency-Key",
          "Idempotency-Key must have 1 to %d printable ASCII characters.".formatted(LONGEST_KEY));
    }
    return header;
  }

  static Author author(String header) {
    String user = header == null || header.isBlank() ? "anonymous" : header.strip();
    if (user.length() > LONGEST_USER || user.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw Refusal.malformed(
          "X-Tutti-User",
          "X-Tutti-User must have 1 to %d printable ASCII characters.".formatted(LONGEST_USER));
    }
    return new Author(user, Problem.currentTraceId());
  }
}
