package dev.tutti.learning.api;

import com.google.protobuf.Struct;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.kit.job.Jobs;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import dev.tutti.learning.fit.FitJob;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.ActivateVersionResponse;
import dev.tutti.learning.v1.CheckFitRequest;
import dev.tutti.learning.v1.CheckFitResponse;
import dev.tutti.learning.v1.CompareVersionsRequest;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.GetArtifactRequest;
import dev.tutti.learning.v1.GetArtifactResponse;
import dev.tutti.learning.v1.GetHeldOutRequest;
import dev.tutti.learning.v1.GetHeldOutResponse;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.GetVersionResponse;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.ListArtifactsResponse;
import dev.tutti.learning.v1.RollBackArtifactRequest;
import dev.tutti.learning.v1.RollBackArtifactResponse;
import dev.tutti.learning.v1.ShadowVersionRequest;
import dev.tutti.learning.v1.ShadowVersionResponse;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.learning.v1.StartFitResponse;
import dev.tutti.learning.v1.UnshadowArtifactRequest;
import dev.tutti.learning.v1.UnshadowArtifactResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * {@code LearningService} of one service; the service's subclass is its {@code @GrpcService}, and
 * adds evaluations and reports on shadows where the service has them: here they are UNIMPLEMENTED.
 */
public abstract class LearningEndpoint extends LearningServiceGrpc.LearningServiceImplBase {

  private static final String ANONYMOUS = "anonymous";
  private static final int LONGEST_AUTHOR = 128;
  private static final int MOST_COMPARED = 8;

  private final Artifacts artifacts;
  private final Comparisons comparisons;
  private final Jobs jobs;

  /** Offers these. */
  protected LearningEndpoint(Artifacts artifacts, Comparisons comparisons, Jobs jobs) {
    this.artifacts = artifacts;
    this.comparisons = comparisons;
    this.jobs = jobs;
  }

  /** Puts a job in the queue. */
  protected final Jobs.Started start(String kind, Struct parameters, String key, String author) {
    return jobs.begin(
        StartRequest.newBuilder()
            .setKind(kind)
            .setParameters(parameters)
            .setKey(key)
            .setAuthor(author)
            .build());
  }

  /** Refuses a job that could not be put there. */
  protected final void check(String kind, Struct parameters) {
    jobs.check(StartRequest.newBuilder().setKind(kind).setParameters(parameters).build());
  }

  @Override
  public void startFit(StartFitRequest request, StreamObserver<StartFitResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          Jobs.Started fit =
              start(FitJob.KIND, request.getParameters(), request.getKey(), request.getAuthor());
          return StartFitResponse.newBuilder()
              .setJob(fit.job())
              .setStartedBefore(fit.before())
              .build();
        });
  }

  @Override
  public void checkFit(CheckFitRequest request, StreamObserver<CheckFitResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          check(FitJob.KIND, request.getParameters());
          return CheckFitResponse.getDefaultInstance();
        });
  }

  @Override
  public void listArtifacts(
      ListArtifactsRequest request, StreamObserver<ListArtifactsResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListArtifactsResponse.newBuilder()
                .addAllArtifacts(artifacts.list().stream().map(LearningMessages::summary).toList())
                .build());
  }

  @Override
  public void getArtifact(
      GetArtifactRequest request, StreamObserver<GetArtifactResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetArtifactResponse.newBuilder()
                .setArtifact(LearningMessages.artifact(artifacts.find(name(request.getName()))))
                .build());
  }

  @Override
  public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetVersionResponse.newBuilder()
                .setVersion(
                    LearningMessages.version(
                        artifacts.find(name(request.getName()), request.getVersion())))
                .build());
  }

  @Override
  public void compareVersions(
      CompareVersionsRequest request, StreamObserver<CompareVersionsResponse> observer) {
    ServerCalls.unary(observer, () -> compare(request));
  }

  @Override
  public void getHeldOut(GetHeldOutRequest request, StreamObserver<GetHeldOutResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            LearningMessages.heldOut(
                comparisons.measured(
                    new Comparisons.Version(name(request.getName()), request.getVersion()))));
  }

  private CompareVersionsResponse compare(CompareVersionsRequest request) {
    List<Comparisons.Version> versions =
        request.getVersionsList().stream()
            .map(v -> new Comparisons.Version(name(v.getName()), v.getVersion()))
            .toList();
    long different = versions.stream().distinct().count();
    if (different < 2 || different > MOST_COMPARED || different < versions.size()) {
      throw Failure.invalid(
          "versions",
          "versions takes 2 to %d different ones; here are %d, %d of them different."
              .formatted(MOST_COMPARED, versions.size(), different));
    }
    return LearningMessages.comparison(comparisons.compare(versions));
  }

  @Override
  public void activateVersion(
      ActivateVersionRequest request, StreamObserver<ActivateVersionResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ActivateVersionResponse.newBuilder()
                .setArtifact(
                    LearningMessages.artifact(
                        artifacts.activate(
                            name(request.getName()),
                            request.getVersion(),
                            author(request.getAuthor()))))
                .build());
  }

  @Override
  public void rollBackArtifact(
      RollBackArtifactRequest request, StreamObserver<RollBackArtifactResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            RollBackArtifactResponse.newBuilder()
                .setArtifact(
                    LearningMessages.artifact(
                        artifacts.rollBack(name(request.getName()), author(request.getAuthor()))))
                .build());
  }

  @Override
  public void shadowVersion(
      ShadowVersionRequest request, StreamObserver<ShadowVersionResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ShadowVersionResponse.newBuilder()
                .setArtifact(
                    LearningMessages.artifact(
                        artifacts.shadow(
                            name(request.getName()),
                            request.getVersion(),
                            author(request.getAuthor()))))
                .build());
  }

  @Override
  public void unshadowArtifact(
      UnshadowArtifactRequest request, StreamObserver<UnshadowArtifactResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            UnshadowArtifactResponse.newBuilder()
                .setArtifact(
                    LearningMessages.artifact(
                        artifacts.unshadow(name(request.getName()), author(request.getAuthor()))))
                .build());
  }

  /**
   * The name of an artifact.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) where it is none
   */
  protected static String name(String name) {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw Failure.invalid("name", "name is required: that of an artifact.");
    }
    return name;
  }

  private static String author(String author) {
    if (author.length() > LONGEST_AUTHOR || author.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw Failure.invalid(
          "author",
          "author must have at most %d printable ASCII characters.".formatted(LONGEST_AUTHOR));
    }
    return author.isEmpty() ? ANONYMOUS : author;
  }
}
