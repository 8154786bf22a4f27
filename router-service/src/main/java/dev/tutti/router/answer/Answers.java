package dev.tutti.router.answer;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Neighbours;
import dev.tutti.router.v1.RouteResponse;
import io.grpc.Context;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.function.Consumer;

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

  Answers(KnownNames names, Neighbours neighbours, DecisionLog decisions, RequestMetrics metrics) {
    this.names = names;
    this.neighbours = neighbours;
    this.decisions = decisions;
    this.metrics = metrics;
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
    } catch (FailureException e) {
      metrics.refused(e);
      throw e;
    }
    var running = metrics.start(entry.name());
    var partly = new Decision[1];
    try {
      Completion completion =
          ask(entry, request, running.timing(sink), decision -> partly[0] = decision);
      keep(request, decision(request, entry, completion));
      running.answered(completion);
      sink.emit(GenerateResponse.newBuilder().setCompletion(completion).build());
    } catch (RuntimeException e) {
      running.failed(e);
      keep(request, failed(request, entry, partly[0], e));
      throw e;
    }
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
    Plan plan = Plan.of(entry, request.getMessagesList(), sampling);
    RouteResponse.Builder response = RouteResponse.newBuilder();
    plan.route().ranked().forEach(c -> response.addRanked(c.member()));
    response.setMember(response.getRanked(0)).setDecision(plan.decision(id));
    decisions.keep(response.getDecision());
    return response.build();
  }

  private Entry target(GenerateRequest request) {
    return switch (request.getTargetCase()) {
      case NAME -> names.resolve(request.getName());
      case RECIPE -> {
        var recipe = RecipeRequest.of(request).recipe();
        yield new Entry.Routed(recipe, RouterCatalog.METHODS.create(recipe), Map.of());
      }
      case MEMBER, TARGET_NOT_SET ->
          throw Failure.invalid(
              "target",
              "The router answers a name, or a recipe of the router family; a member is the"
                  + " decoder's.");
    };
  }

  private Completion ask(
      Entry entry,
      GenerateRequest request,
      EventSink<GenerateResponse> sink,
      Consumer<Decision> onFailure) {
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
        var next = request.toBuilder().setMember(single.member()).build();
        yield relay(single.name(), neighbours.askModel(next), sink);
      }
      case Entry.Elsewhere elsewhere -> {
        var next = request.toBuilder().setRecipe(elsewhere.recipe()).build();
        yield relay(elsewhere.name(), neighbours.askEnsemble(elsewhere.family(), next), sink);
      }
      case Entry.Routed routed -> {
        var answer =
            new RoutedAnswer(
                Plan.of(routed, request.getMessagesList(), request.getSampling()),
                request,
                this::askMember);
        try {
          yield answer.run(sink);
        } catch (RuntimeException e) {
          onFailure.accept(answer.decision());
          throw e;
        }
      }
      case Entry.Unserved unserved -> throw unserved.why().exception();
    };
  }

  private Completion askMember(GenerateRequest request, EventSink<GenerateResponse> sink) {
    if (request.hasMember()) {
      return relay(request.getMember().getModel(), neighbours.askModel(request), sink);
    }
    return ask(names.resolve(request.getName()), request, sink, _ -> {});
  }

  /** Hands everything on but the completion, which it returns. */
  private static Completion relay(
      String name, ClientStream<GenerateResponse> events, EventSink<GenerateResponse> sink) {
    Completion completion = null;
    try (events) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        switch (event.getEventCase()) {
          case DELTA, PROGRESS -> sink.emit(event);
          case COMPLETION -> completion = event.getCompletion();
          case EVENT_NOT_SET -> {}
        }
      }
    } catch (FailureException e) {
      throw translate(name, e);
    }
    if (completion == null) {
      throw new Failure.Unavailable(
              "INCOMPLETE_ANSWER", "'%s' ended its answer without a completion.".formatted(name))
          .exception();
    }
    return completion;
  }

  private static RuntimeException translate(String name, FailureException e) {
    if (e.failure() instanceof Failure.NotFound missing) {
      // Every name was resolved here already: a neighbour that does not know one is behind.
      return new FailureException(
          new Failure.Unavailable(
              missing.reason(), "'%s' is not served yet: %s".formatted(name, missing.message())),
          e);
    }
    boolean left = e.failure() instanceof Failure.Cancelled && Context.current().isCancelled();
    return left ? new CancelledException() : e;
  }

  private void keep(GenerateRequest request, Decision decision) {
    if (request.getDepth() == 0) {
      decisions.keep(decision);
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
