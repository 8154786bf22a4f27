package dev.tutti.kit.calls;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenLogprob;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a member answered, whole.
 *
 * @param member its name
 * @param deltas the pieces, as they arrived
 * @param completion the end; its text is the pieces joined
 * @param ran what running it gave; empty where nobody ran it
 */
public record MemberAnswer(
    String member, List<TextDelta> deltas, Completion completion, Optional<Ran> ran) {

  private static final int MAX_SHOWN = 500;

  /** An answer; the list is copied. */
  public MemberAnswer {
    deltas = List.copyOf(deltas);
  }

  /** One that nobody ran. */
  public MemberAnswer(String member, List<TextDelta> deltas, Completion completion) {
    this(member, deltas, completion, Optional.empty());
  }

  /** What it used and cost. */
  public Spent spent() {
    return spent(completion);
  }

  static Spent spent(Completion completion) {
    return Spent.newBuilder()
        .setUsage(completion.getUsage())
        .setCostUsd(completion.getCostUsd())
        .build();
  }

  /** What it says about itself, with the log-probabilities of its tokens where it carries them. */
  public AnswerSignals signals() {
    Signals its = completion.getSignals();
    List<TokenLogprob> tokens =
        deltas.stream().flatMap(delta -> delta.getLogprobsList().stream()).toList();
    Optional<AnswerOptions> options = AnswerOptions.of(tokens);
    return new AnswerSignals(
        optional(its.hasMeanLogprob(), its.getMeanLogprob()),
        optional(its.hasSumLogprob(), its.getSumLogprob()),
        optional(its.hasMinLogprob(), its.getMinLogprob()),
        optional(its.hasMeanDistanceToUniform(), its.getMeanDistanceToUniform()),
        optional(its.hasMinDistanceToUniform(), its.getMinDistanceToUniform()),
        options.stream().mapToDouble(AnswerOptions::margin).findFirst(),
        options.stream().mapToDouble(AnswerOptions::entropy).findFirst(),
        tokens.stream().limit(AnswerSignals.MOST_TOKENS).map(TokenLogprob::getLogprob).toList());
  }

  private static OptionalDouble optional(boolean has, double value) {
    return has ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /** An answer as a decision shows it: its first 500 characters. */
  public static String shown(String answer) {
    return answer.codePointCount(0, answer.length()) <= MAX_SHOWN
        ? answer
        : answer.substring(0, answer.offsetByCodePoints(0, MAX_SHOWN));
  }
}
