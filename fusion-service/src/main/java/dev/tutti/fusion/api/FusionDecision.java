package dev.tutti.fusion.api;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.members.ParallelCalls.Outcome;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import java.util.List;
import java.util.Map;

/** Tells why an answer was chosen. */
final class FusionDecision {

  private FusionDecision() {}

  /**
   * The decision: a candidate a member, with its weight and, as its score, the share of the weight
   * that is behind its answer; the settings and the votes as inputs.
   *
   * @param outcomes one a member, in the order of the recipe
   * @param weighing of those that answered
   */
  static Decision of(RecipeRequest request, List<Outcome> outcomes, Weighing weighing) {
    Map<String, Double> votes = weighing.votes();
    Decision.Builder decision =
        request.decision(Family.FAMILY_FUSION).setInputs(inputs(request, votes));
    int answered = 0;
    for (Outcome outcome : outcomes) {
      Candidate.Builder candidate =
          Candidate.newBuilder()
              .setMember(RecipeRequest.name(request.members().get(outcome.place())))
              .setCalled(true);
      switch (outcome) {
        case Outcome.Answered(_, var answer) -> {
          Completion completion = answer.completion();
          candidate
              .setChosen(answered == weighing.chosen())
              .setWeight(weighing.weights().get(answered))
              .setScore(weighing.answers().get(answered).map(votes::get).orElse(0.0))
              .setCostUsd(completion.getCostUsd())
              .setSignals(completion.getSignals());
          weighing.answers().get(answered).map(MemberAnswer::shown).ifPresent(candidate::setAnswer);
          answered++;
        }
        case Outcome.Failed(_, var failure, var spent) -> {
          candidate.setFailure(failure.message());
          if (Usages.isSomething(spent)) {
            candidate.setCostUsd(spent.getCostUsd());
          }
        }
        case Outcome.Unneeded(_, var spent) ->
            candidate
                .setFailure("Not waited for: it could not have changed what is chosen.")
                .setCostUsd(spent.getCostUsd());
      }
      decision.addCandidates(candidate);
    }
    long failed = outcomes.stream().filter(Outcome.Failed.class::isInstance).count();
    return decision
        .setExplanation(
            weighing.explanation()
                + (failed == 0 ? "" : " %d of %d failed.".formatted(failed, outcomes.size())))
        .build();
  }

  private static Struct inputs(RecipeRequest request, Map<String, Double> votes) {
    Recipe recipe = request.recipe();
    Struct settings =
        FusionCatalog.METHODS
            .find(recipe.getMethod())
            .orElseThrow()
            .schema()
            .complete(recipe.getSettings());
    Struct.Builder shares = Struct.newBuilder();
    votes.forEach((answer, share) -> shares.putFields(MemberAnswer.shown(answer), number(share)));
    Struct.Builder inputs =
        Struct.newBuilder()
            .putFields("settings", Value.newBuilder().setStructValue(settings).build())
            .putFields("votes", Value.newBuilder().setStructValue(shares).build());
    if (request.sampling().hasSeed()) {
      // A double would round it.
      String seed = Long.toString(request.sampling().getSeed());
      inputs.putFields("seed", Value.newBuilder().setStringValue(seed).build());
    }
    return inputs.build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
