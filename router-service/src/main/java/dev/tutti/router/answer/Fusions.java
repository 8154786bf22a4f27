package dev.tutti.router.answer;

import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.budget.Budgets;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.Nested;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Neighbours;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes one answer of those that a caller brings along: by a registered ensemble after inference,
 * or by a method that the caller names. The decision is kept.
 */
@ApplicationScoped
public class Fusions {

  /** Name of the ensemble that a method of the caller's makes; nothing registered is meant. */
  private static final String RECIPE = "recipe";

  private final KnownNames names;
  private final Neighbours neighbours;
  private final Budgets budgets;
  private final DecisionLog decisions;
  private final RequestMetrics metrics;

  Fusions(
      KnownNames names,
      Neighbours neighbours,
      Budgets budgets,
      DecisionLog decisions,
      RequestMetrics metrics) {
    this.names = names;
    this.neighbours = neighbours;
    this.budgets = budgets;
    this.decisions = decisions;
    this.metrics = metrics;
  }

  /**
   * Fuses answers.
   *
   * @param asked its request has an id; the request's target is the name of an ensemble, whose
   *     members the answers are of, or a recipe with the caller's method, settings, and members
   *     where they need a weight, a role, or to be asked; whose answers these are then is the
   *     caller's to say
   * @throws FailureException where something of it is wrong, or who is to write or to score cannot
   */
  public FuseResponse fuse(FuseRequest asked) {
    GenerateRequest question = asked.getRequest();
    Entry.Elsewhere entry;
    FuseRequest request;
    try {
      RequestRules.check(question);
      entry =
          question.hasName()
              ? registered(question.getName())
              : sent(question, asked.getAnswersList());
      request = request(asked, entry.recipe());
      decisions.awaitRoom();
    } catch (RuntimeException e) {
      metrics.refused(e);
      throw e;
    }
    var running = metrics.start(entry.name(), 0);
    var response = new AtomicReference<FuseResponse>();
    String id = question.getRequestId();
    Result result =
        TimeLimit.keep(entry.recipe(), () -> Result.of(() -> paid(entry, request, response)));
    switch (result) {
      case Result.Answered its -> {
        decisions.keep(
            Nested.identified(its.completion().getDecision().toBuilder().setId(id).build()),
            its.spend());
        running.answered(its.spend());
        return response.get();
      }
      case Result.Failed its -> {
        running.failed(its.why(), its.spend());
        if (Usages.isSomething(its.spent())) {
          String why = FailureStatus.fromThrowable(its.why()).message();
          decisions.keep(Nested.identified(Decisions.failed(id, entry, why)), its.spend());
        }
        throw its.why();
      }
    }
  }

  /**
   * What those may cost who may be asked is taken from the budget: who brought no answer, and where
   * the method rewrites prompts all, as it may ask whoever has answered again.
   */
  private Result paid(
      Entry.Elsewhere entry, FuseRequest request, AtomicReference<FuseResponse> response) {
    GenerateRequest question = request.getRequest();
    CostEstimate asked = CostEstimate.of(question.getMessagesList(), question.getSampling());
    long read =
        request.getAnswersList().stream()
            .mapToLong(its -> Usages.tokens(Usages.characters(its.getText())))
            .sum();
    var estimate = new CostEstimate(asked.promptTokens() + read, asked.completionTokens());
    var brought = new HashSet<String>();
    if (!names.directory().map(d -> d.rewrites(entry.name())).orElse(false)) {
      request.getAnswersList().forEach(its -> brought.add(its.getMember()));
    }
    double usd =
        entry.recipe().getMembersList().stream()
            .filter(member -> !brought.contains(RecipeRequest.name(member)))
            .mapToDouble(estimate::usd)
            .sum();
    return budgets
        .take(entry.recipe(), usd)
        .spend(
            () -> Result.of(() -> asked(entry, request, usd, response)),
            result -> result.spend().usd().doubleValue());
  }

  /** One that breaks off tells no bill: what members may have cost by then is taken for it. */
  private Result asked(
      Entry.Elsewhere entry,
      FuseRequest request,
      double usd,
      AtomicReference<FuseResponse> response) {
    long start = System.nanoTime();
    try {
      response.set(neighbours.fuse(request));
      return new Result.Answered(response.get().getCompletion());
    } catch (FailureException e) {
      // Whoever was away or refused has asked nobody, and who failed says what it used.
      boolean brokenOff =
          e.failure() instanceof Failure.DeadlineExceeded
              || e.failure() instanceof Failure.Cancelled
              || e.failure() instanceof Failure.Internal;
      Spent spent =
          brokenOff && !Usages.isSomething(e.spent())
              ? Spent.newBuilder().setCostUsd(usd).build()
              : e.spent();
      return new Result.Failed(translated(entry, start, e), spent);
    }
  }

