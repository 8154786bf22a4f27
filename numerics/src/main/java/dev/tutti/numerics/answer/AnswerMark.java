package dev.tutti.numerics.answer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a text says itself which part of it is the answer. */
final class AnswerMark {

  // Possessive quantifiers: no input makes the search backtrack.
  private static final Pattern MARK =
      Pattern.compile(
          "####\\s*+|\\\\boxed\\s*+\\{"
              + "|\\b(?i:answer|option|choice)\\b[*_]*+\\s*+(?:(?i:is)\\b\\s*+:?+|[:=])[*_]*+\\s*+");

  /**
   * What may follow {@code ####} where it is a mark and no heading: a number, or a letter alone.
   */
  private static final Pattern HASHED =
      Pattern.compile("[\\s(\\[{*_]*+(?:[-+\u2212]?[$€£]?\\.?\\d.*|[A-Za-z][\\s)\\]}.:*_]*+)");

  private static final Pattern FRACTION =
      Pattern.compile("\\\\[dt]?frac\\s*+\\{(-?\\d++)\\}\\s*+\\{(\\d++)\\}");

  private static final Pattern WORDS = Pattern.compile("\\\\(?:text|mathrm|mathbf)\\{([^{}]*+)\\}");

  private static final int MOST_MARKS = 16;

  private AnswerMark() {}

  /**
   * What follows each of {@code ####}, {@code \boxed{...}}, "answer is" and "answer:" (option and
   * choice alike), up to the end of that line; the last one first, none where the text has no such
   * mark. {@code ####} before other words, unless on the last line, is a heading.
   */
  static List<String> marked(String text) {
    Matcher matcher = MARK.matcher(text);
    // Whoever marks more often than that is read from the end; it also bounds the work.
    var last = new ArrayDeque<MatchResult>();
    while (matcher.find()) {
      last.addFirst(matcher.toMatchResult());
      if (last.size() > MOST_MARKS) {
        last.removeLast();
      }
    }
    var parts = new ArrayList<String>();
    for (MatchResult mark : last) {
      int start = mark.end();
      boolean boxed = text.charAt(start - 1) == '{';
      String part = text.substring(start, boxed ? closing(text, start) : lineEnd(text, start));
      boolean heading =
          mark.group().startsWith("####")
              && !HASHED.matcher(part).matches()
              && !text.substring(lineEnd(text, start)).isBlank();
      if (!heading) {
        parts.add(part);
      }
    }
    return parts;
  }

  /** The text with LaTeX's fractions, thousands separators, thin spaces and words as plain text. */
  static String withoutLatex(String text) {
    if (text.indexOf('\\') < 0 && !text.contains("{,}")) {
      return text;
    }
    String plain = FRACTION.matcher(text).replaceAll("$1/$2");
    plain = WORDS.matcher(plain).replaceAll("$1");
    return plain.replace("{,}", ",").replace("\\,", "").replace("\\!", "");
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
