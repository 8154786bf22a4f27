package dev.tutti.router.api.admin;

import dev.tutti.router.api.openai.ApiException;

/** Who asks for a change, as the header {@value #HEADER} says, until calls carry keys. */
final class Caller {

  static final String HEADER = "X-Tutti-User";

  private static final int LONGEST = 128;

  private Caller() {}

  /** 1 to {@value #LONGEST} printable ASCII characters; "anonymous" where nobody said. */
  static String author(String header) {
    String author = header == null || header.isBlank() ? "anonymous" : header.strip();
    if (author.length() > LONGEST || author.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw ApiException.invalid(
          "invalid_value",
          HEADER,
          "%s must have 1 to %d printable ASCII characters.".formatted(HEADER, LONGEST));
    }
    return author;
  }
}
