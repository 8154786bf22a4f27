package dev.tutti.registry.testing;

import com.google.protobuf.Timestamp;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.Activity;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.ActivityServiceGrpc;
import dev.tutti.router.v1.ActivityStep;
import dev.tutti.router.v1.EnsembleActivity;
import dev.tutti.router.v1.GetActivityRequest;
import dev.tutti.router.v1.GetActivityResponse;
import dev.tutti.router.v1.GetStandingRequest;
import dev.tutti.router.v1.GetStandingResponse;
import io.grpc.stub.StreamObserver;

/**
 * A router that was asked 4 times in the last but one of two steps: 3 times for the ensemble {@code
 * vote}, once under a name that nobody should show as it is. Of {@code idle} nothing was asked, and
 * {@code unwell} it cannot tell.
 */
final class ScriptedActivity extends ActivityServiceGrpc.ActivityServiceImplBase {

  private static final Activity VOTE =
      Activity.newBuilder()
          .setRequests(3)
          .setFailures(1)
          .setPromptTokens(1_200)
          .setCompletionTokens(340)
          .setCostUsd(0.25)
          .setCompared(2)
          .setComparedUsd(0.2)
          .setDearestUsd(0.5)
          .setP50Seconds(0.75)
          .setP95Seconds(2.5)
          .build();

  private static final Activity EVIL = Activity.newBuilder().setRequests(1).setCostUsd(0.5).build();

  private static final Activity BOTH = VOTE.toBuilder().setRequests(4).setCostUsd(0.75).build();

  @Override
  public void getActivity(
      GetActivityRequest request, StreamObserver<GetActivityResponse> observer) {
    ServerCalls.unary(observer, () -> activity(request));
  }

  private static GetActivityResponse activity(GetActivityRequest request) {
    String ensemble = request.getEnsemble();
    if (ensemble.equals("unwell")) {
      throw new Failure.Unavailable("DATABASE_UNREACHABLE", "The database is away.").exception();
    }
    Activity all =
        switch (ensemble) {
          case "" -> BOTH;
          case "vote" -> VOTE;
          default -> Activity.getDefaultInstance();
        };
    long step = request.getPeriod() == ActivityPeriod.ACTIVITY_PERIOD_MONTH ? 86_400 : 3_600;
    var response =
        GetActivityResponse.newBuilder()
            .setFrom(at(0))
            .setTo(at(2 * step))
            .setStepSeconds(step)
            .setAll(all)
            .addSteps(ActivityStep.newBuilder().setStart(at(0)).setActivity(all))
            .addSteps(
                ActivityStep.newBuilder()
                    .setStart(at(step))
                    .setActivity(Activity.getDefaultInstance()));
    if (ensemble.isEmpty()) {
      response
          .addEnsembles(EnsembleActivity.newBuilder().setEnsemble("vote").setActivity(VOTE))
          .addEnsembles(EnsembleActivity.newBuilder().setEnsemble("<img src=x>").setActivity(EVIL))
          .setEnsembleCount(7);
    } else {
      response
          .addEnsembles(EnsembleActivity.newBuilder().setEnsemble(ensemble).setActivity(all))
          .setEnsembleCount(1);
    }
    return response.build();
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(1_600_000_000L / 86_400 * 86_400 + seconds).build();
  }

  @Override
  public void getStanding(
      GetStandingRequest request, StreamObserver<GetStandingResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetStandingResponse.newBuilder()
                .putAway("fusion", "does not serve")
                .addCannotAnswer("vote")
                .setCannotAnswerInAll(1)
                .setRegistryConnected(true)
                .setRegistryRevision(5)
                .setDecisionsWaiting(17)
                .setFeedbackWaiting(23)
                .build());
  }
}
