package dev.tutti.numerics.answer;

import java.util.Locale;
import java.util.Optional;

/**
 * A block of code in a text, between two lines that begin with three back quotes.
 *
 * @param language as its first line says, in small letters; may be empty
 * @param content what stands in it
 * @param isClosed whether a line ends it, or only the text
 */
record CodeBlock(String language, String content, boolean isClosed) {

  private static final String FENCE = "```";

  /** The last block of a text; one that nothing closes goes to the end. */
  static Optional<CodeBlock> last(String text) {
    Optional<CodeBlock> last = Optional.empty();
    int at = fence(text, 0);
    while (at >= 0) {
      int line = text.indexOf('\n', at);
      if (line < 0) {
        return last;
      }
      int close = fence(text, line);
      int end = close < 0 ? text.length() : close;
      String language = text.substring(at + FENCE.length(), line).strip().toLowerCase(Locale.ROOT);
      last =
          Optional.of(
              new CodeBlock(
                  language, text.substring(line + 1, Math.max(line + 1, end)), close >= 0));
      at = close < 0 ? -1 : fence(text, close + FENCE.length());
    }
    return last;
  }

  /** The next fence that begins a line. */
  private static int fence(String text, int from) {
    int at = text.indexOf(FENCE, from);
    while (at > 0 && text.charAt(at - 1) != '\n') {
      at = text.indexOf(FENCE, at + 1);
    }
    return at;
  }
}
