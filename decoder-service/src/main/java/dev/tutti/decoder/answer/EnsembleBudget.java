package dev.tutti.decoder.answer;

import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import java.util.List;

/**
 * What an ensemble's answer may cost, and what it has cost so far.
 *
 * @param request with its members' prices and its budget, in US dollars
 */
record EnsembleBudget(RecipeRequest request) {

  /**
   * Refuses what the budget cannot pay: the prompts and a first step of all members.
   *
   * @throws FailureException BUDGET_EXCEEDED
   */
  void requireAffordable(List<? extends MemberPrompt> prompts) {
    double least = 0;
    for (int m = 0; m < prompts.size(); m++) {
      least += Wire.cost(request.members().get(m).getPrices(), prompts.get(m).tokens(), 1);
    }
    if (!pays(least)) {
      throw new Failure.FailedPrecondition(
              "recipe.budget.usd_per_request",
              "BUDGET_EXCEEDED",
              "Reading the prompt and writing one token costs %s USD; the budget is %s USD."
                  .formatted(least, request.budgetUsd().getAsDouble()))
          .exception();
    }
  }

  /** Whether the budget pays for what was done and a further step of all members. */
  boolean affordsStep(JointSession session) {
    double cost = 0;
    for (int m = 0; m < request.members().size(); m++) {
      MemberActivity after = session.activityAfterStep(m);
      cost +=
          Wire.cost(
              request.members().get(m).getPrices(), after.tokensRead(), after.tokensWritten());
    }
    return pays(cost);
  }

  private boolean pays(double cost) {
    // Sums of prices round; a budget for exactly n tokens pays for n.
    return request.budgetUsd().isEmpty() || cost <= request.budgetUsd().getAsDouble() * (1 + 1e-9);
  }

  /** What all members used so far, and what it cost; without members where none did anything. */
  Spent spent(JointSession session) {
    Usage.Builder usage = Usage.newBuilder();
    double cost = 0;
    for (int m = 0; m < request.members().size(); m++) {
      Spent its = spent(session, m);
      cost += its.getCostUsd();
      // Merging replaces the sums and keeps the members.
      usage.mergeFrom(Usages.sum(usage.build(), its.getUsage()));
      if (session.activity(m).tokensWritten() > 0) {
        usage.addMembers(Usages.member(RecipeRequest.name(request.members().get(m)), its));
      }
    }
    return Spent.newBuilder().setUsage(usage).setCostUsd(cost).build();
  }

  /** What one member used so far, and what it cost. */
  Spent spent(JointSession session, int member) {
    MemberActivity activity = session.activity(member);
    Usage its =
        Usage.newBuilder()
            .setPromptTokens(activity.tokensRead())
            .setCachedPromptTokens(activity.tokensCached())
            .setCompletionTokens(activity.tokensWritten())
            .setEstimated(activity.estimated())
            .build();
    return Spent.newBuilder()
        .setUsage(its)
        .setCostUsd(Usages.usd(request.members().get(member).getPrices(), its))
        .build();
  }
}
