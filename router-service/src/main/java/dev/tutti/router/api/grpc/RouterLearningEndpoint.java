package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.kit.job.Jobs;
import dev.tutti.learning.api.LearningEndpoint;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import dev.tutti.learning.v1.CheckEvaluationRequest;
import dev.tutti.learning.v1.CheckEvaluationResponse;
import dev.tutti.learning.v1.Disagreement;
import dev.tutti.learning.v1.GetShadowReportRequest;
import dev.tutti.learning.v1.GetShadowReportResponse;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartEvaluationResponse;
import dev.tutti.router.decision.ShadowReport;
import dev.tutti.router.learning.EvaluationJob;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** What the router learns, over gRPC, with evaluations of policies and reports on shadows. */
@GrpcService
public class RouterLearningEndpoint extends LearningEndpoint {

  private final Artifacts artifacts;
  private final ShadowReport shadows;

  RouterLearningEndpoint(
      Artifacts artifacts, Comparisons comparisons, Jobs jobs, ShadowReport shadows) {
    super(artifacts, comparisons, jobs);
    this.artifacts = artifacts;
    this.shadows = shadows;
  }

  @Override
  public void startEvaluation(
      StartEvaluationRequest request, StreamObserver<StartEvaluationResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          Jobs.Started evaluation =
              start(
                  EvaluationJob.KIND,
                  request.getParameters(),
                  request.getKey(),
                  request.getAuthor());
          return StartEvaluationResponse.newBuilder()
              .setJob(evaluation.job())
              .setStartedBefore(evaluation.before())
              .build();
        });
  }

  @Override
  public void checkEvaluation(
      CheckEvaluationRequest request, StreamObserver<CheckEvaluationResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          check(EvaluationJob.KIND, request.getParameters());
          return CheckEvaluationResponse.getDefaultInstance();
        });
  }

  @Override
  public void getShadowReport(
      GetShadowReportRequest request, StreamObserver<GetShadowReportResponse> observer) {
    ServerCalls.unary(observer, () -> report(request));
  }

  private GetShadowReportResponse report(GetShadowReportRequest request) {
    String name = name(request.getName());
    int version =
        request.getVersion() == 0
            ? artifacts
                .find(name)
                .summary()
                .shadow()
                .orElseThrow(
                    () ->
                        new Failure.InvalidArgument(
                                "version",
                                "NO_SHADOW",
                                "No version of artifact '%s' is in shadow; name one that was."
                                    .formatted(name))
                            .exception())
            : artifacts.find(name, request.getVersion()).version();
    ShadowReport.Report report = shadows.report(name, version);
    GetShadowReportResponse.Builder response =
        GetShadowReportResponse.newBuilder()
            .setName(name)
            .setVersion(version)
            .setDecisions(report.decisions())
            .setTruncated(report.truncated())
            .putAllActiveChoices(report.live())
            .putAllShadowChoices(report.shadow());
    report
        .differed()
        .forEach(
            its ->
                response.addDisagreements(
                    Disagreement.newBuilder()
                        .setActive(its.live())
                        .setShadow(its.shadow())
                        .setDecisions(its.decisions())));
    if (report.decisions() > 0) {
      response
          .setAgreement((double) report.agreed() / report.decisions())
          .setExpectedUsdDifference(report.usd())
          .setQualityDifferenceByActive(report.qualityByLive())
          .setQualityDifferenceByShadow(report.qualityByShadow());
    }
    return response.build();
  }
}
