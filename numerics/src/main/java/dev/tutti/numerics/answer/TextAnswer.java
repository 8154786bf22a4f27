package dev.tutti.numerics.answer;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A short free answer in one spelling, as exact-match scores of question answering do it (SQuAD):
 * small letters, without articles and punctuation. Its characters are in the form NFKC where it has
 * at most {@value #LONGEST_NORMAL}: combining ones that are not in their order take the square of
 * their number to sort.
 */
final class TextAnswer {

  private static final int LONGEST_NORMAL = 10_000;

  /** Punctuation, except where it is part of a number: 3.14, 1,234, -3. */
  private static final Pattern PUNCTUATION =
      Pattern.compile("(?!(?<=\\d)[.,:/](?=\\d))(?!(?<![\\p{L}\\d])-(?=\\d))[\\p{P}`]");

  private static final Pattern ARTICLE = Pattern.compile("\\b(?:a|an|the)\\b");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private TextAnswer() {}

  /** The marked part ({@link AnswerMark}) or the whole text; empty where nothing is left of it. */
  static Optional<String> canonical(String text) {
    String part = AnswerMark.marked(text).stream().findFirst().orElse(text);
    String normal =
        part.length() > LONGEST_NORMAL ? part : Normalizer.normalize(part, Normalizer.Form.NFKC);
    String small = normal.toLowerCase(Locale.ROOT);
    String bare = PUNCTUATION.matcher(small).replaceAll(" ");
    String words = words(ARTICLE.matcher(bare).replaceAll(" "));
    if (words.isEmpty()) {
      // "A" alone is no article.
      words = words(bare);
    }
    return words.isEmpty() ? Optional.empty() : Optional.of(words);
  }

  private static String words(String text) {
    return SPACE.matcher(text).replaceAll(" ").strip();
  }
}
