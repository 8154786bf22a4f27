package dev.tutti.registry.admin;

import com.google.protobuf.Struct;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.Artifact;
import dev.tutti.learning.v1.ArtifactChange;
import dev.tutti.learning.v1.ArtifactSummary;
import dev.tutti.learning.v1.ArtifactVersion;
import dev.tutti.learning.v1.CheckEvaluationRequest;
import dev.tutti.learning.v1.CheckFitRequest;
import dev.tutti.learning.v1.CompareVersionsRequest;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.GetArtifactRequest;
import dev.tutti.learning.v1.GetHeldOutRequest;
import dev.tutti.learning.v1.GetHeldOutResponse;
import dev.tutti.learning.v1.GetShadowReportRequest;
import dev.tutti.learning.v1.GetShadowReportResponse;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.LearningServiceGrpc.LearningServiceBlockingStub;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.RollBackArtifactRequest;
import dev.tutti.learning.v1.ShadowVersionRequest;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartEvaluationResponse;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.learning.v1.StartFitResponse;
import dev.tutti.learning.v1.UnshadowArtifactRequest;
import dev.tutti.learning.v1.VersionReference;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.GrpcNeighbours;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.store.ServiceChange;
import dev.tutti.registry.store.ServiceChange.Action;
import dev.tutti.registry.store.ServiceChange.Subject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Fits, evaluations and artifacts of all services. All methods block, and throw {@link
 * RefusedException} with what the service answers ({@link Refusal.OfService}), or {@link
 * Refusal.NotOffered} where it does not learn.
 */
@ApplicationScoped
public class LearningAdmin {

  /** For what may read a dataset's description, or all that a version held out. */
  private static final Duration PATIENT = Duration.ofSeconds(120);

  private final Services services;
  private final GrpcNeighbours neighbours;
  private final Audited audited;

  LearningAdmin(Services services, GrpcNeighbours neighbours, Audited audited) {
    this.services = services;
    this.neighbours = neighbours;
    this.audited = audited;
  }

  /**
   * Starts a fit, in the service that has the method.
   *
   * @param parameters of the job
   * @param artifact that gets a version
   * @param key starting again with the same one and the same parameters gives the job that was
   *     started first; empty for none
   * @throws RefusedException {@link Refusal.Invalid} where no service has the method
   */
  public JobOf fit(String method, String artifact, Struct parameters, String key, Author author) {
    String service = neighbours.offer(method).service();
    var request =
        StartFitRequest.newBuilder()
            .setParameters(parameters)
            .setKey(key)
            .setAuthor(author.name())
            .build();
    StartFitResponse started =
        audited.doing(
            author,
            () -> ask(service, stub -> stub.startFit(request)),
            fit ->
                unless(
                    fit.getStartedBefore(),
                    new ServiceChange(service, Action.FIT, Subject.ARTIFACT, artifact, null)));
    return new JobOf(service, started.getJob());
  }

  /** Refuses what {@link #fit} would refuse, and starts nothing. */
  public void checkFit(String method, Struct parameters) {
    var request = CheckFitRequest.newBuilder().setParameters(parameters).build();
    ask(neighbours.offer(method).service(), stub -> stub.checkFit(request));
  }

  /** Refuses what {@link #evaluate} would refuse, and starts nothing. */
  public void checkEvaluation(Struct parameters) {
    var request = CheckEvaluationRequest.newBuilder().setParameters(parameters).build();
    ask(Services.ROUTER, stub -> stub.checkEvaluation(request));
  }

  /**
   * Starts the evaluation of a policy, in router-service, which keeps what ensembles decided.
   *
   * @param parameters of the job
   * @param key as of {@link #fit}
   */
  public JobOf evaluate(String ensemble, Struct parameters, String key, Author author) {
    var request =
        StartEvaluationRequest.newBuilder()
            .setParameters(parameters)
            .setKey(key)
            .setAuthor(author.name())
            .build();
    StartEvaluationResponse started =
        audited.doing(
            author,
            () -> ask(Services.ROUTER, stub -> stub.startEvaluation(request)),
            evaluation ->
                unless(
                    evaluation.getStartedBefore(),
                    new ServiceChange(
                        Services.ROUTER, Action.EVALUATE, Subject.ENSEMBLE, ensemble, null)));
    return new JobOf(Services.ROUTER, started.getJob());
  }

  private static Optional<ServiceChange> unless(boolean before, ServiceChange change) {
    return before ? Optional.empty() : Optional.of(change);
  }

