package dev.tutti.router.answer;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.members.Entry;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Whom a routing ensemble asks, in which order, and who is left out before the method sees the
 * pool: members that are not served, and members whose estimated cost ({@link CostEstimate}) is
 * above the budget of one request.
 *
 * @param recipe the ensemble
 * @param query what is to be answered
 * @param pool who could be asked, with what each is expected to cost and to take
 * @param seed of the method's choices; drawn where the request gave none, told in the decision
 * @param route the method's ranking of the others
 * @param source the artifact that the method stands on
 * @param shadow what another version of it would have decided
 * @param leftOut why a member was left out, by its name
 */
record Plan(
    Recipe recipe,
    Query query,
    Pool pool,
    long seed,
    Route route,
    Fitted.Source source,
    Optional<ShadowRoute> shadow,
    Map<String, String> leftOut) {

  /**
   * Asks the method.
   *
   * @param expectations what calls cost and take
   * @param embedder makes the embedding of a text, for a method that looks at it
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) when the budget
   *     leaves nobody
   */
  static Plan of(
      Entry.Routed entry,
      List<Message> messages,
      Sampling sampling,
      Expectations expectations,
      Function<String, float[]> embedder) {
    Recipe recipe = entry.recipe();
    var leftOut = new LinkedHashMap<String, String>(entry.unavailable());
    CostEstimate estimate = CostEstimate.of(messages, sampling);
    leaveOutDearOnes(recipe, estimate, leftOut);
    var pool = new ArrayList<Pool.Member>();
    for (Member member : recipe.getMembersList()) {
      String name = RecipeRequest.name(member);
      if (!leftOut.containsKey(name)) {
        pool.add(
            new Pool.Member(
                name,
                member.hasWeight() ? member.getWeight() : 1,
                expectations.usd(member, estimate),
                expectations.seconds(member)));
      }
    }
    if (pool.isEmpty()) {
      throw new Failure.InvalidArgument(
              "messages",
              "BUDGET_EXCEEDED",
              "No member of '%s' answers this within its budget of %s US dollars per request: %s."
                  .formatted(recipe.getEnsemble(), recipe.getBudget().getUsdPerRequest(), leftOut))
          .exception();
    }
    Query query = query(messages);
    if (entry.embeds()) {
      query = new Query(query.messages(), embedder.apply(query.text()));
    }
    long seed = sampling.hasSeed() ? sampling.getSeed() : ThreadLocalRandom.current().nextLong();
    Pool answering = new Pool(pool);
    Route route =
        entry.router().route(query, answering, Seeds.generator(seed, query, recipe.getEnsemble()));
    Fitted.Source source = Fitted.Source.NONE;
    Optional<ShadowRoute> shadow = Optional.empty();
    if (entry.router() instanceof Fitted fitted) {
      source = fitted.source();
      shadow =
          ShadowRoute.of(
              fitted, query, answering, Seeds.generator(seed, query, recipe.getEnsemble()));
    }
    return new Plan(recipe, query, answering, seed, route, source, shadow, leftOut);
  }

  /** The member of this name. */
  Member member(String name) {
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
      Candidate.Builder candidate = decision.addCandidatesBuilder().setMember(name);
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
    if (recipe.getBudget().hasUsdPerRequest()) {
      inputs.putFields(
          "usd_per_request",
          Value.newBuilder().setNumberValue(recipe.getBudget().getUsdPerRequest()).build());
    }
    return inputs.build();
  }

  private static void leaveOutDearOnes(
      Recipe recipe, CostEstimate estimate, Map<String, String> leftOut) {
    if (!recipe.getBudget().hasUsdPerRequest()) {
      return;
    }
    for (Member member : recipe.getMembersList()) {
      double usd = estimate.usd(member);
      if (usd > recipe.getBudget().getUsdPerRequest()) {
        leftOut.putIfAbsent(
            RecipeRequest.name(member),
            "would cost about %s US dollars, above the budget".formatted(usd));
      }
    }
  }

  private static Query query(List<Message> messages) {
    return new Query(
        messages.stream()
            .map(
                m ->
                    new Query.Message(
                        switch (m.getRole()) {
                          case ROLE_SYSTEM -> Query.Role.SYSTEM;
                          case ROLE_USER -> Query.Role.USER;
                          case ROLE_ASSISTANT -> Query.Role.ASSISTANT;
                          case ROLE_UNSPECIFIED, UNRECOGNIZED ->
                              throw new IllegalArgumentException("A message without a role.");
                        },
                        m.getContent()))
            .toList());
  }
}
