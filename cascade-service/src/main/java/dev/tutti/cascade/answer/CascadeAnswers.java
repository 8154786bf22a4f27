package dev.tutti.cascade.answer;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.Recalling;
import dev.tutti.cascade.method.student.NeuralCaching;
import dev.tutti.cascade.solution.Solutions;
import dev.tutti.cascade.study.Students;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.MemberCalls;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.settings.MethodCache;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
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
import java.util.function.BiFunction;

/** Answers as ensembles whose members answer until one is good enough. Thread-safe. */
@Singleton
public final class CascadeAnswers {

  private final LiveArtifacts<LearnedCascade> learned;
  private final MethodCatalog<CascadeMethod> catalog;
  private final MethodCache<CascadeMethod> methods;
  private final MemberCalls calls;
  private final Caching caching;
  private final Solutions solutions;
  private final Students students;
  private final QuestionEmbedder embedder;
  private final MeterRegistry metrics;

  /**
   * Asks models at the decoder, ensembles at the router.
   *
   * @param learned what methods stand on
   * @param caching what becomes of answers that may be given again
   * @param solutions what ensembles solved before
   * @param students what they learned
   * @param embedder of questions
   */
  CascadeAnswers(
      LiveArtifacts<LearnedCascade> learned,
      Caching caching,
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      @GrpcClient("decoder") DecoderServiceBlockingStub models,
      Solutions solutions,
      Students students,
      QuestionEmbedder embedder,
      MeterRegistry metrics) {
    this.learned = learned;
    this.caching = caching;
    this.catalog = CascadeCatalog.of(learned);
    this.methods = learned.methods(catalog);
    this.calls = new MemberCalls(decoder, router, models, metrics);
    this.solutions = solutions;
    this.students = students;
    this.embedder = embedder;
    this.metrics = metrics;
  }

  /** The methods by which it answers. */
  public MethodCatalog<CascadeMethod> catalog() {
    return catalog;
  }

  /** Everything that is wrong with a recipe, also that what it stands on knows no member of it. */
  public List<Violation> validate(Recipe recipe) {
    List<Violation> violations = catalog.validate(recipe);
    return violations.isEmpty()
        ? Footing.of(recipe, learned)
            .map(its -> KnownMembers.check(recipe, its.artifact(), its.members()))
            .orElse(violations)
        : violations;
  }

  /**
   * Answers a checked request by events.
   *
   * @throws dev.tutti.kit.grpc.FailureException where the recipe does not fit its method, or no
   *     answer could be had
   */
  public void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    CascadeMethod method = methods.get(request.recipe());
    MethodDefinition<CascadeMethod> described =
        catalog.find(request.recipe().getMethod()).orElseThrow();
    CallRunner runner = CallRunner.of(described, request, calls, sink);
    Optional<Footing> footing = Footing.of(request.recipe(), learned);
    String standsOn =
        footing.map(its -> "%s@%d".formatted(its.artifact(), its.version())).orElse("");
    int members =
        caching
            .begin(request, runner, request.team(), standsOn, method.draws(), sink)
            .map(asked -> answer(request, method, footing, runner, asked))
            .orElse(0);
    DistributionSummary.builder("tutti.cascade.stages")
        .description("Members that were asked for an answer")
        .tag("method", request.recipe().getMethod())
        .register(metrics)
        .record(members);
  }

  /** Returns the number of members that were asked. */
  private int answer(
      RecipeRequest request,
      CascadeMethod method,
      Optional<Footing> footing,
      CallRunner runner,
      AnswerSink sink) {
    Policy policy = Policy.of(method);
    BiFunction<Outcome.Answered, Policy.Accept, String> keep = (_, _) -> "";
    if (method instanceof Recalling recalling) {
      var recollection = new Recollection(request, recalling, solutions, embedder);
      policy = recollection.policy();
      keep = recollection::keep;
    } else if (method instanceof NeuralCaching studied) {
      var lesson = new Lesson(request, studied, students, embedder);
      if (lesson.isStudents()) {
        lesson.give(runner, sink);
        return 0;
      }
      keep = lesson::learn;
    }
    return new CascadeAnswer(request, policy, footing, runner, sink, keep).answer();
  }

  /**
   * Says what is to be done with answers that were brought along.
   *
   * @throws dev.tutti.kit.grpc.FailureException where the request, its recipe, or an answer is
   *     wrong
   */
  public DecideResponse decide(DecideRequest asked) {
    RequestRules.requireOneChoice(asked.getRequest());
    var request = RecipeRequest.of(asked.getRequest());
    request.requireValid(this::validate);
    Policy policy = Policy.of(methods.get(request.recipe()));
    MethodDefinition<CascadeMethod> described =
        catalog.find(request.recipe().getMethod()).orElseThrow();
    CallRunner runner = CallRunner.of(described, request, calls, _ -> {});
    return new BroughtCascade(
            request, policy, Footing.of(request.recipe(), learned), runner, asked.getAnswersList())
        .decide();
  }
}
