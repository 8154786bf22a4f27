package dev.tutti.router.learning;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobHandler;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.method.v1.Recipe;
import dev.tutti.numerics.measure.OffPolicy;
import dev.tutti.router.Fitted;
import dev.tutti.router.FittedMethods;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Router;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.decision.RatedDecisions;
import dev.tutti.router.evaluation.Policy;
import dev.tutti.router.evaluation.PolicyEvaluation;
import dev.tutti.router.learning.EvaluationRequest.PolicyOf;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Jobs of kind {@code evaluate}: what another policy would have earned on an ensemble's rated
 * decisions ({@link OffPolicy}). An answer earns its quality less {@code usd_weight} times what it
 * cost. Nothing is kept but the result; a job that is resumed begins anew.
 */
@ApplicationScoped
public class EvaluationJob implements JobHandler {

  /** Name of the kind. */
  public static final String KIND = "evaluate";

  private static final Duration USUAL = Duration.ofDays(30);

  private final RatedDecisions decisions;
  private final KnownNames names;
  private final Artifacts artifacts;
  private final ArtifactSource<QualityEstimator> learned;

  EvaluationJob(
      RatedDecisions decisions,
      KnownNames names,
      Artifacts artifacts,
      ArtifactSource<QualityEstimator> learned) {
    this.decisions = decisions;
    this.names = names;
    this.artifacts = artifacts;
    this.learned = learned;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public String unit() {
    return "decisions";
  }

  @Override
  public void check(Struct parameters) {
    EvaluationRequest request = EvaluationRequest.of(parameters);
    if (request.policy() instanceof PolicyOf.Fitted fitted) {
      router(request.ensemble(), fitted);
    }
  }

  @Override
  public Struct run(JobContext job) throws Exception {
    EvaluationRequest request = EvaluationRequest.of(job.parameters());
    Policy policy = policy(request);
    Instant to = request.to().orElseGet(Instant::now);
    Instant from = request.from().orElseGet(() -> to.minus(USUAL));
    job.progress(0, 0, "read: rated decisions of " + request.ensemble());
    RatedDecisions.Log log = decisions.read(names.own(request.ensemble()), from, to);
    int size = log.choices().size();
    job.progress(0, size, "evaluate: %d decisions".formatted(size));
    PolicyEvaluation evaluation = PolicyEvaluation.of(log.choices(), policy, request.usdWeight());
    job.progress(size, size, "evaluated");
    Struct.Builder result =
        Struct.newBuilder()
            .putFields("from", text(from.toString()))
            .putFields("to", text(to.toString()))
            .putFields("decisions", number(evaluation.decisions()))
            .putFields("unusable_ratings", number(log.unusable()))
            .putFields("policy_unknown", number(evaluation.unknown()))
            .putFields("truncated", Value.newBuilder().setBoolValue(log.truncated()).build());
    if (evaluation.logged() instanceof OffPolicy.Supported logged) {
      result.putFields("logged", interval(logged.ips()));
    }
    evaluation
        .single()
        .ifPresent(
            single ->
                result
                    .putFields("best_member", text(single.member()))
                    .putFields("best_member_ips", interval(single.answer().ips()))
                    .putFields("best_member_snips", interval(single.answer().snips())));
    switch (evaluation.target()) {
      case OffPolicy.Refused refused -> result.putFields("refused", text(refused.reason()));
      case OffPolicy.Supported answer -> {
        result
            .putFields("ips", interval(answer.ips()))
            .putFields("snips", interval(answer.snips()))
            .putFields("gain", interval(answer.gain()))
            .putFields("effective_sample_size", number(answer.effective()));
        answer.dr().ifPresent(dr -> result.putFields("doubly_robust", interval(dr)));
      }
    }
    return result.build();
  }

  private Policy policy(EvaluationRequest request) {
    return switch (request.policy()) {
      case PolicyOf.Weights weights ->
          Policy.weights(
              weights.weights().entrySet().stream()
                  .collect(
                      Collectors.toMap(
                          e -> names.own(e.getKey()), Map.Entry::getValue, Double::sum)));
      case PolicyOf.Uniform _ -> Policy.uniform();
      case PolicyOf.Shadow shadow -> Policy.shadow(shadow.artifact(), shadow.version());
      case PolicyOf.Fitted fitted -> Policy.router(router(request.ensemble(), fitted));
    };
  }

  /** The ensemble's members under another method. */
  private Router router(String ensemble, PolicyOf.Fitted fitted) {
    if (!(names.resolve(ensemble) instanceof Entry.Routed routed)) {
      throw EvaluationRequest.refused(
          "ensemble", "'%s' is not a routing ensemble.".formatted(ensemble));
    }
    MethodCatalog<Router> catalog = RouterCatalog.of(withVersion(fitted.version()));
    Recipe recipe =
        routed.recipe().toBuilder()
            .setMethod(fitted.method())
            .setSettings(fitted.settings())
            .build();
    var violations = catalog.validate(recipe);
    if (!violations.isEmpty()) {
      throw EvaluationRequest.refused(
          "policy.fitted." + violations.getFirst().getField(),
          violations.getFirst().getDescription());
    }
    Router router = catalog.create(recipe);
    if (!(router instanceof Fitted)) {
      throw EvaluationRequest.refused(
          "policy.fitted.method",
          "%s is not fitted: a log tells nothing of what it would have learned."
              .formatted(fitted.method()));
    }
    return router;
  }

  private ArtifactSource<QualityEstimator> withVersion(int version) {
    if (version == 0) {
      return learned;
    }
    // Read and made once: either takes long, and a catalog asks more than once.
    var made = new HashMap<String, Optional<LiveArtifact<QualityEstimator>>>();
    return name -> made.computeIfAbsent(name, its -> find(its, version));
  }

  private Optional<LiveArtifact<QualityEstimator>> find(String name, int version) {
    try {
      return Optional.of(LiveArtifact.of(artifacts.artifact(name, version), FittedMethods.ALL));
    } catch (FailureException e) {
      if (e.failure() instanceof Failure.NotFound missing) {
        if (missing.field().equals("version")) {
          throw EvaluationRequest.refused("policy.fitted.version", missing.message());
        }
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Value interval(OffPolicy.Interval interval) {
    return Value.newBuilder()
        .setStructValue(
            Struct.newBuilder()
                .putFields("mean", number(interval.mean()))
                .putFields("low", number(interval.low()))
                .putFields("high", number(interval.high())))
        .build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
