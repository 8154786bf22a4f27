package dev.tutti.fusion.answer;

import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.fusion.AnswerSchema;
import dev.tutti.fusion.AskAll;
import dev.tutti.fusion.AskSettings;
import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.FusionMethod;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.Selector;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.calls.Brought;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.MemberCalls;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.settings.MethodCache;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.learning.FitQuality;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.learning.artifact.KnownMembers;
import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Answers as ensembles of which every member answers. Thread-safe. */
@Singleton
public final class FusionAnswers {

  private final LiveArtifacts<LearnedFusion> learned;

  /** Answers that a caller brings along where members read them: each may cost a call or more. */
  private static final int MOST_DISCUSSED = 60;

  private final MethodCatalog<FusionMethod> catalog;
  private final MethodCache<FusionMethod> methods;
  private final MemberCalls calls;
  private final MeterRegistry metrics;

  /**
   * Asks models at the decoder, ensembles at the router.
   *
   * @param learned what methods stand on
   */
  public FusionAnswers(
      LiveArtifacts<LearnedFusion> learned,
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      @GrpcClient("decoder") DecoderServiceBlockingStub models,
      MeterRegistry metrics) {
    this.learned = learned;
    this.catalog = FusionCatalog.of(learned);
    this.methods = learned.methods(catalog);
    this.calls = new MemberCalls(decoder, router, models, metrics);
    this.metrics = metrics;
  }

  /** The methods by which it answers. */
  public MethodCatalog<FusionMethod> catalog() {
    return catalog;
  }

  /** Everything that is wrong with a recipe, also that what it stands on knows no member of it. */
  public List<Violation> validate(Recipe recipe) {
    List<Violation> violations = catalog.validate(recipe);
    return violations.isEmpty()
        ? catalog
            .create(recipe)
            .fitted()
            .map(its -> KnownMembers.check(recipe, its.artifact(), its.members()))
            .orElse(violations)
        : violations;
  }

  /** Of the version that the method stands on, as long as it is the one that answers. */
  private Optional<FitQuality> quality(FusionMethod method) {
    return method
        .fitted()
        .flatMap(
            fitted ->
                learned
                    .active(fitted.artifact())
                    .map(LiveArtifact::artifact)
                    .filter(its -> its.version() == fitted.version())
                    .flatMap(its -> FitQuality.of(its.parameters())));
  }

  /**
   * Answers a checked request by events.
   *
   * @throws dev.tutti.kit.grpc.FailureException where the recipe does not fit its method, or no
   *     answer could be had
   */
  public void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    answer(request, List.of(), "", sink);
  }

  /**
   * Answers with answers that were brought along, as {@link FusionAnswer}.
   *
   * @param schema that the answer is to satisfy; empty for the one that the request names, if it
   *     names any
   */
  FusionAnswer answer(
      RecipeRequest request,
      List<Brought> brought,
      String schema,
      EventSink<GenerateResponse> sink) {
    FusionMethod method = methods.get(request.recipe());
    MethodDefinition<FusionMethod> described =
        catalog.find(request.recipe().getMethod()).orElseThrow();
    if (described.rewrites() && brought.size() > MOST_DISCUSSED) {
      throw Failure.invalid(
          "answers",
          "There are %d answers; %s, whose members read them, takes at most %d."
              .formatted(brought.size(), request.recipe().getMethod(), MOST_DISCUSSED));
    }
    if (described.rewrites() && brought.stream().anyMatch(its -> its.answer().ran().isPresent())) {
      throw Failure.invalid(
          "answers",
          "%s, whose members read them, looks at no results and no tests."
              .formatted(request.recipe().getMethod()));
    }
    Optional<AnswerSchema> satisfied = schema(request, method, schema);
    Deliberation deliberation =
        switch (method) {
          case Selector selector -> {
            AskSettings asking = FusionCatalog.ASKING.parseOwn(request.recipe().getSettings());
            yield new AskAll(selector, brought.isEmpty() ? asking : asking.atOnce(), satisfied);
          }
          case Deliberation its -> its;
        };
    CallRunner runner = CallRunner.of(described, request, calls, sink);
    var answer =
        new FusionAnswer(
            request, deliberation, method.fitted(), quality(method), brought, runner, sink);
    answer
        .answer()
        .ifPresent(
            agreement ->
                DistributionSummary.builder("tutti.fusion.agreement")
                    .description("Share of the members' weight behind the answer")
                    .baseUnit("ratio")
                    .tag("method", request.recipe().getMethod())
                    .register(metrics)
                    .record(agreement));
    return answer;
  }

  private static Optional<AnswerSchema> schema(
      RecipeRequest request, FusionMethod method, String schema) {
    boolean looks =
        method instanceof Selector selector && selector.evidence().contains(Evidence.Kind.SCHEMA);
    if (schema.isEmpty()) {
      return looks ? AskedSchema.of(request.request()) : Optional.empty();
    }
    if (!looks) {
      throw Failure.invalid(
          AskedSchema.BROUGHT,
          "%s looks at no schema; field-vote does.".formatted(request.recipe().getMethod()));
    }
    return Optional.of(AskedSchema.checked(AskedSchema.BROUGHT, schema));
  }
}
