package dev.tutti.router.answer;

import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.decision.Spend;
import dev.tutti.router.members.Entry;
import dev.tutti.type.v1.Member;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an answer would have cost, had the dearest member alone been asked for it: the most that any
 * member's answer costs. That of a member who answered the question as it was asked is what that
 * did cost, in the mean over its samples; everybody else's is its prices by the tokens of the
 * answer that was given (those of a call of whoever was chosen, in the mean). A cascade tells
 * itself what it avoided.
 */
final class Dearest {

  private Dearest() {}

  /**
   * US dollars, 0 to 1e11; empty for a model that was asked by itself, for several answers, and
   * where nobody has a price.
   */
  static OptionalDouble usd(Entry entry, Completion completion) {
    Decision decision = completion.getDecision();
    if (completion.getChoicesCount() > 1) {
      return OptionalDouble.empty();
    }
    OptionalDouble usd =
        switch (entry) {
          case Entry.Single _, Entry.Unserved _ -> OptionalDouble.empty();
          case Entry.Elsewhere _ when decision.hasCostAvoidedUsd() ->
              OptionalDouble.of(completion.getCostUsd() + decision.getCostAvoidedUsd());
          case Entry.Elsewhere its -> usd(its.recipe(), completion);
          case Entry.Routed its -> usd(its.recipe(), completion);
        };
    return usd.isEmpty() ? usd : OptionalDouble.of(Spend.bounded(usd.getAsDouble()));
  }

  private static OptionalDouble usd(Recipe recipe, Completion completion) {
    Map<String, Candidate> candidates =
        byName(completion.getDecision().getCandidatesList(), Candidate::getMember);
    Map<String, MemberUsage> used =
        byName(completion.getUsage().getMembersList(), MemberUsage::getMember);
    Usage answer = answer(used, candidates);
    return recipe.getMembersList().stream()
        .map(member -> called(member, candidates, used).or(() -> priced(member, answer)))
        .flatMap(Optional::stream)
        .mapToDouble(Double::doubleValue)
        .max();
  }

  /** What an answer to the question as it was asked did cost, in the mean; empty without any. */
  private static Optional<Double> called(
      Member member, Map<String, Candidate> candidates, Map<String, MemberUsage> used) {
    String name = RecipeRequest.name(member);
    Candidate candidate = candidates.getOrDefault(name, Candidate.getDefaultInstance());
    if (candidate.getCallsCount() == 0) {
      return Optional.ofNullable(used.get(name)).map(MemberUsage::getCostUsd);
    }
    OptionalDouble usd =
        whole(candidate)
            .filter(call -> call.getPurpose().isEmpty() && isWriting(call))
            .mapToDouble(MemberCall::getCostUsd)
            .average();
    return usd.isPresent() ? Optional.of(usd.getAsDouble()) : Optional.empty();
  }

  private static boolean isWriting(MemberCall call) {
    return call.getKind() == CallKind.CALL_KIND_GENERATE;
  }

  private static Optional<Double> priced(Member member, Usage answer) {
    return member.hasPrices() && answer.getPromptTokens() + answer.getCompletionTokens() > 0
        ? Optional.of(Usages.usd(member.getPrices(), answer))
        : Optional.empty();
  }

  /**
   * What a call of whoever was chosen used, in the mean; of whoever was called, where nobody was.
   */
  private static Usage answer(Map<String, MemberUsage> used, Map<String, Candidate> candidates) {
    List<MemberUsage> chosen =
        used.values().stream()
            .filter(
                its ->
                    candidates
                        .getOrDefault(its.getMember(), Candidate.getDefaultInstance())
                        .getChosen())
            .toList();
    double prompt = 0;
    double completion = 0;
    long calls = 0;
    for (MemberUsage its : chosen.isEmpty() ? used.values() : chosen) {
      prompt += its.getPromptTokens();
      completion += its.getCompletionTokens();
      calls += calls(candidates.getOrDefault(its.getMember(), Candidate.getDefaultInstance()));
    }
    return calls == 0
        ? Usage.getDefaultInstance()
        : Usage.newBuilder()
            .setPromptTokens(Math.round(prompt / calls))
            .setCompletionTokens(Math.round(completion / calls))
            .build();
  }

  /** Those that failed used nothing. */
  private static long calls(Candidate candidate) {
    return Math.max(1, whole(candidate).count() + candidate.getCallsLeftOut());
  }

  private static Stream<MemberCall> whole(Candidate candidate) {
    return candidate.getCallsList().stream().filter(call -> call.getFailure().isEmpty());
  }

  private static <T> Map<String, T> byName(List<T> all, Function<T, String> name) {
    return all.stream().collect(Collectors.toMap(name, Function.identity(), (first, _) -> first));
  }
}
