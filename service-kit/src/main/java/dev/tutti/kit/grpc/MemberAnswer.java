package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import java.util.List;

/**
 * What a member answered, whole.
 *
 * @param member its name
 * @param deltas the pieces, as they arrived
 * @param completion the end; its text is the pieces joined
 */
public record MemberAnswer(String member, List<TextDelta> deltas, Completion completion) {

  private static final int MAX_SHOWN = 500;

  /** An answer; the list is copied. */
  public MemberAnswer {
    deltas = List.copyOf(deltas);
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

  /** Decisions of those that are ensembles, in their order. */
  public static List<Decision> nested(List<MemberAnswer> answers) {
    return answers.stream()
        .map(MemberAnswer::completion)
        .filter(Completion::hasDecision)
        .map(Completion::getDecision)
        .toList();
  }

  /** An answer as a decision shows it: its first 500 characters. */
  public static String shown(String answer) {
    return answer.codePointCount(0, answer.length()) <= MAX_SHOWN
        ? answer
        : answer.substring(0, answer.offsetByCodePoints(0, MAX_SHOWN));
  }
}
