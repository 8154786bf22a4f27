package dev.tutti.router.answer;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
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
import dev.tutti.router.budget.Account;
import dev.tutti.router.budget.Budgets;
import dev.tutti.router.decision.Spend;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Neighbours;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
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

  /**
   * An answer, without its completion's event.
   *
   * @param begun is told what is known of it
   * @throws dev.tutti.kit.grpc.FailureException when there is none, or no whole one
   */
  Completion ask(
      Entry entry, GenerateRequest request, EventSink<GenerateResponse> sink, Begun begun) {
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
        RequestRules.requireInterpreted(request);
        var next = request.toBuilder().clearWire().setRecipe(elsewhere.recipe()).build();
        yield TimeLimit.keep(
            elsewhere.recipe(),
            () ->
                paid(
                    elsewhere.recipe(),
                    request,
                    begun,
                    () -> Choices.ask(next, sink, (one, its) -> askEnsemble(elsewhere, one, its))));
      }
      case Entry.Routed routed ->
          TimeLimit.keep(
              routed.recipe(), () -> route(restricted(routed, request), request, sink, begun));
      case Entry.Unserved unserved -> throw unserved.why().exception();
    };
  }

  private Completion route(
      Entry.Routed routed, GenerateRequest request, EventSink<GenerateResponse> sink, Begun begun) {
    Optional<Account> account = budgets.account(routed.recipe());
    long start = System.nanoTime();
    Plan plan = planner.paid(routed, request);
    metrics.decided(request.hasName() ? routed.name() : "", start);
    begun.embedding = plan.query().embedding();
    return settled(
        routed.recipe(),
        request,
        account,
        plan.usd(),
        begun,
        () -> {
          var answer = new RoutedAnswer(plan, request, expectations, this::askMember);
          try {
            return answer.run(sink);
          } catch (RuntimeException e) {
            begun.partly = answer.decision();
            throw e;
          } finally {
            begun.failed = answer.failed();
          }
        });
  }

  /**
   * An answer for which what such answers cost is taken from the budget of the day; before the
   * first, what asking every member would.
   */
  private Completion paid(
      Recipe recipe, GenerateRequest request, Begun begun, Supplier<Completion> call) {
    CostEstimate estimate = CostEstimate.of(request.getMessagesList(), request.getSampling());
    double unseen = recipe.getMembersList().stream().mapToDouble(estimate::usd).sum();
    double usd = expectations.usd(recipe.getEnsemble(), unseen) * Math.max(1, request.getChoices());
    Optional<Account> account = budgets.looked(recipe);
    account
        .filter(its -> its.left() <= 0 || !its.take(usd))
        .ifPresent(
            its -> {
              throw Budgets.exhausted(recipe, its).exception();
            });
    return settled(recipe, request, account, usd, begun, call);
  }

  /** An answer; what it did cost takes the place of what was taken for it, whatever happens. */
  private Completion settled(
      Recipe recipe,
      GenerateRequest request,
      Optional<Account> account,
      double taken,
      Begun begun,
      Supplier<Completion> call) {
    long called = System.nanoTime();
    double actual = taken;
    try {
      Completion completion = call.get();
      actual = completion.getCostUsd();
      if (request.hasName()) {
        // A recipe that was sent has whatever name its sender wrote.
        expectations.answered(
            Member.newBuilder().setEnsemble(recipe.getEnsemble()).build(),
            completion,
            request.getChoices(),
            Expectations.secondsSince(called));
      }
      return completion;
    } catch (RuntimeException e) {
      // As it is in the report on spend.
      actual = begun.lost.usd().doubleValue();
      throw e;
    } finally {
      if (account.isPresent()) {
        account.get().settle(taken, actual);
      }
    }
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

  /** Leaves out who cannot take all that the caller asks for. */
  private Entry.Routed restricted(Entry.Routed routed, GenerateRequest request) {
    String field = request.getWire().getUninterpreted();
    if (field.isEmpty()) {
      return routed;
    }
    var unavailable = new LinkedHashMap<>(routed.unavailable());
    for (Member member : routed.recipe().getMembersList()) {
      String name = RecipeRequest.name(member);
      if (!names.directory().map(d -> d.takesWire(name)).orElse(false)) {
        unavailable.putIfAbsent(name, "does not take '%s'".formatted(field));
      }
    }
    if (unavailable.size() == routed.recipe().getMembersCount()) {
      RequestRules.requireInterpreted(request);
    }
    return routed.without(unavailable);
  }

  private Completion askMember(GenerateRequest request, EventSink<GenerateResponse> sink) {
    if (request.hasMember()) {
      return askModel(request, sink);
    }
    var nested = new Begun();
    return ask(names.resolve(request.getName()), request, nested.noting(sink), nested);
  }

  /** Asks a model: with the caller's own body, which says how many answers, where it takes it. */
  private Completion askModel(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String model = request.getMember().getModel();
    if (request.hasWire() && names.directory().map(d -> d.takesWire(model)).orElse(false)) {
      GenerateRequest asked = request.toBuilder().clearChoices().build();
      return relay(asked, neighbours.askModel(asked), sink);
    }
    return Choices.ask(
        request.toBuilder().clearWire().build(),
        sink,
        (one, its) -> relay(one, neighbours.askModel(one), its));
  }

  private Completion askEnsemble(
      Entry.Elsewhere ensemble, GenerateRequest request, EventSink<GenerateResponse> sink) {
    return relay(request, neighbours.askEnsemble(ensemble.family(), request), sink);
  }

  /**
   * Hands everything on but the completion, which it returns. Where there is none, what was
   * delivered until then is told last.
   */
  private static Completion relay(
      GenerateRequest request,
      ClientStream<GenerateResponse> events,
      EventSink<GenerateResponse> sink) {
    List<Member> members =
        request.hasMember() ? List.of(request.getMember()) : request.getRecipe().getMembersList();
    var delivered = new Delivered(members, request);
    long start = System.nanoTime();
    try {
      return relay(name(request), events, delivered, sink);
    } catch (RuntimeException e) {
      Spent bill = delivered.bill(FailureStatus.fromThrowable(e));
      RuntimeException why =
          e instanceof FailureException failed
              ? NeighbourFailures.translate(name(request), start, failed)
              : e;
      LastWords.emit(bill, sink, why);
      throw why;
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
