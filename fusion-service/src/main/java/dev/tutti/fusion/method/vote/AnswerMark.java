package dev.tutti.fusion.method.vote;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a text says itself which part of it is the answer. */
final class AnswerMark {

  // Possessive quantifiers: no input makes the search backtrack.
  private static final Pattern MARK =
      Pattern.compile(
          "####\\s*+|\\\\boxed\\s*+\\{"
              + "|\\b(?i:answer|option|choice)\\b[*_]*+\\s*+(?:(?i:is)\\b\\s*+:?+|[:=])[*_]*+\\s*+");

  private AnswerMark() {}

  /**
   * What follows the last of {@code ####}, {@code \boxed{...}}, "answer is" and "answer:" (option
   * and choice alike), up to the end of that line; empty where the text has no such mark.
   */
  static Optional<String> marked(String text) {
    Matcher matcher = MARK.matcher(text);
    int start = -1;
    boolean boxed = false;
    while (matcher.find()) {
      start = matcher.end();
      boxed = text.charAt(start - 1) == '{';
    }
    if (start < 0) {
      return Optional.empty();
    }
    return Optional.of(text.substring(start, boxed ? closing(text, start) : lineEnd(text, start)));
  }

  private static int lineEnd(String text, int start) {
    int end = text.indexOf('\n', start);
    return end < 0 ? text.length() : end;
  }

  private static int closing(String text, int start) {
    int open = 1;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        open++;
      } else if (c == '}' && --open == 0) {
        return i;
      }
    }
    return text.length();
  }
}
