package dev.tutti.router.answer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.type.v1.Member;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whom a routing ensemble asks, in which order, and who was left out before the method saw the
 * pool. {@link Planner} makes it.
 *
 * @param recipe the ensemble
 * @param query what is to be answered
 * @param usd US dollars that are taken from a budget of the day for it: what asking the first
 *     costs, as it is estimated
 * @param left US dollars that the ensemble may spend now; empty where nothing limits it
 * @param pool who could be asked, with what each is expected to cost and to take
 * @param seed of the method's choices; drawn where the request gave none, told in the decision
 * @param route the method's ranking of the others
 * @param source the artifact that the method stands on
 * @param shadow what a version in shadow would have decided
 * @param leftOut why a member was left out, by its name
 */
record Plan(
    Recipe recipe,
    Query query,
    double usd,
    OptionalDouble left,
    Pool pool,
    long seed,
    Route route,
    Fitted.Source source,
    Optional<ShadowRoute> shadow,
    Map<String, String> leftOut) {

  /** The member of this name. */
  Member member(String name) {
    return member(recipe, name);
  }

  /** The member of this name. */
  static Member member(Recipe recipe, String name) {
    return recipe.getMembersList().stream()
        .filter(m -> RecipeRequest.name(m).equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The decision before anybody was asked: a candidate for every member, in the recipe's order. */
  Decision.Builder decision(String id) {
    Decision.Builder decision =
        Decision.newBuilder()
            .setId(id)
            .setEnsemble(recipe.getEnsemble())
            .setEnsembleVersion(recipe.getVersion())
            .setMethod(recipe.getMethod())
            .setFamily(Family.FAMILY_ROUTER)
            .setTime(Timestamps.now())
            .setInputs(inputs())
            .setExplanation(route.explanation())
            .setArtifact(source.artifact())
            .setArtifactVersion(source.version());
    shadow.ifPresent(s -> decision.addShadows(s.told(route)));
    for (Member member : recipe.getMembersList()) {
      String name = RecipeRequest.name(member);
      Candidate.Builder candidate =
          decision.addCandidatesBuilder().setMember(name).setAs(member.getAs());
      Optional<Route.Choice> choice =
          route.ranked().stream().filter(c -> c.member().equals(name)).findFirst();
      if (choice.isPresent()) {
        candidate.setScore(choice.get().score()).setPropensity(choice.get().propensity());
        if (choice.get().deviation() > 0) {
          candidate.setDeviation(choice.get().deviation());
        }
        expected(name, candidate);
      } else {
        candidate.setPropensity(0).setFailure("Left out: it " + leftOut.get(name) + ".");
      }
    }
    return decision;
  }

  private void expected(String name, Candidate.Builder candidate) {
    pool.members().stream()
        .filter(m -> m.name().equals(name))
        .forEach(
            m -> {
              candidate.setExpectedUsd(m.usd());
              if (m.seconds() > 0) {
                candidate.setExpectedSeconds(m.seconds());
              }
            });
  }

  private Struct inputs() {
    Struct.Builder inputs =
        Struct.newBuilder()
            .putFields("turn", Value.newBuilder().setNumberValue(query.turn()).build())
            // As text: a JSON number does not hold 64 bits.
            .putFields("seed", Value.newBuilder().setStringValue(Long.toString(seed)).build());
    if (recipe.getSettings().getFieldsCount() > 0) {
      inputs.putFields("settings", Value.newBuilder().setStructValue(recipe.getSettings()).build());
    }
    if (recipe.getBudget().hasUsdPerRequest()) {
      inputs.putFields(
          "usd_per_request",
          Value.newBuilder().setNumberValue(recipe.getBudget().getUsdPerRequest()).build());
    }
    if (query.embedding().length > 0) {
      // With the embedding, which is kept apart, all that a method sees of the text.
      ListValue.Builder features = ListValue.newBuilder();
      for (float feature : query.textFeatures()) {
        features.addValues(Value.newBuilder().setNumberValue(feature));
      }
      inputs.putFields("text_features", Value.newBuilder().setListValue(features).build());
    }
    left.ifPresent(
        usd -> inputs.putFields("usd_left", Value.newBuilder().setNumberValue(usd).build()));
    return inputs.build();
  }
}
