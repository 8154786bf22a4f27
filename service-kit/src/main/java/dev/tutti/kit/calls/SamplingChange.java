package dev.tutti.kit.calls;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * In what a call's sampling differs from the request's; what is empty stays as the request has it.
 *
 * @param temperature 0 to 2
 * @param maxTokens most tokens of the answer, at least 1; never more than the request allows
 * @param logprobs whether the answer must carry log-probabilities; they go no further than the
 *     method unless the caller asked for them too
 * @param topLogprobs alternatives that must be told of each token, 0 to 20; above 0 with {@code
 *     logprobs} alone. They go no further either
 */
public record SamplingChange(
    OptionalDouble temperature, OptionalInt maxTokens, boolean logprobs, int topLogprobs) {

  /** One that asks for no alternatives. */
  public SamplingChange(OptionalDouble temperature, OptionalInt maxTokens, boolean logprobs) {
    this(temperature, maxTokens, logprobs, 0);
  }

  /** As the request has it. */
  public static final SamplingChange NONE =
      new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), false);

  /** With so many alternatives of each token. */
  public static SamplingChange alternatives(int most) {
    return new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), true, most);
  }

  /** Another temperature. */
  public static SamplingChange temperature(double temperature) {
    return new SamplingChange(OptionalDouble.of(temperature), OptionalInt.empty(), false);
  }
}
