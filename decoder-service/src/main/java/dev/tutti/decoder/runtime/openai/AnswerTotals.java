package dev.tutti.decoder.runtime.openai;

import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Usages;
import java.util.HashSet;
import java.util.Set;

/** What an answer adds up to, chunk by chunk. Confined to one thread. */
final class AnswerTotals {

  private boolean empty = true;
  private long written;
  private long tokens;
  private long scored;
  private double sum;
  private double min;
  private final Set<Integer> running = new HashSet<>();
  private final Set<Integer> ended = new HashSet<>();
  private String finish;
  private Chunk.Used used;

  /** Adds a chunk. */
  void add(Chunk chunk) {
    empty = false;
    written += chunk.written();
    for (Chunk.Token token : chunk.tokens()) {
      tokens++;
      if (!Double.isNaN(token.logprob())) {
        scored++;
        sum += Math.min(0, token.logprob());
        min = Math.min(min, token.logprob());
      }
    }
    ended.addAll(chunk.ended());
    running.addAll(chunk.running());
    running.removeAll(ended);
    if (chunk.finish() != null) {
      finish = chunk.finish();
    }
    if (chunk.usage() != null) {
      used = chunk.usage();
    }
  }

  /** Whether nothing was added. */
  boolean isEmpty() {
    return empty;
  }

  /** Whether every choice that was begun has ended. */
  boolean isFinished() {
    return !ended.isEmpty() && running.isEmpty();
  }

  /** Whether the endpoint told the usage. */
  boolean isUsageTold() {
    return used != null;
  }

  /** Characters over all choices, tool calls and reasoning included. */
  long written() {
    return written;
  }

  /**
   * Tokens read and written: the endpoint's word where it can be true, or else an estimate, marked
   * as such: a token for four characters, or exactly as many as had a log-probability.
   */
  Usage usage(UsageBounds bounds) {
    int choices = ended.size() + running.size();
    return bounds.checked(used, estimate(), written, choices);
  }

  /** The same of an answer that broke off: what it told by then may be behind what it wrote. */
  Usage broken(UsageBounds bounds) {
    Usage usage = usage(bounds);
    return usage.toBuilder()
        .setCompletionTokens(Math.max(usage.getCompletionTokens(), estimate()))
        .setEstimated(true)
        .build();
  }

  private long estimate() {
    return tokens > 0 ? tokens : Usages.tokens(written);
  }

  /** What the tokens' log-probabilities say, where they were told. */
  Signals signals() {
    Signals.Builder signals = Signals.newBuilder();
    if (scored > 0) {
      signals.setMeanLogprob(sum / scored).setSumLogprob(sum).setMinLogprob(min);
    }
    return signals.build();
  }

  /** Why it ended. */
  FinishReason finishReason() {
    return switch (finish) {
      case "length" -> FinishReason.FINISH_REASON_LENGTH;
      case "tool_calls", "function_call" -> FinishReason.FINISH_REASON_TOOL_CALLS;
      case "content_filter" -> FinishReason.FINISH_REASON_CONTENT_FILTER;
      case null, default -> FinishReason.FINISH_REASON_STOP;
    };
  }
}
