package dev.tutti.numerics.answer;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The letter of the option that a text chooses. */
final class ChoiceAnswer {

  private static final String OPEN = "^[\\s(\\[{*_\"']*+";

  /** A letter and nothing else but brackets and punctuation. */
  private static final Pattern ALONE = Pattern.compile(OPEN + "([A-Za-z])[\\s)\\]}.:,*_\"']*+$");

  /**
   * After a mark: "C", "(c)", "option C", "C. Paris"; before a further word a bare letter could be
   * an article, a pronoun or a variable.
   */
  private static final Pattern MARKED =
      Pattern.compile(
          OPEN
              + "(?:(?i:the\\s++)?(?i:option|choice|letter)\\s++[(\\[*]*+)?"
              + "(?:([A-Z])(?=[)\\].:;,*_}\"']|$|\\s++(?:[-–(]|(?:because|since|as)\\b))"
              + "|([a-z])(?=[)\\].:*]|$))");

  /** At the beginning: "C. Paris", "C) Paris", "(C) Paris". */
  private static final Pattern LEADING =
      Pattern.compile("^\\s*+(?:\\(([A-Za-z])\\)|([A-Z])[).:])(?=\\s|$)");

  private static final Pattern BRACKETED = Pattern.compile("\\(([A-Z])\\)");

  /** At the end: "so it must be C." */
  private static final Pattern TRAILING =
      Pattern.compile("(?<![\\p{L}\\d'])([A-Z])[\\s)\\].:*_\"']*+$");

  private ChoiceAnswer() {}

  /**
   * The letter, in upper case: the marked one ({@link AnswerMark}) where the text marks one, else
   * the whole text, else the one that it begins with, else the one that it ends with. Empty where
   * it chooses none.
   */
  static Optional<String> canonical(String text) {
    String plain = AnswerMark.withoutLatex(text);
    List<String> marked = AnswerMark.marked(plain);
    if (!marked.isEmpty()) {
      return firstMarked(marked);
    }
    return letter(ALONE, plain)
        .or(() -> letter(LEADING, plain))
        .or(() -> letter(TRAILING, plain.stripTrailing()));
  }

  /** Whether the text says on purpose that a letter is the answer: marked, or nothing else. */
  static boolean isPlain(String text) {
    String plain = AnswerMark.withoutLatex(text);
    List<String> marked = AnswerMark.marked(plain);
    return (marked.isEmpty() ? letter(ALONE, plain) : firstMarked(marked)).isPresent();
  }

  private static Optional<String> firstMarked(List<String> parts) {
    return parts.stream().flatMap(part -> marked(part).stream()).findFirst();
  }

  private static Optional<String> marked(String rest) {
    return letter(MARKED, rest.strip()).or(() -> letter(BRACKETED, rest));
  }

  private static Optional<String> letter(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      return Optional.empty();
    }
    for (int group = 1; group <= matcher.groupCount(); group++) {
      if (matcher.group(group) != null) {
        return Optional.of(matcher.group(group).toUpperCase(Locale.ROOT));
      }
    }
    return Optional.empty();
  }
}
