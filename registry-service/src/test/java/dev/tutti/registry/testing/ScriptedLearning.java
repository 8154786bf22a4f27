package dev.tutti.registry.testing;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobState;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.ActivateVersionResponse;
import dev.tutti.learning.v1.Artifact;
import dev.tutti.learning.v1.ArtifactAction;
import dev.tutti.learning.v1.ArtifactChange;
import dev.tutti.learning.v1.ArtifactSummary;
import dev.tutti.learning.v1.ArtifactVersion;
import dev.tutti.learning.v1.CheckEvaluationRequest;
import dev.tutti.learning.v1.CheckEvaluationResponse;
import dev.tutti.learning.v1.CheckFitRequest;
import dev.tutti.learning.v1.CheckFitResponse;
import dev.tutti.learning.v1.CompareVersionsRequest;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.ComparedPair;
import dev.tutti.learning.v1.ComparedVersion;
import dev.tutti.learning.v1.CostPoint;
import dev.tutti.learning.v1.Disagreement;
import dev.tutti.learning.v1.GetArtifactRequest;
import dev.tutti.learning.v1.GetArtifactResponse;
import dev.tutti.learning.v1.GetHeldOutRequest;
import dev.tutti.learning.v1.GetHeldOutResponse;
import dev.tutti.learning.v1.GetShadowReportRequest;
import dev.tutti.learning.v1.GetShadowReportResponse;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.GetVersionResponse;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.ListArtifactsResponse;
import dev.tutti.learning.v1.MemberPoint;
import dev.tutti.learning.v1.OraclePoint;
import dev.tutti.learning.v1.RollBackArtifactRequest;
import dev.tutti.learning.v1.RollBackArtifactResponse;
import dev.tutti.learning.v1.SetResult;
import dev.tutti.learning.v1.ShadowVersionRequest;
import dev.tutti.learning.v1.ShadowVersionResponse;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartEvaluationResponse;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.learning.v1.StartFitResponse;
import dev.tutti.learning.v1.UnshadowArtifactRequest;
import dev.tutti.learning.v1.UnshadowArtifactResponse;
import dev.tutti.learning.v1.VersionReference;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/**
 * A service that learns. It keeps one artifact, {@code org/Fit}, whose versions 1 and 2 there are,
 * and one that was never switched, {@code a}; what it is asked is answered so that the request can
 * be read from the answer.
 */
final class ScriptedLearning extends LearningServiceGrpc.LearningServiceImplBase {

  private static final Timestamp THEN = Timestamps.fromMillis(1_600_000_000_000L);
  private static final String NAME = "org/Fit";

  private final Set<String> keys = ConcurrentHashMap.newKeySet();
  private final Semaphore begun;
  private final Semaphore calledOff;
  private final Semaphore goesOn;

  /**
   * A fit of the dataset {@code slow} is checked until it is called off, one of {@code late} until
   * it goes on.
   *
   * @param begun gets a permit when that begins
   * @param calledOff gets a permit when it was
   * @param goesOn has one when it may
   */
  ScriptedLearning(Semaphore begun, Semaphore calledOff, Semaphore goesOn) {
    this.begun = begun;
    this.calledOff = calledOff;
    this.goesOn = goesOn;
  }

  private static Job job(String kind, String author, Struct parameters) {
    return Job.newBuilder()
        .setId("started-" + kind)
        .setKind(kind)
        .setAuthor(author)
        .setParameters(parameters)
        .setState(JobState.JOB_STATE_QUEUED)
        .setUnit("queries")
        .setCreatedAt(THEN)
        .setUpdatedAt(THEN)
        .build();
  }

