package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Usage;
import java.util.List;

/**
 * What the members of an ensemble read, wrote and cost together. A call that failed counts nothing:
 * what it used is not known.
 *
 * @param usage sums over the members, and each by itself
 * @param costUsd US dollars; at least 0
 * @param nested decisions of ensembles that were members
 */
public record Tally(Usage usage, double costUsd, List<Decision> nested) {

  /** The tally of these answers, in their order. */
  public static Tally of(List<MemberAnswer> answers) {
    Usage.Builder usage = Usage.newBuilder();
    double cost = 0;
    for (MemberAnswer answer : answers) {
      Completion completion = answer.completion();
      Usage its = completion.getUsage();
      usage
          .setPromptTokens(usage.getPromptTokens() + its.getPromptTokens())
          .setCompletionTokens(usage.getCompletionTokens() + its.getCompletionTokens())
          .setEstimated(usage.getEstimated() || its.getEstimated())
          .addMembers(
              MemberUsage.newBuilder()
                  .setMember(answer.member())
                  .setPromptTokens(its.getPromptTokens())
                  .setCompletionTokens(its.getCompletionTokens())
                  .setCostUsd(completion.getCostUsd()));
      cost += completion.getCostUsd();
    }
    List<Decision> nested =
        answers.stream()
            .map(MemberAnswer::completion)
            .filter(Completion::hasDecision)
            .map(Completion::getDecision)
            .toList();
    return new Tally(usage.build(), cost, nested);
  }
}
