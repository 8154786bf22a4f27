package dev.tutti.kit.calls;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What an answer says about its own quality, over its tokens; each is empty where it is not known.
 *
 * @param meanLogprob mean log-probability of the tokens, nats; at most 0
 * @param sumLogprob sum of the log-probabilities, nats; at most 0
 * @param minLogprob least log-probability, nats; at most 0
 * @param meanDistanceToUniform mean of {@code ||p - u||_2 / sqrt(1 - 1/V)}, in [0, 1]
 * @param minDistanceToUniform least of those distances, in [0, 1]
 * @param optionMargin by how much the most probable option was more probable than the next, in [0,
 *     1], at the token that says the answer ({@link AnswerOptions})
 * @param optionEntropy entropy over the options there, nats; at least 0
 * @param tokenLogprobs log-probability of each token, nats, of the first {@value #MOST_TOKENS};
 *     empty where the answer does not carry them
 */
public record AnswerSignals(
    OptionalDouble meanLogprob,
    OptionalDouble sumLogprob,
    OptionalDouble minLogprob,
    OptionalDouble meanDistanceToUniform,
    OptionalDouble minDistanceToUniform,
    OptionalDouble optionMargin,
    OptionalDouble optionEntropy,
    List<Double> tokenLogprobs) {

  /** So many tokens' log-probabilities are kept at most. */
  public static final int MOST_TOKENS = 4096;

  /** Nothing is known. */
  public static final AnswerSignals NONE =
      new AnswerSignals(
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());

  /** Keeps its own copy, no longer than allowed. */
  public AnswerSignals {
    tokenLogprobs =
        List.copyOf(tokenLogprobs.subList(0, Math.min(MOST_TOKENS, tokenLogprobs.size())));
  }

  /** Signals of an answer that tells no options. */
  public AnswerSignals(
      OptionalDouble meanLogprob,
      OptionalDouble sumLogprob,
      OptionalDouble minLogprob,
      OptionalDouble meanDistanceToUniform,
      OptionalDouble minDistanceToUniform,
      List<Double> tokenLogprobs) {
    this(
        meanLogprob,
        sumLogprob,
        minLogprob,
        meanDistanceToUniform,
        minDistanceToUniform,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        tokenLogprobs);
  }

  /** Signals of an answer that does not carry its tokens' log-probabilities. */
  public AnswerSignals(
      OptionalDouble meanLogprob,
      OptionalDouble sumLogprob,
      OptionalDouble minLogprob,
      OptionalDouble meanDistanceToUniform,
      OptionalDouble minDistanceToUniform) {
    this(
        meanLogprob,
        sumLogprob,
        minLogprob,
        meanDistanceToUniform,
        minDistanceToUniform,
        List.of());
  }
}
