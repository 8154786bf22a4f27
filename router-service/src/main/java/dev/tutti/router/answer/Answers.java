package dev.tutti.router.answer;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.router.Observing;
import dev.tutti.router.budget.Account;
import dev.tutti.router.budget.Budgets;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.Spend;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Methods;
import dev.tutti.router.members.Neighbours;
import dev.tutti.router.v1.RouteResponse;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Answers requests by name: a model at the decoder, an ensemble where its family lives, an ensemble
 * of this service here. What a request reads of the registry is one immutable entry; the database
 * is not asked.
 */
@ApplicationScoped
public class Answers {

  private final KnownNames names;
  private final Neighbours neighbours;
  private final DecisionLog decisions;
  private final RequestMetrics metrics;
  private final Expectations expectations;
  private final Methods methods;
  private final Planner planner;
  private final Budgets budgets;
  private final String embeddingModel;

  Answers(
      KnownNames names,
      Neighbours neighbours,
      DecisionLog decisions,
      RequestMetrics metrics,
      Expectations expectations,
      Methods methods,
      Planner planner,
      Budgets budgets,
      @ConfigProperty(name = "tutti.router.embedding-model") String embeddingModel) {
    this.names = names;
    this.neighbours = neighbours;
    this.decisions = decisions;
    this.metrics = metrics;
    this.expectations = expectations;
    this.methods = methods;
    this.planner = planner;
    this.budgets = budgets;
    this.embeddingModel = embeddingModel;
  }

