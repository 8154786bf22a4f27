package dev.tutti.router.api.openai;

import dev.tutti.router.database.Instants;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Parameters after the question mark: none is dropped in silence. */
final class QueryParameters {

  private QueryParameters() {}

  /** Refuses what is not known, and what is given twice. */
  static void requireKnown(UriInfo uri, String... known) {
    List<String> names = Arrays.asList(known);
    uri.getQueryParameters()
        .forEach(
            (name, values) -> {
              if (!names.contains(name)) {
                throw ApiException.invalid(
                    "unknown_parameter",
                    cut(name),
                    "Unknown parameter: '%s'; known are %s."
                        .formatted(cut(name), names.isEmpty() ? "none" : String.join(", ", names)));
              }
              if (values.size() > 1) {
                throw ApiException.invalid(
                    "invalid_value", name, "%s is given %d times.".formatted(name, values.size()));
              }
            });
  }

  /** A whole number of 1 or more. */
  static int number(String name, String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw ApiException.invalid(
          "invalid_value",
          name,
          "%s is '%s'; it must be a whole number from 1 on.".formatted(name, cut(text)));
    }
    return Integer.parseInt(text);
  }

  /** A time. */
  static Instant instant(String name, String text) {
    return Instants.parse(text)
        .orElseThrow(
            () ->
                ApiException.invalid(
                    "invalid_value",
                    name,
                    "%s is '%s'; it must be a time such as 2026-11-26T00:00:00Z."
                        .formatted(name, cut(text))));
  }

  /** A text; empty where it is absent. PostgreSQL takes no U+0000, and would refuse the query. */
  static String text(String name, String text) {
    if (text != null && text.indexOf(0) >= 0) {
      throw ApiException.invalid(
          "invalid_value", name, "%s holds U+0000, which is no text.".formatted(name));
    }
    return text == null ? "" : text;
  }

  /** A text as an error shows it. */
  static String cut(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