  /** All artifacts, each service's by name; a service that does not learn has none. */
  public Services.Answers<List<ArtifactSummary>> artifacts() {
    return services.each(
        services.names(),
        service -> {
          try {
            return services.ask(
                service, Services.QUICK, LearningServiceGrpc::newBlockingStub, LearningAdmin::list);
          } catch (RefusedException e) {
            if (e.refusal() instanceof Refusal.NotOffered) {
              return List.of();
            }
            throw e;
          }
        });
  }

  /** The artifacts of one service, by name. */
  public List<ArtifactSummary> artifacts(String service) {
    return ask(service, LearningAdmin::list);
  }

  /** One artifact. */
  public Artifact artifact(String service, String name) {
    var request = GetArtifactRequest.newBuilder().setName(name).build();
    return ask(service, stub -> stub.getArtifact(request).getArtifact());
  }

  /** One version. */
  public ArtifactVersion version(String service, String name, int version) {
    var request = GetVersionRequest.newBuilder().setName(name).setVersion(version).build();
    return ask(service, stub -> stub.getVersion(request).getVersion());
  }

  /** Versions side by side; the first is what the others are held against. */
  public CompareVersionsResponse compare(String service, List<VersionReference> versions) {
    var request = CompareVersionsRequest.newBuilder().addAllVersions(versions).build();
    return ask(service, stub -> stub.compareVersions(request));
  }

  /** What a version was worth on what it held out. */
  public GetHeldOutResponse heldOut(String service, VersionReference version) {
    var request =
        GetHeldOutRequest.newBuilder()
            .setName(version.getName())
            .setVersion(version.getVersion())
            .build();
    return ask(service, stub -> stub.getHeldOut(request));
  }

  /** Lets a version answer. */
  public Artifact activate(String service, String name, int version, Author author) {
    var request =
        ActivateVersionRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setAuthor(author.name())
            .build();
    return switched(
        service,
        name,
        author,
        Action.ACTIVATE,
        stub -> stub.activateVersion(request).getArtifact(),
        _ -> (long) version);
  }

  /** Lets the version answer again that did before. */
  public Artifact rollBack(String service, String name, Author author) {
    var request =
        RollBackArtifactRequest.newBuilder().setName(name).setAuthor(author.name()).build();
    return switched(
        service,
        name,
        author,
        Action.ROLL_BACK,
        stub -> stub.rollBackArtifact(request).getArtifact(),
        artifact -> (long) artifact.getSummary().getActiveVersion());
  }

  /** Puts a version in shadow. */
  public Artifact shadow(String service, String name, int version, Author author) {
    var request =
        ShadowVersionRequest.newBuilder()
            .setName(name)
            .setVersion(version)
            .setAuthor(author.name())
            .build();
    return switched(
        service,
        name,
        author,
        Action.SHADOW,
        stub -> stub.shadowVersion(request).getArtifact(),
        _ -> (long) version);
  }

  /** Takes the version in shadow out of it. */
  public Artifact unshadow(String service, String name, Author author) {
    var request =
        UnshadowArtifactRequest.newBuilder().setName(name).setAuthor(author.name()).build();
    return switched(
        service,
        name,
        author,
        Action.UNSHADOW,
        stub -> stub.unshadowArtifact(request).getArtifact(),
        _ -> null);
  }

  /**
   * What a version in shadow would have done differently.
   *
   * @param version the one that is in shadow where it is 0
   */
  public GetShadowReportResponse shadowReport(String service, String name, int version) {
    var request = GetShadowReportRequest.newBuilder().setName(name).setVersion(version).build();
    return ask(service, stub -> stub.getShadowReport(request));
  }

  private Artifact switched(
      String service,
      String name,
      Author author,
      Action action,
      Function<LearningServiceBlockingStub, Artifact> work,
      Function<Artifact, Long> version) {
    Optional<ArtifactChange> before = last(artifact(service, name));
    return audited.doing(
        author,
        () -> ask(service, work),
        artifact ->
            unless(
                last(artifact).equals(before),
                new ServiceChange(
                    service,
                    action,
                    Subject.ARTIFACT,
                    artifact.getSummary().getName(),
                    version.apply(artifact))));
  }

  private static Optional<ArtifactChange> last(Artifact artifact) {
    return artifact.getChangesList().isEmpty()
        ? Optional.empty()
        : Optional.of(artifact.getChangesList().getLast());
  }

  private static List<ArtifactSummary> list(LearningServiceBlockingStub stub) {
    return stub.listArtifacts(ListArtifactsRequest.getDefaultInstance()).getArtifactsList();
  }

  private <T> T ask(String service, Function<LearningServiceBlockingStub, T> question) {
    return services.ask(service, PATIENT, LearningServiceGrpc::newBlockingStub, question);
  }
}
