package dev.tutti.decoder.sampling;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How the tokens of an answer are drawn.
 *
 * @param temperature 0 to 2; 0 is greedy
 * @param topP probability mass kept, in (0, 1]
 * @param topK number of most probable tokens kept, at least 1; empty for all
 * @param stop the answer ends before any of these
 * @param maxTokens most tokens of the answer, at least 1; empty for as many as fit
 * @param logprobs whether each token's log-probability is told
 * @param topLogprobs alternatives told per token, 0 to 20
 * @param adjustments of the tokens' logits, before temperature; nothing that is told of a token has
 *     them
 */
public record Sampling(
    double temperature,
    double topP,
    OptionalInt topK,
    List<String> stop,
    OptionalInt maxTokens,
    boolean logprobs,
    int topLogprobs,
    Adjustments adjustments) {

  /** The most probable token at each step, until the model ends. */
  public static final Sampling GREEDY =
      new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.empty(), false, 0);

  /** Draws as the others say, without adjustments. */
  public Sampling(
      double temperature,
      double topP,
      OptionalInt topK,
      List<String> stop,
      OptionalInt maxTokens,
      boolean logprobs,
      int topLogprobs) {
    this(temperature, topP, topK, stop, maxTokens, logprobs, topLogprobs, Adjustments.NONE);
  }

  /** Refuses values out of their range, naming them. */
  public Sampling {
    Objects.requireNonNull(adjustments, "adjustments");
    stop = List.copyOf(stop);
    Allowed.require(temperature >= 0 && temperature <= 2, "temperature", temperature, "0 to 2");
    Allowed.require(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1");
    Allowed.require(topK.isEmpty() || topK.getAsInt() >= 1, "top_k", topK.orElse(0), "at least 1");
    Allowed.require(
        maxTokens.isEmpty() || maxTokens.getAsInt() >= 1,
        "max_tokens",
        maxTokens.orElse(0),
        "at least 1");
    Allowed.require(topLogprobs >= 0 && topLogprobs <= 20, "top_logprobs", topLogprobs, "0 to 20");
    Allowed.require(
        logprobs || topLogprobs == 0, "top_logprobs", topLogprobs, "0 where logprobs is not set");
    Allowed.require(stop.size() <= 4, "stop", stop.size() + " strings", "at most 4");
    for (String text : stop) {
      int characters = text.codePointCount(0, text.length());
      Allowed.require(
          characters >= 1 && characters <= 256,
          "stop",
          characters + " characters",
          "1 to 256 characters each");
    }
  }

  /**
   * The same from less mass.
   *
   * @param mass that is kept at most, in (0, 1]
   */
  Sampling within(double mass) {
    return mass >= topP
        ? this
        : new Sampling(
            temperature, mass, topK, stop, maxTokens, logprobs, topLogprobs, adjustments);
  }

  /** The same at another temperature. */
  Sampling at(double other) {
    return new Sampling(other, topP, topK, stop, maxTokens, logprobs, topLogprobs, adjustments);
  }

  /** The same with other adjustments. */
  public Sampling with(Adjustments others) {
    return new Sampling(temperature, topP, topK, stop, maxTokens, logprobs, topLogprobs, others);
  }
}
