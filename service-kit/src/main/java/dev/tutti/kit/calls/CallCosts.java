package dev.tutti.kit.calls;

import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Member;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What calls are expected to cost, held against the request's budget. A call is taken to read and
 * write as much as the longest answer so far did; before there is one, by {@link CostEstimate}.
 */
public final class CallCosts {

  private final RecipeRequest request;
  private final CallLog log;

  /** What the prompt as it was asked is taken for; a long one is counted once. */
  private final CostEstimate asAsked;

  CallCosts(RecipeRequest request, CallLog log) {
    this.request = request;
    this.log = log;
    this.asAsked = CostEstimate.of(request.messages(), Sampling.getDefaultInstance());
  }

  /** What the request may still cost, US dollars; empty where it is unlimited. */
  public OptionalDouble left() {
    return request.budgetUsd().isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(request.budgetUsd().getAsDouble() - log.chargedUsd());
  }

  /**
   * What these calls would make the request cost, US dollars, where that is beyond its budget;
   * empty where it is not.
   */
  public OptionalDouble beyond(List<Call> calls) {
    if (request.budgetUsd().isEmpty()) {
      return OptionalDouble.empty();
    }
    double usd = log.chargedUsd() + calls.stream().mapToDouble(this::usd).sum();
    return usd > request.budgetUsd().getAsDouble()
        ? OptionalDouble.of(usd)
        : OptionalDouble.empty();
  }

  private double usd(Call call) {
    if (call.member() == Call.PLATFORM) {
      return 0;
    }
    Member member = request.members().get(call.member());
    return switch (call) {
      case Call.Generate generate -> call.samples() * estimate(generate).usd(member);
      case Call.Score score ->
          new CostEstimate(
                  score.texts().size() * prompt(score.context()).promptTokens()
                      + tokens(score.texts()),
                  0)
              .usd(member);
      case Call.Embed embed -> new CostEstimate(tokens(embed.texts()), 0).usd(member);
    };
  }

  /** How much one sample is expected to read and write. */
  public CostEstimate estimate(Call.Generate call) {
    CostEstimate first = prompt(call.prompt());
    Sampling sampling =
        Wire.changed(
            request.sampling(), call.change(), request.members().get(call.member()).getSampling());
    long limit = sampling.hasMaxTokens() ? sampling.getMaxTokens() : Long.MAX_VALUE;
    List<Usage> seen = log.answers().stream().map(a -> a.completion().getUsage()).toList();
    if (seen.isEmpty()) {
      return new CostEstimate(
          first.promptTokens(), CostEstimate.of(List.of(), sampling).completionTokens());
    }
    long longest = seen.stream().mapToLong(Usage::getCompletionTokens).max().orElseThrow();
    long read =
        call.prompt() instanceof Prompt.AsAsked
            ? seen.stream().mapToLong(Usage::getPromptTokens).max().orElseThrow()
            : first.promptTokens();
    return new CostEstimate(read, Math.min(longest, limit));
  }

  private CostEstimate prompt(Prompt prompt) {
    return prompt instanceof Prompt.AsAsked
        ? asAsked
        : CostEstimate.of(Wire.messages(request, prompt), Sampling.getDefaultInstance());
  }

  private static long tokens(List<String> texts) {
    return texts.stream().mapToLong(text -> Usages.tokens(Usages.characters(text))).sum();
  }
}
