package dev.tutti.router.api.grpc;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.activity.ActivityReport;
import dev.tutti.router.activity.Counts;
import dev.tutti.router.activity.Step;
import dev.tutti.router.standing.Leaderboard;
import dev.tutti.router.standing.Standing;
import dev.tutti.router.v1.Activity;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.ActivityServiceGrpc;
import dev.tutti.router.v1.ActivityStep;
import dev.tutti.router.v1.EnsembleActivity;
import dev.tutti.router.v1.GetActivityRequest;
import dev.tutti.router.v1.GetActivityResponse;
import dev.tutti.router.v1.GetLeaderboardRequest;
import dev.tutti.router.v1.GetLeaderboardResponse;
import dev.tutti.router.v1.GetStandingRequest;
import dev.tutti.router.v1.GetStandingResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * {@code ActivityService}: what was asked of late, how members compare, and how this replica
 * stands.
 */
@GrpcService
public class ActivityEndpoint extends ActivityServiceGrpc.ActivityServiceImplBase {

  private static final BigDecimal MOST_TOKENS = BigDecimal.valueOf(Long.MAX_VALUE);

  private final ActivityReport report;
  private final Standing standing;
  private final Leaderboard leaderboard;

  ActivityEndpoint(ActivityReport report, Standing standing, Leaderboard leaderboard) {
    this.report = report;
    this.standing = standing;
    this.leaderboard = leaderboard;
  }

  @Override
  public void getActivity(
      GetActivityRequest request, StreamObserver<GetActivityResponse> observer) {
    ServerCalls.unary(observer, () -> activity(request));
  }

  @Override
  public void getLeaderboard(
      GetLeaderboardRequest request, StreamObserver<GetLeaderboardResponse> observer) {
    ServerCalls.unary(observer, () -> leaderboard.tell(request, Instant.now()));
  }

  @Override
  public void getStanding(
      GetStandingRequest request, StreamObserver<GetStandingResponse> observer) {
    ServerCalls.unary(observer, standing::tell);
  }

  private GetActivityResponse activity(GetActivityRequest request) {
    Step step = step(request.getPeriod());
    ActivityReport.Report told = report.report(step, request.getEnsemble(), Instant.now());
    GetActivityResponse.Builder response =
        GetActivityResponse.newBuilder()
            .setFrom(Timestamps.fromMillis(told.from().toEpochMilli()))
            .setTo(Timestamps.fromMillis(told.to().toEpochMilli()))
            .setStepSeconds(step.length().toSeconds())
            .setAll(message(told.all()))
            .setEnsembleCount(told.ensembleCount());
    told.steps()
        .forEach(
            at ->
                response.addSteps(
                    ActivityStep.newBuilder()
                        .setStart(Timestamps.fromMillis(at.start().toEpochMilli()))
                        .setActivity(message(at.counts()))));
    told.ensembles()
        .forEach(
            its ->
                response.addEnsembles(
                    EnsembleActivity.newBuilder()
                        .setEnsemble(its.name())
                        .setActivity(message(its.counts()))));
    return response.build();
  }

  private static Step step(ActivityPeriod period) {
    return switch (period) {
      case ACTIVITY_PERIOD_HOUR -> Step.FIVE_MINUTES;
      case ACTIVITY_PERIOD_UNSPECIFIED, ACTIVITY_PERIOD_DAY -> Step.HOUR;
      case ACTIVITY_PERIOD_WEEK -> Step.QUARTER_DAY;
      case ACTIVITY_PERIOD_MONTH -> Step.DAY;
      case UNRECOGNIZED -> throw Failure.invalid("period", "period is none of the contract's.");
    };
  }

  private static Activity message(Counts counts) {
    Activity.Builder message =
        Activity.newBuilder()
            .setRequests(counts.requests())
            .setFailures(counts.failures())
            .setPromptTokens(counts.promptTokens().min(MOST_TOKENS).longValue())
            .setCompletionTokens(counts.completionTokens().min(MOST_TOKENS).longValue())
            .setCostUsd(counts.usd().doubleValue())
            .setCompared(counts.compared())
            .setComparedUsd(counts.comparedUsd().doubleValue())
            .setDearestUsd(counts.dearestUsd().doubleValue());
    counts.seconds(0.5).ifPresent(message::setP50Seconds);
    counts.seconds(0.95).ifPresent(message::setP95Seconds);
    return message.build();
  }
}
