package dev.tutti.kit.calls;

import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Between which options a model was divided where it said its answer: where the text names the
 * letter of one option alone, and is that, begins with it ("C. Paris") or ends with it, the letters
 * among the alternatives of that token; where it names none and is one token but for punctuation,
 * all alternatives of that one. Their probabilities are scaled to sum to 1.
 *
 * @param margin by how much the most probable one is more probable than the next, in [0, 1]
 * @param entropy over them, nats; at least 0
 */
public record AnswerOptions(double margin, double entropy) {

  /** As many as most endpoints tell of a token; what is less probable hardly counts. */
  public static final int ALTERNATIVES = 5;

  /** "B", " B", "(B" and "B)" are one option. */
  private static final Pattern LETTER = Pattern.compile("[\\s(]*([A-Z])[\\s).:]*");

  /** As probable is an option at least that stands alone: how others divide the rest is untold. */
  private static final double ALONE = 0.99;

  /** "C. Paris", "(C) Paris". */
  private static final Pattern LEADING =
      Pattern.compile("\\s*+(?:\\([A-Z]\\)|[A-Z][).:])(?=\\s|$)");

  /** A letter that may be an option; "A" and "I" before a word are an article and a pronoun. */
  private static final Pattern NAMED =
      Pattern.compile("(?<![\\p{L}\\d'])(?![AI]\\s++\\p{Ll})([A-Z])(?![\\p{L}\\d'])");

  /**
   * Of an answer's tokens, all of them; empty where they do not tell for sure which one says the
   * answer, where that one tells no alternatives, and where one option alone is among these and
   * something else may have been meant.
   */
  public static Optional<AnswerOptions> of(List<TokenLogprob> tokens) {
    List<TokenLogprob> said =
        tokens.stream()
            .filter(token -> token.getToken().codePoints().anyMatch(Character::isLetterOrDigit))
            .toList();
    if (said.isEmpty()) {
      return Optional.empty();
    }
    String text = tokens.stream().map(TokenLogprob::getToken).collect(Collectors.joining());
    List<String> named = NAMED.matcher(text).results().map(its -> its.group(1)).toList();
    if (named.stream().distinct().count() == 1) {
      TokenLogprob place = LEADING.matcher(text).lookingAt() ? said.getFirst() : said.getLast();
      Matcher letter = LETTER.matcher(place.getToken());
      return letter.matches() && letter.group(1).equals(named.getFirst())
          ? divided(place, true)
          : Optional.empty();
    }
    return said.size() == 1 ? divided(said.getFirst(), false) : Optional.empty();
  }

  private static Optional<AnswerOptions> divided(TokenLogprob token, boolean letters) {
    Map<String, Double> probability = new HashMap<>();
    for (TokenAlternative alternative : token.getTopList()) {
      Matcher letter = LETTER.matcher(alternative.getToken());
      if (letter.matches() || !letters) {
        String option = letters ? letter.group(1) : alternative.getToken();
        probability.merge(option, Math.exp(alternative.getLogprob()), Double::sum);
      }
    }
    double sum = probability.values().stream().mapToDouble(p -> p).sum();
    if (!(sum > 0) || probability.size() == 1 && sum < ALONE) {
      return Optional.empty();
    }
    double[] rising = probability.values().stream().mapToDouble(p -> p / sum).sorted().toArray();
    int n = rising.length;
    double entropy = 0;
    for (double p : rising) {
      entropy -= p > 0 ? p * Math.log(p) : 0;
    }
    return Optional.of(
        new AnswerOptions(rising[n - 1] - (n > 1 ? rising[n - 2] : 0), Math.max(0, entropy)));
  }
}
