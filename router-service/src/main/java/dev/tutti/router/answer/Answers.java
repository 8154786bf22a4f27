package dev.tutti.router.answer;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.GenerationTrace;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.router.Observing;
import dev.tutti.router.access.Caller;
import dev.tutti.router.activity.Ending;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.Nested;
import dev.tutti.router.decision.Spend;
import dev.tutti.router.limit.Admission;
import dev.tutti.router.limit.Limits;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.Methods;
import dev.tutti.router.v1.RouteResponse;
import dev.tutti.type.v1.Capability;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
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

  /** Stands for the names of recipes that were sent: they are whatever their sender wrote. */
  private static final String RECIPE = "recipe";

  private final KnownNames names;
  private final EntryAnswers entries;
  private final DecisionLog decisions;
  private final RequestMetrics metrics;
  private final Methods methods;
  private final Planner planner;
  private final Limits limits;
  private final String embeddingModel;

  Answers(
      KnownNames names,
      EntryAnswers entries,
      DecisionLog decisions,
      RequestMetrics metrics,
      Methods methods,
      Planner planner,
      Limits limits,
      @ConfigProperty(name = "tutti.router.embedding-model") String embeddingModel) {
    this.names = names;
    this.entries = entries;
    this.decisions = decisions;
    this.metrics = metrics;
    this.methods = methods;
    this.planner = planner;
    this.limits = limits;
    this.embeddingModel = embeddingModel;
  }

  /**
   * Answers a request. The decision of one that comes from a client (depth 0) is kept.
   *
   * @param asked with an id; its target is a name, or a recipe of this service
   * @param sink gets deltas, progress, and at last the completion
   * @throws FailureException when there is no answer, or no whole one
   * @throws CancelledException when the caller left
   */
  public void answer(GenerateRequest asked, EventSink<GenerateResponse> sink) {
    // Whatever it says of itself.
    GenerateRequest request =
        asked.getDepth() > 0
            ? asked
            : asked.toBuilder().setTeam(Caller.current().toldTeam()).build();
    Entry entry;
    Optional<Admission> admission = Optional.empty();
    try {
      RequestRules.check(request);
      if (request.getDepth() > 0) {
        Caller.current().requireMayNest();
      }
      entry = target(request);
      if (request.getDepth() == 0) {
        decisions.awaitRoom();
        admission = Optional.of(admit(entry, request));
      }
    } catch (FailureException e) {
      metrics.refused(e);
      throw e;
    }
    var running = metrics.start(tag(entry), request.getDepth());
    EventSink<GenerateResponse> traced =
        GenerationTrace.of(request, entry.name(), GenerationTrace.TUTTI, sink);
    Supplier<Result> answer = () -> entries.ask(entry, request, running.timing(traced));
    Result result =
        admission.isEmpty()
            ? answer.get()
            : admission
                .get()
                .spend(answer, its -> its.spend().tokens(), its -> its.spend().usd().doubleValue());
    switch (result) {
      case Result.Answered its -> {
        GenerateResponse last = answered(request, entry, its, running);
        running.answered(its.spend());
        traced.emit(last);
      }
      case Result.Failed its -> {
        running.failed(its.why(), its.spend());
        keep(
            request,
            entry,
            Nested.identified(failed(request, entry, its)),
            its,
            running.ending(its.isFault(), OptionalDouble.empty()));
        tell(its, traced);
        throw its.why();
      }
    }
  }

  private Admission admit(Entry entry, GenerateRequest request) {
    CostEstimate estimate = CostEstimate.of(request.getMessagesList(), request.getSampling());
    double tokens =
        estimate.promptTokens()
            + (double) estimate.completionTokens() * Math.max(1, request.getChoices());
    return limits.admit(tokens, entries.expectedUsd(entry, request));
  }

  /** The last event, of which the decision is kept: it stands, even where nobody hears of it. */
  private GenerateResponse answered(
      GenerateRequest request, Entry entry, Result.Answered its, RequestMetrics.Running running) {
    Completion completion = its.completion();
    Decision decision = Nested.identified(decision(request, entry, completion));
    keep(request, entry, decision, its, running.ending(false, Dearest.usd(entry, completion)));
    if (!(entry instanceof Entry.Single) && !tag(entry).equals(RECIPE)) {
      completion.getDecision().getCandidatesList().stream()
          .filter(Candidate::getChosen)
          .forEach(candidate -> metrics.chosen(entry.name(), candidate.getMember()));
    }
    return GenerateResponse.newBuilder()
        .setCompletion(
            completion.hasDecision()
                ? completion.toBuilder().setDecision(decision).build()
                : completion)
        .build();
  }

  /** What a failing answer says last: what was used, if anything was, and who still listens. */
  private static void tell(Result.Failed its, EventSink<GenerateResponse> sink) {
    if (!Usages.isSomething(its.spent())) {
      return;
    }
    try {
      sink.emit(GenerateResponse.newBuilder().setSpent(its.spent()).build());
    } catch (RuntimeException gone) {
      if (gone != its.why()) {
        its.why().addSuppressed(gone);
      }
    }
  }

  /**
   * Who answers to a name. One that answers nothing is refused before anything else is said of a
   * request.
   *
   * @throws FailureException {@link Failure.NotFound} where there is no such name, others where it
   *     cannot answer now, or only embeds
   */
  public Addressee require(String name) {
    Entry entry;
    try {
      entry = speaking(name);
    } catch (FailureException e) {
      metrics.refused(e);
      throw e;
    }
    String own = entry.name();
    return new Addressee(
        own,
        entry instanceof Entry.Single,
        names.directory().map(d -> d.takesWire(own)).orElse(false),
        names.directory().map(d -> d.passesOn(own)).orElse(false),
        names.directory().map(d -> d.leftOut(own)).orElse(List.of()),
        names.directory().map(d -> d.dropsUnserved(own)).orElse(false));
  }

  /** A recipe's name is whatever its sender wrote: no series for each. */
  private String tag(Entry entry) {
    boolean known = names.directory().flatMap(d -> d.find(entry.name())).isPresent();
    return known ? entry.name() : RECIPE;
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
    Admission admission = limits.admit(0, 0);
    long start = System.nanoTime();
    Plan plan = planner.plan(entry, request);
    metrics.decided(entry.name(), start);
    RouteResponse.Builder response = RouteResponse.newBuilder();
    plan.route().ranked().forEach(c -> response.addRanked(c.member()));
    response.setMember(response.getRanked(0)).setDecision(plan.decision(id));
    decisions.keep(response.getDecision(), Spend.NOTHING, plan.query().embedding(), Set.of(), null);
    admission.settleFree();
    return response.build();
  }

  private Entry target(GenerateRequest request) {
    return switch (request.getTargetCase()) {
      case NAME -> speaking(request.getName());
      case RECIPE -> {
        Caller.current().requireMaySendRecipes();
        // What was sent is no registered version, whatever it says: only those have an account.
        var recipe = RecipeRequest.of(request).recipe().toBuilder().clearVersion().build();
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
    Caller.current().requireMayAsk(entry.name());
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

  private void keep(
      GenerateRequest request, Entry entry, Decision decision, Result result, Ending ending) {
    if (request.getDepth() == 0) {
      boolean learned =
          request.hasName()
              && entry instanceof Entry.Routed routed
              && routed.router() instanceof Observing learner
              && learner.learnsFromFailures();
      decisions.keep(
          decision,
          result.spend(),
          result.routing().embedding(),
          learned ? result.routing().failed() : Set.of(),
          ending);
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

  private static Decision failed(GenerateRequest request, Entry entry, Result.Failed its) {
    String message = FailureStatus.fromThrowable(its.why()).message();
    return its.decision()
        .map(
            partly ->
                partly.toBuilder()
                    .setFailure(message)
                    .setExplanation(partly.getExplanation() + " No whole answer: " + message)
                    .build())
        .orElseGet(() -> Decisions.failed(request.getRequestId(), entry, message));
  }
}