  /**
   * Answers a request. The decision of one that comes from a client (depth 0) is kept.
   *
   * @param request with an id; its target is a name, or a recipe of this service
   * @param sink gets deltas, progress, and at last the completion
   * @throws FailureException when there is no answer, or no whole one
   * @throws CancelledException when the caller left
   */
  public void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    Entry entry;
    try {
      RequestRules.check(request);
      entry = target(request);
      if (request.getDepth() == 0) {
        decisions.awaitRoom();
      }
    } catch (FailureException e) {
      metrics.refused(e);
      throw e;
    }
    var running = metrics.start(tag(entry), request.getDepth());
    var begun = new Begun();
    Completion completion;
    try {
      completion = ask(entry, request, begun.noting(running.timing(sink)), begun);
    } catch (RuntimeException e) {
      running.failed(e, begun.lost);
      keep(request, entry, failed(request, entry, begun.partly, e), begun.lost, begun);
      throw e;
    }
    Spend spend = Spend.of(completion.getUsage(), completion.getCostUsd());
    keep(request, entry, decision(request, entry, completion), spend, begun);
    running.answered(spend);
    // Last: the answer and its decision stand, even where nobody is left to hear of them.
    sink.emit(GenerateResponse.newBuilder().setCompletion(completion).build());
  }

  /** What is known of an answer on its way. */
  private static final class Begun {

    private Decision partly;
    private Spend lost = Spend.NOTHING;
    private float[] embedding = {};
    private boolean said;
    private Set<String> failed = Set.of();

    /** What an answer used that failed half way is spent all the same. */
    EventSink<GenerateResponse> noting(EventSink<GenerateResponse> sink) {
      return event -> {
        if (event.hasSpent()) {
          lost = Spend.of(event.getSpent().getUsage(), event.getSpent().getCostUsd());
        }
        said |= event.hasDelta() || event.hasWire();
        sink.emit(event);
      };
    }

    /**
     * US dollars that a call counts for which failed: what it told, else what was taken for it
     * where it may have cost something.
     */
    double usd(double taken, RuntimeException why) {
      boolean cut =
          switch (FailureStatus.fromThrowable(why)) {
            case Failure.Cancelled _, Failure.DeadlineExceeded _ -> true;
            default -> false;
          };
      return lost == Spend.NOTHING && (said || cut) ? taken : lost.usd().doubleValue();
    }
  }

  /**
   * Whether some of those who may answer under a name take a request as its caller wrote it, with
   * all that Tutti does not interpret.
   */
  public boolean takesWire(String name) {
    return names.directory().map(d -> d.takesWire(name)).orElse(false);
  }

  /** A recipe's name is whatever its sender wrote: no series for each. */
  private String tag(Entry entry) {
    boolean known = names.directory().flatMap(d -> d.find(entry.name())).isPresent();
    return known ? entry.name() : "recipe";
  }

  /**
   * Decides whom a routing ensemble would ask, and asks nobody. The decision is kept.
   *
   * @param id of the decision
   * @throws FailureException when the name is no routing ensemble's, or the request is wrong
   */
  public RouteResponse route(
      String id, String name, Iterable<Message> messages, Sampling sampling) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setRequestId(id)
            .setName(name)
            .addAllMessages(messages)
            .setSampling(sampling)
            .build();
    RequestRules.check(request);
    if (!(target(request) instanceof Entry.Routed entry)) {
      throw new Failure.InvalidArgument(
              "name",
              "NOT_A_ROUTING_ENSEMBLE",
              "'%s' is not a routing ensemble: it decides nothing before it answers."
                  .formatted(name))
          .exception();
    }
    decisions.awaitRoom();
    Plan plan = planner.plan(entry, request);
    RouteResponse.Builder response = RouteResponse.newBuilder();
    plan.route().ranked().forEach(c -> response.addRanked(c.member()));
    response.setMember(response.getRanked(0)).setDecision(plan.decision(id));
    decisions.keep(response.getDecision(), Spend.NOTHING, plan.query().embedding(), Set.of());
    return response.build();
  }

  private Entry target(GenerateRequest request) {
    return switch (request.getTargetCase()) {
      case NAME -> speaking(request.getName());
      case RECIPE -> {
        var recipe = RecipeRequest.of(request).recipe();
        yield Entry.Routed.of(recipe, methods.catalog());
      }
      case MEMBER, TARGET_NOT_SET ->
          throw Failure.invalid(
              "target",
              "The router answers a name, or a recipe of the router family; a member is the"
                  + " decoder's.");
    };
  }

  private Entry speaking(String name) {
    boolean registered = names.directory().flatMap(d -> d.find(name)).isPresent();
    if (!registered && name.equals(embeddingModel)) {
      throw cannotChat(name);
    }
    Entry entry = names.resolve(name);
    if (entry instanceof Entry.Single single) {
      var capabilities = single.member().getCapabilitiesList();
      if (capabilities.contains(Capability.CAPABILITY_EMBEDDING)
          && !capabilities.contains(Capability.CAPABILITY_GENERATION)) {
        throw cannotChat(name);
      }
    }
    return entry;
  }

  private static FailureException cannotChat(String name) {
    return new Failure.InvalidArgument(
            "name",
            "MODEL_CANNOT_CHAT",
            "'%s' does not chat: it is an embedding model, for /v1/embeddings.".formatted(name))
        .exception();
  }

  private Completion ask(
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
        var next = request.toBuilder().setMember(single.member());
        if (single.model().getRuntime() != Runtime.RUNTIME_OPENAI) {
          RequestRules.requireInterpreted(request);
          next.clearWire();
        }
        yield relay(single.name(), neighbours.askModel(next.build()), sink);
      }
      case Entry.Elsewhere elsewhere -> {
        RequestRules.requireInterpreted(request);
        var next = request.toBuilder().clearWire().setRecipe(elsewhere.recipe()).build();
        yield paid(
            elsewhere.recipe(),
            request,
            begun,
            () -> relay(elsewhere.name(), neighbours.askEnsemble(elsewhere.family(), next), sink));
      }
      case Entry.Routed all -> {
        Entry.Routed routed = restricted(all, request);
        Optional<Account> account = budgets.account(routed.recipe());
        Plan plan = planner.paid(routed, request);
        begun.embedding = plan.query().embedding();
        yield settled(
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
      case Entry.Unserved unserved -> throw unserved.why().exception();
    };
  }

  /**
   * An answer for which what such answers cost is taken from the budget of the day; before the
   * first, what asking every member would.
   */
  private Completion paid(
      Recipe recipe, GenerateRequest request, Begun begun, Supplier<Completion> call) {
    CostEstimate estimate = CostEstimate.of(request.getMessagesList(), request.getSampling());
    double unseen = recipe.getMembersList().stream().mapToDouble(estimate::usd).sum();
    double usd = expectations.usd(recipe.getEnsemble(), unseen);
    Optional<Account> account = budgets.account(recipe);
    account
        .filter(its -> its.left() <= 0 || !its.take(usd))
        .ifPresent(
            its -> {
              throw Budgets.exhausted(recipe, its, usd).exception();
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
            Expectations.secondsSince(called));
      }
      return completion;
    } catch (RuntimeException e) {
      actual = begun.usd(taken, e);
      throw e;
    } finally {
      if (account.isPresent()) {
        account.get().settle(taken, actual);
      }
    }
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
      if (!takesWire(name)) {
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
      return relay(request.getMember().getModel(), neighbours.askModel(request), sink);
    }
    var nested = new Begun();
    return ask(names.resolve(request.getName()), request, nested.noting(sink), nested);
  }

  /** Hands everything on but the completion, which it returns. */
  private static Completion relay(
      String name, ClientStream<GenerateResponse> events, EventSink<GenerateResponse> sink) {
    Completion completion = null;
    try (events) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        switch (event.getEventCase()) {
          case DELTA, WIRE, PROGRESS, SPENT -> sink.emit(event);
          case COMPLETION -> completion = event.getCompletion();
          case EVENT_NOT_SET -> {}
        }
      }
    } catch (FailureException e) {
      throw NeighbourFailures.translate(name, e);
    }
    if (completion == null) {
      throw new Failure.Unavailable(
              "INCOMPLETE_ANSWER", "'%s' ended its answer without a completion.".formatted(name))
          .exception();
    }
    return completion;
  }

  private void keep(
      GenerateRequest request, Entry entry, Decision decision, Spend spend, Begun begun) {
    if (request.getDepth() == 0) {
      boolean learned =
          request.hasName()
              && entry instanceof Entry.Routed routed
              && routed.router() instanceof Observing learner
              && learner.learnsFromFailures();
      decisions.keep(decision, spend, begun.embedding, learned ? begun.failed : Set.of());
    }
  }

  private static Decision decision(GenerateRequest request, Entry entry, Completion completion) {
    if (completion.hasDecision()) {
      return completion.getDecision().toBuilder().setId(request.getRequestId()).build();
    }
    return entry instanceof Entry.Single single
        ? Decisions.answered(request.getRequestId(), single, completion)
        : Decisions.failed(request.getRequestId(), entry, "The service told no decision.");
  }

  private static Decision failed(
      GenerateRequest request, Entry entry, Decision partly, RuntimeException why) {
    String message = FailureStatus.fromThrowable(why).message();
    return partly == null
        ? Decisions.failed(request.getRequestId(), entry, message)
        : partly.toBuilder()
            .setExplanation(partly.getExplanation() + " No whole answer: " + message)
            .build();
  }
}
