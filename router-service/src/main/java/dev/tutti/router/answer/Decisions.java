package dev.tutti.router.answer;

import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.members.Entry;

/** The decisions that nobody else makes: of a single model, and of an ensemble that failed. */
final class Decisions {

  private Decisions() {}

  /** Of a single model that answered. */
  static Decision answered(String id, Entry.Single entry, Completion completion) {
    Candidate.Builder candidate =
        only(entry).setChosen(true).setWeight(1).setCostUsd(completion.getCostUsd());
    if (completion.hasSignals()) {
      candidate.setSignals(completion.getSignals());
    }
    return begin(id, entry)
        .addCandidates(candidate)
        .setExplanation("A single model was asked for; there was nothing to decide.")
        .build();
  }

  /**
   * Of a request that got no whole answer.
   *
   * @param why one sentence
   */
  static Decision failed(String id, Entry entry, String why) {
    Decision.Builder decision =
        begin(id, entry).setFailure(why).setExplanation("No whole answer: " + why);
    switch (entry) {
      case Entry.Single single -> decision.addCandidates(only(single).setFailure(why));
      case Entry.Elsewhere e -> describe(e.recipe(), e.family(), decision);
      case Entry.Routed e -> describe(e.recipe(), Family.FAMILY_ROUTER, decision);
      case Entry.Unserved _ -> {}
    }
    return decision.build();
  }

  private static Decision.Builder begin(String id, Entry entry) {
    return Decision.newBuilder()
        .setId(id)
        .setEnsemble(entry.name())
        .setEnsembleVersion(entry.version())
        .setTime(Timestamps.now());
  }

  private static Candidate.Builder only(Entry.Single entry) {
    return Candidate.newBuilder().setMember(entry.name()).setCalled(true).setPropensity(1);
  }

  private static void describe(Recipe recipe, Family family, Decision.Builder decision) {
    decision.setMethod(recipe.getMethod()).setFamily(family);
    recipe
        .getMembersList()
        .forEach(m -> decision.addCandidatesBuilder().setMember(RecipeRequest.name(m)));
  }
}
