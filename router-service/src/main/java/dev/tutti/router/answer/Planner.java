package dev.tutti.router.answer;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.budget.Account;
import dev.tutti.router.budget.Budgets;
import dev.tutti.router.budget.Taken;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.Neighbours;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Asks the method of a routing ensemble whom to ask. Members that are not served are left out
 * before it sees the pool, and so are those whose estimated cost is above the budget of a request,
 * or above what is left of the budget of a day. Where something is left, but less than the cheapest
 * costs, the cheapest stays: it overspends by one request.
 */
@ApplicationScoped
class Planner {

  /** US dollars of an ensemble of which nobody knows what it costs: nor that it is free. */
  private static final double UNSEEN_USD = 1e-9;

  /** So many choices, each of this cost. */
  private record Call(CostEstimate each, int choices) {}

  /**
   * A plan, and what was taken for it.
   *
   * @param taken the estimated cost of asking the first
   */
  record Paid(Plan plan, Taken taken) {}

  private final Expectations expectations;
  private final Function<List<String>, List<float[]>> embedder;
  private final Function<Recipe, Optional<Account>> budgets;

  @Inject
  Planner(Expectations expectations, Neighbours neighbours, Budgets budgets) {
    this(expectations, neighbours::embed, budgets::looked);
  }

  /** With another embedder, and other accounts. */
  Planner(
      Expectations expectations,
      Function<List<String>, List<float[]>> embedder,
      Function<Recipe, Optional<Account>> budgets) {
    this.expectations = expectations;
    this.embedder = embedder;
    this.budgets = budgets;
  }

  /**
   * A plan, which spends nothing.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) when the budget
   *     of a request leaves nobody; ({@link Failure.ResourceExhausted}) when the budget of a day
   *     does
   */
  Plan plan(Entry.Routed entry, GenerateRequest request) {
    return plan(entry, request, query(entry, request));
  }

  /**
   * A plan for each of several requests, which spend nothing.
   *
   * @throws dev.tutti.kit.grpc.FailureException as {@link #plan}
   */
  List<Plan> plans(Entry.Routed entry, List<GenerateRequest> requests) {
    List<Query> queries =
        embedded(entry, requests.stream().map(r -> query(r.getMessagesList())).toList());
    return IntStream.range(0, queries.size())
        .mapToObj(i -> plan(entry, requests.get(i), queries.get(i)))
        .toList();
  }

  /**
   * A plan for which the estimated cost was taken from the budget of the day, where there is one.
   *
   * @throws dev.tutti.kit.grpc.FailureException as {@link #plan}
   */
  Paid paid(Entry.Routed entry, GenerateRequest request) {
    Query query = query(entry, request);
    while (true) {
      Plan plan = plan(entry, request, query);
      Optional<Account> account = budgets.apply(entry.recipe());
      if (account.isEmpty() || account.get().take(plan.usd())) {
        return new Paid(plan, new Taken(account, plan.usd()));
      }
      // Others were faster. With nothing left the next plan asks somebody free, or fails.
    }
  }

  private Plan plan(Entry.Routed entry, GenerateRequest request, Query query) {
    Recipe recipe = entry.recipe();
    var call =
        new Call(
            CostEstimate.of(request.getMessagesList(), request.getSampling()),
            Math.max(1, request.getChoices()));
    var leftOut = new LinkedHashMap<String, String>(entry.unavailable());
    leaveOutDearOnes(recipe, call, leftOut);
    Optional<Account> account = budgets.apply(recipe);
    OptionalDouble left =
        account.isPresent() ? OptionalDouble.of(account.get().left()) : OptionalDouble.empty();
    if (left.isPresent()) {
      leaveOutUnpaidOnes(recipe, call, account.get(), left.getAsDouble(), leftOut);
    }
    Pool pool = pool(recipe, call, leftOut);
    long seed =
        request.getSampling().hasSeed()
            ? request.getSampling().getSeed()
            : ThreadLocalRandom.current().nextLong();
    Route route =
        entry.router().route(query, pool, Seeds.generator(seed, query, recipe.getEnsemble()));
    Fitted.Source source = Fitted.Source.NONE;
    Optional<ShadowRoute> shadow = Optional.empty();
    if (entry.router() instanceof Fitted fitted) {
      source = fitted.source();
      shadow =
          ShadowRoute.of(fitted, query, pool, Seeds.generator(seed, query, recipe.getEnsemble()));
    }
    double usd = usd(Plan.member(recipe, route.ranked().getFirst().member()), call);
    return new Plan(recipe, query, usd, left, pool, seed, route, source, shadow, leftOut);
  }

  /**
   * What a call takes from a budget before it is made. An ensemble counts with what its answers
   * cost, and with what is expected of its members before the first.
   */
  private double usd(Member member, Call call) {
    double listed = call.each().usd(member);
    return call.choices()
        * (member.hasEnsemble()
            ? expectations.usd(member.getEnsemble(), member.hasPrices() ? listed : UNSEEN_USD)
            : listed);
  }

  private Pool pool(Recipe recipe, Call call, Map<String, String> leftOut) {
    var pool = new ArrayList<Pool.Member>();
    for (Member member : recipe.getMembersList()) {
      String name = RecipeRequest.name(member);
      if (!leftOut.containsKey(name)) {
        pool.add(
            new Pool.Member(
                name,
                RecipeRequest.knownAs(member),
                member.hasWeight() ? member.getWeight() : 1,
                call.choices() * expectations.usd(member, call.each()),
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
    return new Pool(pool);
  }

  private void leaveOutDearOnes(Recipe recipe, Call call, Map<String, String> leftOut) {
    if (!recipe.getBudget().hasUsdPerRequest()) {
      return;
    }
    for (Member member : recipe.getMembersList()) {
      double usd = usd(member, call);
      if (usd > recipe.getBudget().getUsdPerRequest()) {
        leftOut.putIfAbsent(
            RecipeRequest.name(member),
            "would cost about %s US dollars, above the budget".formatted(usd));
      }
    }
  }

  private void leaveOutUnpaidOnes(
      Recipe recipe, Call call, Account account, double left, Map<String, String> leftOut) {
    List<Member> able =
        recipe.getMembersList().stream()
            .filter(m -> !leftOut.containsKey(RecipeRequest.name(m)))
            .toList();
    if (able.isEmpty()) {
      return;
    }
    double least = able.stream().mapToDouble(m -> usd(m, call)).min().orElseThrow();
    if (least > 0 && left <= 0) {
      throw Budgets.exhausted(recipe, account).exception();
    }
    for (Member member : able) {
      double usd = usd(member, call);
      if (usd > Math.max(left, least)) {
        leftOut.put(
            RecipeRequest.name(member),
            "would cost about %s US dollars, and %s are left of the budget of the day"
                .formatted(usd, left));
      }
    }
  }

  private Query query(Entry.Routed entry, GenerateRequest request) {
    return embedded(entry, List.of(query(request.getMessagesList()))).getFirst();
  }

  private List<Query> embedded(Entry.Routed entry, List<Query> queries) {
    if (!entry.embeds()) {
      return queries;
    }
    List<float[]> embeddings = embedder.apply(queries.stream().map(Query::text).toList());
    return IntStream.range(0, queries.size())
        .mapToObj(i -> queries.get(i).with(embeddings.get(i)))
        .toList();
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
