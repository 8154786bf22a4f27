package dev.tutti.decoder.sampling;

import java.util.List;
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
 */
public record Sampling(
    double temperature,
    double topP,
    OptionalInt topK,
    List<String> stop,
    OptionalInt maxTokens,
    boolean logprobs,
    int topLogprobs) {

  /** The most probable token at each step, until the model ends. */
  public static final Sampling GREEDY =
      new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.empty(), false, 0);

  /** Refuses values out of their range, naming them. */
  public Sampling {
    stop = List.copyOf(stop);
    require(temperature >= 0 && temperature <= 2, "temperature", temperature, "0 to 2");
    require(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1");
    require(topK.isEmpty() || topK.getAsInt() >= 1, "top_k", topK.orElse(0), "at least 1");
    require(
        maxTokens.isEmpty() || maxTokens.getAsInt() >= 1,
        "max_tokens",
        maxTokens.orElse(0),
        "at least 1");
    require(topLogprobs >= 0 && topLogprobs <= 20, "top_logprobs", topLogprobs, "0 to 20");
    require(
        logprobs || topLogprobs == 0, "top_logprobs", topLogprobs, "0 where logprobs is not set");
    require(stop.size() <= 4, "stop", stop.size() + " strings", "at most 4");
    for (String text : stop) {
      int characters = text.codePointCount(0, text.length());
      require(
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
        : new Sampling(temperature, mass, topK, stop, maxTokens, logprobs, topLogprobs);
  }

  private static void require(boolean holds, String name, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s is %s; it must be %s.".formatted(name, value, allowed));
    }
  }
}
