package dev.tutti.decoder.span;

import java.text.BreakIterator;
import java.util.Locale;

/**
 * Where words begin. White space belongs to the word behind it, a line break to the one before it;
 * a run of one sign ({@code ####}) is a word, and so is an ideograph. All else is as {@link
 * BreakIterator} has it.
 */
final class Words {

  /** Characters around a place that decide whether a word begins there. */
  private static final int AROUND = 32;

  private Words() {}

  /** Whether a word begins between two texts that follow each other. */
  static boolean boundary(String before, String after) {
    if (before.isEmpty() || after.isEmpty()) {
      return false;
    }
    int last = before.codePointBefore(before.length());
    int first = after.codePointAt(0);
    if (Character.isWhitespace(last)) {
      return last == '\n' && first != '\n';
    }
    if (Character.isWhitespace(first)) {
      return true;
    }
    if (last == first && !Character.isLetterOrDigit(last)) {
      return false;
    }
    if (Character.isIdeographic(last) || Character.isIdeographic(first)) {
      return true;
    }
    String head = before.substring(Math.max(0, before.length() - AROUND));
    BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);
    words.setText(head + after.substring(0, Math.min(AROUND, after.length())));
    return words.isBoundary(head.length());
  }

  /** Index at which the last {@code count} words of a text begin; 0 where it has fewer. */
  static int start(String text, int count) {
    int at = text.length();
    for (int words = 0; words < count && at > 0; words++) {
      do {
        at = text.offsetByCodePoints(at, -1);
      } while (at > 0 && !boundary(text.substring(0, at), text.substring(at)));
    }
    return at;
  }

  /** Number of words; white space by itself is none. */
  static int count(String text) {
    int words = 0;
    int from = 0;
    for (int at = 1; at <= text.length(); at++) {
      if (at == text.length() || boundary(text.substring(0, at), text.substring(at))) {
        words += text.substring(from, at).isBlank() ? 0 : 1;
        from = at;
      }
    }
    return words;
  }
}
