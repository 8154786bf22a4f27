package dev.tutti.router.answer;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.router.budget.Budgets;
import dev.tutti.router.budget.Taken;
import dev.tutti.router.decision.Spend;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Neighbours;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Supplier;

/**
 * Has whatever a name stands for answer, where it lives, within the budgets that there are; members
 * that are ensembles are names again.
 */
@ApplicationScoped
class EntryAnswers {

  private final KnownNames names;
  private final Neighbours neighbours;
  private final Expectations expectations;
  private final Planner planner;
  private final RequestMetrics metrics;
  private final Budgets budgets;

  EntryAnswers(
      KnownNames names,
      Neighbours neighbours,
      Expectations expectations,
      Planner planner,
      RequestMetrics metrics,
      Budgets budgets) {
    this.names = names;
    this.neighbours = neighbours;
    this.expectations = expectations;
    this.planner = planner;
    this.metrics = metrics;
    this.budgets = budgets;
  }

  /** US dollars that an answer is expected to cost, before anything of it is decided. */
  double expectedUsd(Entry entry, GenerateRequest request) {
    CostEstimate estimate = CostEstimate.of(request.getMessagesList(), request.getSampling());
    double choice =
        switch (entry) {
          case Entry.Single its -> expectations.usd(its.member(), estimate);
          case Entry.Elsewhere its ->
              expectations.usd(
                  its.name(),
                  its.recipe().getMembersList().stream().mapToDouble(estimate::usdAsked).sum());
          case Entry.Routed its ->
              expectations.usd(
                  its.name(),
                  its.recipe().getMembersList().stream()
                      .mapToDouble(estimate::usd)
                      .max()
                      .orElse(0));
          case Entry.Unserved _ -> 0;
        };
    return Spend.bounded(choice) * Math.max(1, request.getChoices());
  }

  /** Has it answered, but for the completion's event; what was spent is told in the result. */
  Result ask(Entry entry, GenerateRequest request, EventSink<GenerateResponse> sink) {
    return Result.of(() -> asked(entry, request, sink));
  }

  private Result asked(Entry entry, GenerateRequest request, EventSink<GenerateResponse> sink) {
    if (request.getDepth() > RequestRules.MAX_DEPTH) {
      throw new Failure.InvalidArgument(
              "depth",
              "ENSEMBLE_TOO_DEEP",
              "'%s' lies below %d ensembles; at most %d are allowed."
                  .formatted(entry.name(), request.getDepth(), RequestRules.MAX_DEPTH))
          .exception();
    }
    return switch (entry) {
      case Entry.Single single -> {
        if (single.model().getRuntime() != Runtime.RUNTIME_OPENAI) {
          RequestRules.requireInterpreted(request);
        }
        yield askModel(request.toBuilder().setMember(single.member()).build(), sink);
      }
      case Entry.Elsewhere elsewhere -> {
        GenerateRequest its = passedOn(elsewhere, request);
        yield TimeLimit.keep(elsewhere.recipe(), () -> askElsewhere(elsewhere, its, sink));
      }
      case Entry.Routed routed ->
          TimeLimit.keep(routed.recipe(), () -> route(restricted(routed, request), request, sink));
      case Entry.Unserved unserved -> throw unserved.why().exception();
    };
  }

  private Result route(
      Entry.Routed routed, GenerateRequest request, EventSink<GenerateResponse> sink) {
    long start = System.nanoTime();
    Planner.Paid paid = planner.paid(routed, request);
    metrics.decided(request.hasName() ? routed.name() : "", start);
    return spend(
        paid.taken(),
        routed.recipe(),
        request,
        () -> new RoutedAnswer(paid.plan(), request, expectations, this::askMember).run(sink));
  }

  /**
   * An answer for which what such answers cost is taken from the budget of the day; before the
   * first, what asking every member would.
   */
  private Result askElsewhere(
      Entry.Elsewhere ensemble, GenerateRequest request, EventSink<GenerateResponse> sink) {
    Recipe recipe = ensemble.recipe();
    CostEstimate estimate = CostEstimate.of(request.getMessagesList(), request.getSampling());
    double unseen = recipe.getMembersList().stream().mapToDouble(estimate::usdAsked).sum();
    double usd = expectations.usd(recipe.getEnsemble(), unseen) * Math.max(1, request.getChoices());
    var next = request.toBuilder().setRecipe(recipe).build();
    return spend(
        budgets.take(recipe, usd),
        recipe,
        request,
        () -> Choices.ask(next, sink, (one, its) -> askEnsemble(ensemble, one, its)));
  }

  private Result spend(Taken taken, Recipe recipe, GenerateRequest request, Supplier<Result> call) {
    long called = System.nanoTime();
    Result result = taken.spend(call, EntryAnswers::usd);
    // A recipe that was sent has whatever name its sender wrote.
    if (result instanceof Result.Answered its && request.hasName()) {
      expectations.answered(
          Member.newBuilder().setEnsemble(recipe.getEnsemble()).build(),
          its.completion(),
          request.getChoices(),
          Expectations.secondsSince(called));
    }
    return result;
  }

