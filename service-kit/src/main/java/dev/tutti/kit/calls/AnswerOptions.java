package dev.tutti.kit.calls;

import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Between which options a model was divided where it said its answer: at the first token that is
 * the letter of an option, the letters among its alternatives; where no token is one, the
 * alternatives of the first token. Their probabilities are scaled to sum to 1.
 *
 * @param margin by how much the most probable one is more probable than the next, in [0, 1]; 1
 *     where there is no other
 * @param entropy over them, nats; at least 0
 */
record AnswerOptions(double margin, double entropy) {

  /** "B", " B", "(B" and "B)" are one option. */
  private static final Pattern LETTER = Pattern.compile("[\\s(]*([A-Z])[\\s).:]*");

  /**
   * Of an answer's tokens; empty where the first of them, or that letter, tells no alternatives.
   */
  static Optional<AnswerOptions> of(List<TokenLogprob> tokens) {
    for (TokenLogprob token : tokens) {
      if (LETTER.matcher(token.getToken()).matches()) {
        return divided(token, true);
      }
    }
    return tokens.isEmpty() ? Optional.empty() : divided(tokens.getFirst(), false);
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
    if (!(sum > 0)) {
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
