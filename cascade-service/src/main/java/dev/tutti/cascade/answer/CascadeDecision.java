package dev.tutti.cascade.answer;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.Policy;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.KeptAnswer;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Tells why a cascade stopped where it did. */
final class CascadeDecision {

  private CascadeDecision() {}

  /**
   * The decision: a candidate a member, with its confidence as its score; the settings as inputs.
   *
   * @param step the last one: an acceptance or an abstention; of answers that were brought along
   *     also whom to ask
   * @param tooDear what the request would have cost with the next calls, where the budget forbade
   *     to make them
   */
  static Decision.Builder of(
      RecipeRequest request, CallRunner runner, Policy.Step step, OptionalDouble tooDear) {
    List<Outcome> outcomes = runner.log().outcomes();
    int given = step instanceof Policy.Accept accept ? accept.stage() : -1;
    int chosen = given < 0 ? -1 : outcomes.get(given).asked().member();
    Decision.Builder decision =
        request.decision(Family.FAMILY_CASCADE).setInputs(inputs(request.recipe()));
    List<MemberCard> cards = runner.cards();
    int asked = 0;
    for (int m = 0; m < cards.size(); m++) {
      Candidate.Builder candidate = runner.log().candidate(m, cards.get(m)).setChosen(m == chosen);
      runner.log().score(m).ifPresent(candidate::setScore);
      if (isAsked(outcomes, m)) {
        asked++;
        shown(outcomes, m, m == chosen ? given : -1)
            .ifPresent(
                completion ->
                    candidate
                        .setAnswer(MemberAnswer.shown(completion.getText()))
                        .setSignals(completion.getSignals()));
      } else if (tooDear.isPresent()) {
        candidate.setFailure(beyond(request, tooDear.getAsDouble()));
      }
      decision.addCandidates(candidate);
    }
    if (!(step instanceof Policy.Ask)) {
      double dearest =
          IntStream.range(0, cards.size())
              .mapToDouble(m -> usd(outcomes, m).orElse(cards.get(m).expectedUsd()))
              .max()
              .orElseThrow();
      decision.setCostAvoidedUsd(dearest - runner.log().chargedUsd());
    }
    return decision.setExplanation(explanation(request, asked, step, chosen, tooDear));
  }

  /**
   * The decision to give an answer that was kept: nobody is called, and its author is chosen.
   *
   * @param kept what of the cache is told
   */
  static Decision.Builder given(
      RecipeRequest request, CallRunner runner, String author, KeptAnswer kept) {
    return uncalled(
            request,
            runner,
            author,
            kept.getOutcome() == CacheOutcome.CACHE_OUTCOME_EXACT
                ? "The answer to the same request is given again; nobody was asked."
                : ("The answer to a similar question (cosine %.3f) is given again; nobody was"
                        + " asked.")
                    .formatted(kept.getSimilarity()))
        .setCache(kept);
  }

  /**
   * The decision to give an answer for which nobody is called.
   *
   * @param author who is chosen: a candidate of its own where it is no member, so that what is said
   *     of the answer is said of nobody else
   */
  static Decision.Builder uncalled(
      RecipeRequest request, CallRunner runner, String author, String explanation) {
    Decision.Builder decision =
        request
            .decision(Family.FAMILY_CASCADE)
            .setInputs(inputs(request.recipe()))
            .setExplanation(explanation);
    List<MemberCard> cards = runner.cards();
    boolean chosen = false;
    for (int m = 0; m < cards.size(); m++) {
      boolean its = !chosen && cards.get(m).name().equals(author);
      chosen |= its;
      decision.addCandidates(runner.log().candidate(m, cards.get(m)).setChosen(its));
    }
    if (!chosen && !author.isEmpty()) {
      decision.addCandidates(Candidate.newBuilder().setMember(author).setChosen(true));
    }
    double dearest = cards.stream().mapToDouble(MemberCard::expectedUsd).max().orElseThrow();
    return decision.setCostAvoidedUsd(dearest);
  }

  private static boolean isAsked(List<Outcome> outcomes, int member) {
    return outcomes.stream().anyMatch(outcome -> outcome.asked().member() == member);
  }

  /** What a member's answers to the query did cost, their mean; empty where it gave none. */
  private static OptionalDouble usd(List<Outcome> outcomes, int member) {
    return outcomes.stream()
        .filter(outcome -> outcome.asked().member() == member)
        .filter(outcome -> outcome.asked().purpose().isEmpty())
        .filter(Outcome.Answered.class::isInstance)
        .mapToDouble(outcome -> outcome.spent().getCostUsd())
        .average();
  }

  /** The answer that stands for a member's: the one that is given, or else its last one. */
  private static Optional<Completion> shown(List<Outcome> outcomes, int member, int given) {
    List<Outcome> looked = given < 0 ? outcomes.reversed() : List.of(outcomes.get(given));
    return looked.stream()
        .filter(outcome -> outcome.asked().member() == member)
        .filter(Outcome.Answered.class::isInstance)
        .map(outcome -> ((Outcome.Answered) outcome).answer().completion())
        .findFirst();
  }

  private static String explanation(
      RecipeRequest request, int asked, Policy.Step step, int chosen, OptionalDouble tooDear) {
    String who =
        switch (step) {
          case Policy.Accept _ -> "'%s' answers".formatted(name(request, chosen));
          case Policy.Ask ask ->
              "'%s' is to be asked".formatted(name(request, ask.first().member()));
          case Policy.Abstain _ -> "Nobody answers";
        };
    String budget = tooDear.isPresent() ? " " + beyond(request, tooDear.getAsDouble()) : "";
    return "%s after %d of %d members were asked. %s%s"
        .formatted(who, asked, request.members().size(), step.explanation(), budget)
        .strip();
  }

  private static String name(RecipeRequest request, int member) {
    return member == Call.PLATFORM ? "embedder" : RecipeRequest.name(request.members().get(member));
  }

  private static String beyond(RecipeRequest request, double usd) {
    return "Asking one more would have cost about %.3g USD in all, beyond the budget of %.3g USD."
        .formatted(usd, request.budgetUsd().orElseThrow());
  }

  private static Struct inputs(Recipe recipe) {
    Struct settings =
        CascadeCatalog.METHODS
            .find(recipe.getMethod())
            .orElseThrow()
            .complete(recipe.getSettings());
    return Struct.newBuilder()
        .putFields("settings", Value.newBuilder().setStructValue(settings).build())
        .build();
  }
}
