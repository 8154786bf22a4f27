package dev.tutti.decoder.runtime.openai;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.PromptSize;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.registry.v1.Model;

/**
 * What an endpoint's usage is held against: numbers from outside are not believed where they cannot
 * be. A token has a byte at least, so a prompt has no more of them than bytes, but for what a
 * template adds; an answer has no more than its limit, its model's context and its text allow,
 * reasoning that is not shown aside. What cannot be is estimated.
 *
 * @param promptCharacters of the request
 * @param promptMost most tokens that the request may be
 * @param answerMost most tokens of an answer that its caller allows; {@link Integer#MAX_VALUE}
 *     where it sets no limit
 * @param context longest prompt plus completion, in tokens; 0 where it is not known
 */
record UsageBounds(long promptCharacters, long promptMost, long answerMost, long context) {

  /** Tokens that a template, or an endpoint's own instructions, may add to a prompt. */
  private static final int TEMPLATE = 4096;

  /** Tokens that a template adds to each message. */
  private static final int ROUND_MESSAGE = 32;

  /** Tokens of a prompt whose bytes tell nothing: pictures and files by their address. */
  private static final long ANY_PROMPT = 10_000_000;

  /** Tokens of reasoning that are neither shown nor told. */
  private static final long HIDDEN_REASONING = 131_072;

  /** Tokens beyond a limit or a text: ends, marks of turns and of tool calls. */
  private static final int MARKS = 16;

  private static final int BYTES_PER_CHARACTER = 4;
  private static final int MOST_CHOICES = 128;

  /** Of a request to write text. */
  static UsageBounds of(GenerateRequest request, Model model) {
    PromptSize prompt = PromptSize.of(request);
    long bytes =
        request.hasWire()
            ? request.getWire().getBody().size()
            : BYTES_PER_CHARACTER * prompt.characters();
    return new UsageBounds(
        prompt.characters(),
        prompt.textOnly()
            ? bytes + TEMPLATE + (long) ROUND_MESSAGE * prompt.messages()
            : ANY_PROMPT,
        request.getSampling().hasMaxTokens()
            ? request.getSampling().getMaxTokens()
            : Integer.MAX_VALUE,
        model.getContextLength());
  }

  /**
   * Of raw text.
   *
   * @param bytes that the endpoint is sent
   * @param answerMost see above
   */
  static UsageBounds of(long characters, long bytes, long answerMost) {
    return new UsageBounds(characters, bytes + TEMPLATE, answerMost, 0);
  }

  /**
   * The usage that counts.
   *
   * @param used as the endpoint tells it; null where it does not
   * @param completionEstimate tokens of the answer, by what arrived of it
   * @param written characters of all choices
   * @param choices of the answer, as the endpoint numbers them
   */
  Usage checked(Chunk.Used used, long completionEstimate, long written, int choices) {
    int times = Math.clamp(choices, 1, MOST_CHOICES);
    boolean promptHolds = used != null && promptHolds(used.prompt(), times);
    boolean completionHolds = used != null && completionHolds(used, written, times);
    long prompt = promptHolds ? used.prompt() : Usages.tokens(promptCharacters);
    long completion = completionHolds ? used.completion() : completionEstimate;
    Usage.Builder usage =
        Usage.newBuilder()
            .setPromptTokens(prompt)
            .setCompletionTokens(completion)
            .setEstimated(!promptHolds || !completionHolds);
    if (promptHolds) {
      usage
          .setCachedPromptTokens(part(used.cached(), prompt, usage))
          .setAudioPromptTokens(part(used.audioPrompt(), prompt, usage));
    }
    if (completionHolds) {
      usage
          .setReasoningTokens(part(used.reasoning(), completion, usage))
          .setAudioCompletionTokens(part(used.audioCompletion(), completion, usage));
    }
    return usage.build();
  }

  private boolean promptHolds(long told, int choices) {
    return told >= 0
        && (told > 0 || promptCharacters == 0)
        && told <= promptMost * choices
        && (context == 0 || told <= context * choices);
  }

  private boolean completionHolds(Chunk.Used used, long written, int choices) {
    long told = used.completion();
    boolean reasoningTold = used.reasoning() > 0 && used.reasoning() <= told;
    // Predictions that were rejected are billed and seen by nobody.
    long unseen = (reasoningTold ? used.reasoning() : 0) + Math.max(0, used.rejected());
    long seen = told - Math.min(told, unseen);
    long text = BYTES_PER_CHARACTER * written + (long) MARKS * choices;
    return told >= 0
        && (told > 0 || written == 0)
        && (context == 0 || told <= context * choices)
        && seen <= (answerMost + MARKS) * choices
        && seen <= text + (reasoningTold ? 0 : HIDDEN_REASONING * choices)
        && unseen <= 8 * HIDDEN_REASONING * choices;
  }

  /** A part of these tokens; none where it cannot be one. */
  private static long part(long told, long whole, Usage.Builder usage) {
    if (told >= 0 && told <= whole) {
      return told;
    }
    usage.setEstimated(true);
    return 0;
  }
}
