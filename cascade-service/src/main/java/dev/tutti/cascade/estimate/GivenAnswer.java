package dev.tutti.cascade.estimate;

import dev.tutti.kit.calls.AnswerSignals;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An answer as estimates see it.
 *
 * @param text as it was written; may be empty
 * @param tools the tools that it wants to be called, in one spelling; empty where it wants none
 * @param signals what it says about itself
 */
public record GivenAnswer(String text, Optional<String> tools, AnswerSignals signals) {

  /** How many numbers tell of an answer by itself. */
  static final int OWN = 6;

  private static final int SHORT = 48;
  private static final double MOST = 16;
  private static final double NEAR = -1e-5;

  /**
   * What tells of it by itself: {@code ln(1 + characters)}, whether it is short, its share of
   * digits, and the log-odds of its probability, of its tokens' geometric mean, and of its least
   * probable token; 0 where the answer does not tell.
   */
  double[] own() {
    int length = text.length();
    double digits = text.chars().filter(Character::isDigit).count();
    return new double[] {
      Math.log1p(length),
      isShort(text) ? 1 : 0,
      length == 0 ? 0 : digits / length,
      logOdds(signals.sumLogprob()),
      logOdds(signals.meanLogprob()),
      logOdds(signals.minLogprob())
    };
  }

  /** Whether it is so short that another answer contradicts it: {@value #SHORT} characters. */
  static boolean isShort(String answer) {
    return answer.length() <= SHORT;
  }

  /** {@code ln(p / (1 - p))} of a logarithm of p, no further from 0 than {@value #MOST}. */
  private static double logOdds(OptionalDouble logprob) {
    if (logprob.isEmpty() || Double.isNaN(logprob.getAsDouble())) {
      return 0;
    }
    // A log-probability may be a rounding error above 0.
    double log = Math.min(0, logprob.getAsDouble());
    double rest = log > NEAR ? Math.log(-log) : Math.log(-Math.expm1(log));
    return Math.clamp(log - rest, -MOST, MOST);
  }
}