  private static double usd(Result result) {
    return switch (result) {
      case Result.Answered its -> its.completion().getCostUsd();
      // As it is in the report on spend.
      case Result.Failed its -> its.spend().usd().doubleValue();
    };
  }

  /** Where a sum that cannot be goes no further. */
  private static Completion bounded(Completion completion) {
    double usd = Spend.bounded(completion.getCostUsd());
    return usd == completion.getCostUsd()
        ? completion
        : completion.toBuilder()
            .setCostUsd(usd)
            .setUsage(completion.getUsage().toBuilder().setEstimated(true))
            .build();
  }

  /**
   * The request with what is not interpreted of it, as far as somebody below takes that; who
   * answers is to read the answers.
   */
  private GenerateRequest passedOn(Entry.Elsewhere ensemble, GenerateRequest request) {
    String field = request.getWire().getUninterpreted();
    if (field.isEmpty()) {
      return request.toBuilder().clearWire().build();
    }
    if (!takes(ensemble.name(), field)) {
      RequestRules.requireInterpreted(request);
    }
    return request.toBuilder().setWire(request.getWire().toBuilder().setInterpreted(true)).build();
  }

  /** Whether somebody who may be asked under a name takes a field that is not interpreted. */
  private boolean takes(String name, String field) {
    return names
        .directory()
        .map(d -> EndpointFields.contains(field) ? d.takesWire(name) : d.passesOn(name))
        .orElse(false);
  }

  /** Leaves out who cannot take all that the caller asks for. */
  private Entry.Routed restricted(Entry.Routed routed, GenerateRequest request) {
    String field = request.getWire().getUninterpreted();
    if (field.isEmpty()) {
      return routed;
    }
    var unavailable = new LinkedHashMap<>(routed.unavailable());
    for (Member member : routed.recipe().getMembersList()) {
      String name = RecipeRequest.name(member);
      if (!takes(name, field)) {
        unavailable.putIfAbsent(name, "does not take '%s'".formatted(field));
      }
    }
    if (unavailable.size() == routed.recipe().getMembersCount()) {
      RequestRules.requireInterpreted(request);
    }
    return routed.without(unavailable);
  }

  private Result askMember(GenerateRequest request, EventSink<GenerateResponse> sink) {
    return request.hasMember()
        ? Result.of(() -> askModel(request, sink))
        : Result.of(() -> asked(names.resolve(request.getName()), request, sink));
  }

  /**
   * Asks a model: with the caller's own body where it takes it, which says how many answers where
   * they are not read here.
   */
  private Result askModel(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String model = request.getMember().getModel();
    boolean wire =
        request.hasWire() && names.directory().map(d -> d.takesWire(model)).orElse(false);
    if (wire && !request.getWire().getInterpreted()) {
      GenerateRequest asked = request.toBuilder().clearChoices().build();
      return relay(asked, neighbours.askModel(asked), sink);
    }
    return Choices.ask(
        wire ? request : request.toBuilder().clearWire().build(),
        sink,
        (one, its) -> relay(one, neighbours.askModel(one), its));
  }

  private Result askEnsemble(
      Entry.Elsewhere ensemble, GenerateRequest request, EventSink<GenerateResponse> sink) {
    return relay(request, neighbours.askEnsemble(ensemble.family(), request), sink);
  }

  /** Hands everything on but the completion; where there is none, what was delivered is counted. */
  private static Result relay(
      GenerateRequest request,
      ClientStream<GenerateResponse> events,
      EventSink<GenerateResponse> sink) {
    List<Member> members =
        request.hasMember() ? List.of(request.getMember()) : request.getRecipe().getMembersList();
    var delivered = new Delivered(members, request);
    long start = System.nanoTime();
    try {
      return new Result.Answered(relay(name(request), events, delivered, sink));
    } catch (RuntimeException e) {
      RuntimeException why =
          e instanceof FailureException failed
              ? NeighbourFailures.translate(name(request), start, failed)
              : e;
      return new Result.Failed(why, delivered.bill(FailureStatus.fromThrowable(e)));
    }
  }

  private static String name(GenerateRequest request) {
    return request.hasMember()
        ? RecipeRequest.name(request.getMember())
        : request.getRecipe().getEnsemble();
  }

  private static Completion relay(
      String name,
      ClientStream<GenerateResponse> events,
      Delivered delivered,
      EventSink<GenerateResponse> sink) {
    Completion completion = null;
    try (events) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        delivered.note(event);
        switch (event.getEventCase()) {
          case DELTA, WIRE, PROGRESS, SPENT -> sink.emit(event);
          case COMPLETION -> completion = bounded(event.getCompletion());
          case EVENT_NOT_SET -> {}
        }
      }
    }
    if (completion == null) {
      throw new Failure.Unavailable(
              "INCOMPLETE_ANSWER", "'%s' ended its answer without a completion.".formatted(name))
          .exception();
    }
    return completion;
  }
}
