package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Usage;
import dev.tutti.type.v1.Member;
import java.util.List;

/**
 * What a call will cost, before it is made: prompt tokens at the prompt price plus completion
 * tokens at the completion price. A prompt counts one token for four characters, rounded up, since
 * only the decoder has the tokenizers; an answer counts {@code max_tokens}, or {@value
 * #ASSUMED_COMPLETION_TOKENS} where there is no such limit.
 *
 * @param promptTokens at least 0
 * @param completionTokens at least 0
 */
public record CostEstimate(long promptTokens, long completionTokens) {

  /** Length of an answer that nothing limits. */
  public static final int ASSUMED_COMPLETION_TOKENS = 256;

  /** The estimate for this conversation. */
  public static CostEstimate of(List<Message> messages, Sampling sampling) {
    long characters = 0;
    for (Message message : messages) {
      characters += Usages.characters(message.getContent());
    }
    return new CostEstimate(
        Usages.tokens(characters),
        sampling.hasMaxTokens() ? sampling.getMaxTokens() : ASSUMED_COMPLETION_TOKENS);
  }

  /** US dollars for all the answers that a recipe asks this member for. */
  public double usdAsked(Member member) {
    return usd(member) * Math.max(1, member.getSampling().getN());
  }

  /** US dollars for a call of this member; of an ensemble, by what is expected of its members. */
  public double usd(Member member) {
    return Usages.usd(
        member.getPrices(),
        Usage.newBuilder()
            .setPromptTokens(promptTokens)
            .setCompletionTokens(completionTokens)
            .build());
  }
}