  @Override
  public void startFit(StartFitRequest request, StreamObserver<StartFitResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          check(request.getParameters());
          return StartFitResponse.newBuilder()
              .setJob(job("fit", request.getAuthor(), request.getParameters()))
              .setStartedBefore(startedBefore(request.getKey()))
              .build();
        });
  }

  private void check(Struct parameters) throws InterruptedException {
    switch (parameters.getFieldsOrThrow("dataset").getStringValue()) {
      case "nowhere" ->
          throw new Failure.NotFound(
                  "parameters.dataset", "DATASET_NOT_FOUND", "There is no dataset 'nowhere'.")
              .exception();
      case "poor" ->
          throw new Failure.InvalidArgument(
                  "parameters.settings.neighbours",
                  "INVALID_ARGUMENT",
                  "neighbours is 0; 1 to 1000 are allowed.")
              .exception();
      case "taken" ->
          throw new Failure.FailedPrecondition("key", "JOB_KEY_TAKEN", "The key is taken.")
              .exception();
      case "slow" -> {
        begun.release();
        try {
          new CountDownLatch(1).await();
        } finally {
          calledOff.release();
        }
      }
      case "late" -> {
        begun.release();
        goesOn.acquire();
      }
      case "faulty" -> throw new IllegalStateException("A fault.");
      case "lost" ->
          throw new Failure.Unavailable(
                  "DATABASE_UNREACHABLE",
                  "The database is out of reach.",
                  java.time.Duration.ofSeconds(7))
              .exception();
      default -> {}
    }
  }

  @Override
  public void checkFit(CheckFitRequest request, StreamObserver<CheckFitResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          check(request.getParameters());
          return CheckFitResponse.getDefaultInstance();
        });
  }

  /** Of nobody's decisions there is an evaluation. */
  @Override
  public void checkEvaluation(
      CheckEvaluationRequest request, StreamObserver<CheckEvaluationResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          if (request
              .getParameters()
              .getFieldsOrThrow("ensemble")
              .getStringValue()
              .equals("nobody")) {
            throw Failure.invalid("parameters.ensemble", "'nobody' is not a routing ensemble.");
          }
          return CheckEvaluationResponse.getDefaultInstance();
        });
  }

  @Override
  public void startEvaluation(
      StartEvaluationRequest request, StreamObserver<StartEvaluationResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            StartEvaluationResponse.newBuilder()
                .setJob(job("evaluate", request.getAuthor(), request.getParameters()))
                .setStartedBefore(startedBefore(request.getKey()))
                .build());
  }

  private boolean startedBefore(String key) {
    return !key.isEmpty() && !keys.add(key);
  }

  @Override
  public void listArtifacts(
      ListArtifactsRequest request, StreamObserver<ListArtifactsResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListArtifactsResponse.newBuilder()
                .addAllArtifacts(
                    // In an order of a database of its own.
                    List.of(summary("a", 0, 0), summary("z", 0, 0), summary(NAME, 2, 0)))
                .build());
  }

  @Override
  public void getArtifact(
      GetArtifactRequest request, StreamObserver<GetArtifactResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          if (request.getName().equals("a")) {
            return GetArtifactResponse.newBuilder()
                .setArtifact(Artifact.newBuilder().setSummary(summary("a", 0, 0)))
                .build();
          }
          require(request.getName(), 1);
          return GetArtifactResponse.newBuilder()
              .setArtifact(artifact(ArtifactAction.ARTIFACT_ACTION_ACTIVATE, 2, 0, "eve"))
              .build();
        });
  }

  @Override
  public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          require(request.getName(), request.getVersion());
          return GetVersionResponse.newBuilder().setVersion(version(request.getVersion())).build();
        });
  }

  /** Comparable with all but those named "other". */
  @Override
  public void compareVersions(
      CompareVersionsRequest request, StreamObserver<CompareVersionsResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          VersionReference base = request.getVersions(0);
          var response = CompareVersionsResponse.newBuilder();
          for (VersionReference its : request.getVersionsList()) {
            response.addVersions(compared(its));
            if (!its.equals(base)) {
              var pair = ComparedPair.newBuilder().setVersion(its).setBase(base);
              response.addPairs(
                  its.getName().equals("other")
                      ? pair.setReason("They held out other queries.")
                      : pair.setQueries(8)
                          .setQualityDifference(0.125)
                          .setLow(-0.25)
                          .setHigh(0.5)
                          .setConfidence(0.95));
            }
          }
          return response.build();
        });
  }

  private static ComparedVersion compared(VersionReference its) {
    return ComparedVersion.newBuilder()
        .setVersion(version(its.getVersion()).toBuilder().setName(its.getName()))
        .putMemberShares("anna", 0.75)
        .putMemberShares("bert", 0.25)
        .addSets(SetResult.newBuilder().setSet("sums").setQueries(8).setQuality(0.5))
        .addCurve(CostPoint.newBuilder().setUsd(0.001).setQuality(0.4))
        .addMembers(MemberPoint.newBuilder().setMember("anna").setUsd(0.001).setQuality(0.3))
        .addMembers(MemberPoint.newBuilder().setMember("bert").setUsd(0.004).setQuality(0.6))
        .setOracle(OraclePoint.newBuilder().setUsd(0.002).setQuality(0.9).setQueries(4))
        .setCostUnit("usd_per_call")
        .build();
  }

  /** Version 1 is worth .5 on each of four queries, others 1 on each; "other" held out others. */
  @Override
  public void getHeldOut(GetHeldOutRequest request, StreamObserver<GetHeldOutResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          boolean other = request.getName().equals("other");
          if (!other) {
            require(request.getName(), request.getVersion());
          }
          var its =
              VersionReference.newBuilder()
                  .setName(request.getName())
                  .setVersion(request.getVersion())
                  .build();
          var response = GetHeldOutResponse.newBuilder().setCompared(compared(its));
          for (long query = 1; query <= 4; query++) {
            response
                .addQueries(other ? 10 + query : query)
                .addQuality(request.getVersion() == 1 ? 0.5f : 1);
          }
          return response.build();
        });
  }

  @Override
  public void activateVersion(
      ActivateVersionRequest request, StreamObserver<ActivateVersionResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          require(request.getName(), request.getVersion());
          return ActivateVersionResponse.newBuilder()
              .setArtifact(
                  artifact(
                      ArtifactAction.ARTIFACT_ACTION_ACTIVATE,
                      request.getVersion(),
                      0,
                      request.getAuthor()))
              .build();
        });
  }

  @Override
  public void rollBackArtifact(
      RollBackArtifactRequest request, StreamObserver<RollBackArtifactResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          if (request.getName().equals("a")) {
            throw new Failure.InvalidArgument(
                    "artifact", "NOTHING_TO_ROLL_BACK", "No version was active before.")
                .exception();
          }
          require(request.getName(), 1);
          return RollBackArtifactResponse.newBuilder()
              .setArtifact(
                  artifact(ArtifactAction.ARTIFACT_ACTION_ROLL_BACK, 1, 0, request.getAuthor()))
              .build();
        });
  }

  @Override
  public void shadowVersion(
      ShadowVersionRequest request, StreamObserver<ShadowVersionResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          require(request.getName(), request.getVersion());
          return ShadowVersionResponse.newBuilder()
              .setArtifact(
                  artifact(
                      ArtifactAction.ARTIFACT_ACTION_SHADOW,
                      2,
                      request.getVersion(),
                      request.getAuthor()))
              .build();
        });
  }

  @Override
  public void unshadowArtifact(
      UnshadowArtifactRequest request, StreamObserver<UnshadowArtifactResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          require(request.getName(), 1);
          return UnshadowArtifactResponse.newBuilder()
              .setArtifact(
                  artifact(ArtifactAction.ARTIFACT_ACTION_UNSHADOW, 2, 0, request.getAuthor()))
              .build();
        });
  }

  /** None of version 2. */
  @Override
  public void getShadowReport(
      GetShadowReportRequest request, StreamObserver<GetShadowReportResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          require(request.getName(), 1);
          var report =
              GetShadowReportResponse.newBuilder()
                  .setName(request.getName())
                  .setVersion(request.getVersion() == 0 ? 1 : request.getVersion());
          return request.getVersion() == 2
              ? report.build()
              : report
                  .setDecisions(4)
                  .setTruncated(true)
                  .setAgreement(0.75)
                  .putActiveChoices("anna", 4)
                  .putShadowChoices("anna", 3)
                  .putShadowChoices("bert", 1)
                  .addDisagreements(
                      Disagreement.newBuilder()
                          .setActive("anna")
                          .setShadow("<script>alert(1)</script>")
                          .setDecisions(1))
                  .setExpectedUsdDifference(-0.002)
                  .setQualityDifferenceByActive(0.1)
                  .setQualityDifferenceByShadow(0.2)
                  .build();
        });
  }

  private static void require(String name, int version) {
    if (!name.equals(NAME)) {
      throw new Failure.NotFound(
              "artifact", "ARTIFACT_NOT_FOUND", "There is no artifact '%s'.".formatted(name))
          .exception();
    }
    if (version < 1 || version > 2) {
      throw new Failure.NotFound(
              "version",
              "ARTIFACT_NOT_FOUND",
              "Artifact '%s' has no version %d.".formatted(name, version))
          .exception();
    }
  }

  private static ArtifactSummary summary(String name, int active, int shadow) {
    var summary = ArtifactSummary.newBuilder().setName(name).setMethod("coin").setNewestVersion(2);
    if (active > 0) {
      summary.setActiveVersion(active);
    }
    if (shadow > 0) {
      summary.setShadowVersion(shadow);
    }
    return summary.build();
  }

  private static Artifact artifact(ArtifactAction action, int active, int shadow, String author) {
    return Artifact.newBuilder()
        .setSummary(summary(NAME, active, shadow))
        .addVersions(version(2))
        .addVersions(version(1))
        .addChanges(
            ArtifactChange.newBuilder()
                .setAction(action)
                .setVersion(shadow > 0 ? shadow : active)
                .setAt(THEN)
                .setBy(author))
        .build();
  }

  private static ArtifactVersion version(int number) {
    return ArtifactVersion.newBuilder()
        .setName(NAME)
        .setVersion(number)
        .setMethod("coin")
        .setBytes(512)
        .setProvenance(
            Struct.newBuilder()
                .putFields("seed", Value.newBuilder().setNumberValue(7).build())
                .build())
        .setMetrics(
            Struct.newBuilder()
                .putFields("quality", Value.newBuilder().setNumberValue(0.5).build())
                .build())
        .setCreatedAt(THEN)
        .setCreatedBy("bob")
        .build();
  }
}
