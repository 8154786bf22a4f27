package dev.tutti.cascade.api;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.Verdict;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import java.util.List;
import java.util.OptionalDouble;

/** Tells why a cascade stopped where it did. */
final class CascadeDecision {

  private CascadeDecision() {}

  /**
   * The decision: a candidate a member, with its confidence as its score; the settings as inputs.
   *
   * @param records members that were asked
   * @param verdict the last one: an acceptance or an abstention
   * @param tooDear what the request would have cost with the next member, where the budget forbade
   *     to ask it
   */
  static Decision.Builder of(
      RecipeRequest request, List<StageRecord> records, Verdict verdict, OptionalDouble tooDear) {
    int chosen = verdict instanceof Verdict.Accept accept ? accept.stage() : -1;
    Decision.Builder decision =
        request.decision(Family.FAMILY_CASCADE).setInputs(inputs(request.recipe()));
    for (int i = 0; i < request.members().size(); i++) {
      Candidate.Builder candidate =
          Candidate.newBuilder()
              .setMember(RecipeRequest.name(request.members().get(i)))
              .setCalled(i < records.size())
              .setChosen(i == chosen);
      if (i < records.size()) {
        describe(records.get(i), candidate);
      } else if (tooDear.isPresent()) {
        candidate.setFailure(beyond(request, tooDear.getAsDouble()));
      }
      decision.addCandidates(candidate);
    }
    return decision.setExplanation(explanation(request, records, verdict, chosen, tooDear));
  }

  private static void describe(StageRecord record, Candidate.Builder candidate) {
    record.confidence().ifPresent(candidate::setScore);
    record.failure().map(Failure::message).ifPresent(candidate::setFailure);
    if (Usages.isSomething(record.spent())) {
      candidate.setCostUsd(record.spent().getCostUsd());
    }
    record
        .answer()
        .ifPresent(
            answer -> {
              Completion completion = answer.completion();
              candidate
                  .setAnswer(MemberAnswer.shown(completion.getText()))
                  .setSignals(completion.getSignals());
            });
  }

  private static String explanation(
      RecipeRequest request,
      List<StageRecord> records,
      Verdict verdict,
      int chosen,
      OptionalDouble tooDear) {
    String who =
        chosen < 0
            ? "Nobody answers"
            : "'%s' answers".formatted(RecipeRequest.name(request.members().get(chosen)));
    String budget = tooDear.isPresent() ? " " + beyond(request, tooDear.getAsDouble()) : "";
    return "%s after %d of %d members were asked. %s%s"
        .formatted(who, records.size(), request.members().size(), verdict.explanation(), budget);
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
            .schema()
            .complete(recipe.getSettings());
    return Struct.newBuilder()
        .putFields("settings", Value.newBuilder().setStructValue(settings).build())
        .build();
  }
}
