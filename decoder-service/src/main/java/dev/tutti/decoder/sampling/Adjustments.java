package dev.tutti.decoder.sampling;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What is added to the logits of tokens before anything else is done with them, as OpenAI's {@code
 * logit_bias}, {@code frequency_penalty} and {@code presence_penalty}: {@code logit + bias - count
 * * frequencyPenalty - (count > 0 ? presencePenalty : 0)}.
 *
 * <p>The bias of a text falls on the token that completes it: the one that spells it, or the rest
 * of it where the answer ends with its beginning. Biases of one token add up; at {@value #BANNED}
 * or less it is never drawn, at {@value #FORCED} or more only such tokens are. The count is how
 * often the token's piece stands in the answer so far; tokens that spell the same bytes are one
 * piece, an end is none.
 *
 * @param frequencyPenalty -2 to 2, nats for each time
 * @param presencePenalty -2 to 2, nats
 * @param tokenBias -100 to 100 nats, by token id of the one model that answers
 * @param textBias -100 to 100 nats, by text; none empty
 */
public record Adjustments(
    double frequencyPenalty,
    double presencePenalty,
    Map<Integer, Double> tokenBias,
    Map<String, Double> textBias) {

  /** Of nothing. */
  public static final Adjustments NONE = new Adjustments(0, 0, Map.of(), Map.of());

  /** The sum of biases that bans. */
  static final double BANNED = -100;

  /** The sum of biases that forces. */
  static final double FORCED = 100;

  /** Refuses values out of their range, naming them. */
  public Adjustments {
    tokenBias = Map.copyOf(tokenBias);
    textBias = Map.copyOf(textBias);
    Allowed.require(
        Math.abs(frequencyPenalty) <= 2, "frequency_penalty", frequencyPenalty, "-2 to 2");
    Allowed.require(Math.abs(presencePenalty) <= 2, "presence_penalty", presencePenalty, "-2 to 2");
    tokenBias.values().forEach(Adjustments::requireBias);
    textBias.values().forEach(Adjustments::requireBias);
    Allowed.require(!textBias.containsKey(""), "logit_bias", "of an empty text", "of some text");
  }

  private static void requireBias(double bias) {
    Allowed.require(Math.abs(bias) <= FORCED, "logit_bias", bias, "-100 to 100");
  }

  /** Whether nothing changes. */
  public boolean isNothing() {
    return !penalises() && tokenBias.isEmpty() && textBias.isEmpty();
  }

  /** Whether what stands in the answer already is less likely to come again, or more. */
  public boolean penalises() {
    return frequencyPenalty != 0 || presencePenalty != 0;
  }

  /**
   * Those that the members of an ensemble apply to their own tokens where they write bytes: the
   * penalties, and the biases of texts whose last character is several bytes. Of such a character
   * the first byte would be as likely as ever, and what is left behind it another character, or
   * none.
   */
  public Adjustments ofPieces() {
    var texts = new HashMap<>(textBias);
    texts
        .keySet()
        .removeIf(
            text ->
                !endsInPart(
                    new String(
                        text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
    return new Adjustments(frequencyPenalty, presencePenalty, Map.of(), texts);
  }

  /** Whether the last byte of a text, its bytes as characters (Latin-1), is no whole character. */
  static boolean endsInPart(String spelled) {
    return spelled.charAt(spelled.length() - 1) >= 0x80;
  }

  /** What is taken off the logit of a piece that stands in the answer so often, nats. */
  double penalty(int count) {
    return count == 0 ? 0 : count * frequencyPenalty + presencePenalty;
  }
}
