package dev.tutti.registry.testing;

import com.google.protobuf.Timestamp;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.Activity;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.ActivityServiceGrpc;
import dev.tutti.router.v1.ActivityStep;
import dev.tutti.router.v1.ArmStanding;
import dev.tutti.router.v1.EloRating;
import dev.tutti.router.v1.EnsembleActivity;
import dev.tutti.router.v1.FeedbackDay;
import dev.tutti.router.v1.GetActivityRequest;
import dev.tutti.router.v1.GetActivityResponse;
import dev.tutti.router.v1.GetLeaderboardRequest;
import dev.tutti.router.v1.GetLeaderboardResponse;
import dev.tutti.router.v1.GetStandingRequest;
import dev.tutti.router.v1.GetStandingResponse;
import dev.tutti.router.v1.MemberStanding;
import dev.tutti.router.v1.Quality;
import dev.tutti.router.v1.RatingDay;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A router that was asked 4 times in the last but one of two steps: 3 times for the ensemble {@code
 * vote}, once under a name that nobody should show as it is. Of {@code idle} nothing was asked, and
 * {@code unwell} it cannot tell. Something was said of two members, in all domains and in {@code
 * math}.
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
  public void getLeaderboard(
      GetLeaderboardRequest request, StreamObserver<GetLeaderboardResponse> observer) {
    ServerCalls.unary(observer, () -> leaderboard(request));
  }

  private static GetLeaderboardResponse leaderboard(GetLeaderboardRequest request) {
    if (request.getDays() > 366) {
      throw Failure.invalid("days", "days is %d; it takes 1 to 366.".formatted(request.getDays()));
    }
    var board =
        GetLeaderboardResponse.newBuilder()
            .addAllEnsembles(List.of("elo", "org/Learner"))
            .addAllDomains(List.of("law", "math"));
    if (!request.getDomain().isEmpty() && !request.getDomain().equals("math")) {
      return board.build();
    }
    long today = Instant.now().truncatedTo(ChronoUnit.DAYS).getEpochSecond();
    return board
        .addMembers(
            standing("anna", 1_066.5, 40)
                .setQuality(quality(10, 0.8, 0.49, 0.943))
                .addHistory(day(today - 3 * 86_400, 1_016, 120))
                .addHistory(day(today, 1_066.5, 40)))
        .addMembers(
            standing("<img src=x onerror=alert(1)>", 933.25, 60).addHistory(day(today, 933.25, 60)))
        .setMembersInAll(102)
        .addFeedback(
            FeedbackDay.newBuilder()
                .setDay(Timestamp.newBuilder().setSeconds(today))
                .setRatings(10)
                .setComparisons(3)
                .setFailures(1))
        .addArms(
            ArmStanding.newBuilder()
                .setEnsemble("org/Learner")
                .setMethod("metallm")
                .setMember("anna")
                .setPulls(7)
                .setMeasure("mean_reward")
                .setValue(0.625)
                .setQuality(quality(7, 0.7, 0.4, 0.9)))
        .addArms(
            ArmStanding.newBuilder()
                .setEnsemble("org/Learner")
                .setMethod("metallm")
                .setMember("=bert")
                .setPulls(0))
        .build();
  }

  private static MemberStanding.Builder standing(String member, double points, double half) {
    return MemberStanding.newBuilder()
        .setMember(member)
        .setRating(rating(points, half))
        .setPieces(13);
  }

  private static EloRating rating(double points, double half) {
    return EloRating.newBuilder()
        .setPoints(points)
        .setLow(points - half)
        .setHigh(points + half)
        .build();
  }

  private static RatingDay day(long seconds, double points, double half) {
    return RatingDay.newBuilder()
        .setDay(Timestamp.newBuilder().setSeconds(seconds))
        .setRating(rating(points, half))
        .build();
  }

  private static Quality quality(long ratings, double mean, double low, double high) {
    return Quality.newBuilder().setRatings(ratings).setMean(mean).setLow(low).setHigh(high).build();
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