  /** What is wrong with the answers, or with a recipe of the caller's own, is the caller's. */
  private static RuntimeException translated(
      Entry.Elsewhere entry, long start, FailureException e) {
    if (e.failure() instanceof Failure.InvalidArgument f && f.field().equals("answer_schema")) {
      String field = "response_format.json_schema.schema";
      return new FailureException(new Failure.InvalidArgument(field, f.reason(), f.message()), e);
    }
    if (e.failure() instanceof Failure.InvalidArgument f && entry.version() == 0) {
      String field = f.field().startsWith("recipe.") ? f.field().substring(7) : f.field();
      return new FailureException(new Failure.InvalidArgument(field, f.reason(), f.message()), e);
    }
    return NeighbourFailures.translate(entry.name(), start, e);
  }

  private Entry.Elsewhere registered(String name) {
    if (names.resolve(name) instanceof Entry.Elsewhere entry
        && entry.family() == Family.FAMILY_FUSION) {
      return entry;
    }
    throw new Failure.InvalidArgument(
            "name",
            "NOT_A_FUSION_ENSEMBLE",
            "'%s' is not an ensemble whose members all answer: it fuses nothing.".formatted(name))
        .exception();
  }

  /** The recipe that a caller sends, with everybody who is in it as they are registered. */
  private Entry.Elsewhere sent(GenerateRequest question, List<BroughtAnswer> answers) {
    var members = new LinkedHashMap<String, Member>();
    for (Member member : question.getRecipe().getMembersList()) {
      Member known = known(member, answers);
      if (members.putIfAbsent(RecipeRequest.name(known), known) != null) {
        throw Failure.invalid(
            "members", "'%s' is a member twice.".formatted(RecipeRequest.name(known)));
      }
    }
    for (BroughtAnswer its : answers) {
      Member known = known(Member.newBuilder().setModel(its.getMember()).build(), answers);
      members.putIfAbsent(RecipeRequest.name(known), known);
    }
    Recipe recipe =
        question.getRecipe().toBuilder()
            .setEnsemble(RECIPE)
            .clearVersion()
            .clearMembers()
            .addAllMembers(members.values())
            .build();
    return new Entry.Elsewhere(recipe, Family.FAMILY_FUSION);
  }

  /** A member by its own name; who only answered already need not be registered. */
  private Member known(Member member, List<BroughtAnswer> answers) {
    String name = names.own(RecipeRequest.name(member));
    List<BroughtAnswer> its =
        answers.stream().filter(answer -> names.own(answer.getMember()).equals(name)).toList();
    Optional<Entry> entry = names.directory().flatMap((Directory d) -> d.find(name));
    if (its.isEmpty() && entry.isEmpty()) {
      names.resolve(name);
    }
    Member.Builder known = member.toBuilder().clearRef();
    switch (entry.orElse(null)) {
      case Entry.Single single -> known.mergeFrom(single.member());
      case Entry.Elsewhere _, Entry.Routed _ -> known.setEnsemble(name);
      case Entry.Unserved unserved -> {
        if (its.isEmpty()) {
          throw unserved.why().exception();
        }
        known.setModel(name);
      }
      case null -> known.setModel(name);
    }
    var capabilities = new HashSet<>(known.getCapabilitiesList());
    capabilities.add(Capability.CAPABILITY_GENERATION);
    if (!its.isEmpty() && its.stream().allMatch(answer -> answer.getLogprobsCount() > 0)) {
      capabilities.add(Capability.CAPABILITY_LOGPROBS);
    }
    return known
        .clearCapabilities()
        .addAllCapabilities(capabilities.stream().sorted().toList())
        .build();
  }

  private FuseRequest request(FuseRequest asked, Recipe recipe) {
    var named = new ArrayList<BroughtAnswer>();
    for (BroughtAnswer its : asked.getAnswersList()) {
      String own = names.own(its.getMember());
      String name =
          recipe.getMembersList().stream()
              .filter(m -> m.getAs().equals(its.getMember()) && !m.getAs().isEmpty())
              .map(RecipeRequest::name)
              .findFirst()
              .orElse(own);
      named.add(its.toBuilder().setMember(name).build());
    }
    FuseRequest.Builder request = asked.toBuilder().clearAnswers().addAllAnswers(named);
    request.getRequestBuilder().setRecipe(recipe);
    return request.build();
  }
}
