package dev.tutti.cascade;

import java.util.OptionalDouble;

/**
 * What an answer says about its own quality, over its tokens; each is empty where it is not known.
 *
 * @param meanLogprob mean log-probability of the tokens, nats; at most 0
 * @param sumLogprob sum of the log-probabilities, nats; at most 0
 * @param minLogprob least log-probability, nats; at most 0
 * @param meanDistanceToUniform mean of {@code ||p - u||_2 / sqrt(1 - 1/V)}, in [0, 1]
 * @param minDistanceToUniform least of those distances, in [0, 1]
 */
public record AnswerSignals(
    OptionalDouble meanLogprob,
    OptionalDouble sumLogprob,
    OptionalDouble minLogprob,
    OptionalDouble meanDistanceToUniform,
    OptionalDouble minDistanceToUniform) {

  /** Nothing is known. */
  public static final AnswerSignals NONE =
      new AnswerSignals(
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());
}
