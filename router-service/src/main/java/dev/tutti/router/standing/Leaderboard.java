package dev.tutti.router.standing;

import com.google.protobuf.Timestamp;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.activity.StandingReport;
import dev.tutti.router.activity.Wilson;
import dev.tutti.router.feedback.LearnerAdmin;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.v1.Arm;
import dev.tutti.router.v1.ArmStanding;
import dev.tutti.router.v1.EloRating;
import dev.tutti.router.v1.FeedbackDay;
import dev.tutti.router.v1.GetLeaderboardRequest;
import dev.tutti.router.v1.GetLeaderboardResponse;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.MemberStanding;
import dev.tutti.router.v1.Quality;
import dev.tutti.router.v1.RatingDay;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** How members compare by what was said, and what learning ensembles know of theirs. */
@ApplicationScoped
public class Leaderboard {

  private static final int USUAL_DAYS = 30;
  private static final int MOST_DAYS = 366;
  private static final String OBSERVATIONS = "observations";

  private final Database database;
  private final StandingReport standings;
  private final LearnerAdmin learners;
  private final KnownNames names;

  Leaderboard(
      Database database, StandingReport standings, LearnerAdmin learners, KnownNames names) {
    this.database = database;
    this.standings = standings;
    this.learners = learners;
    this.names = names;
  }

  /**
   * Tells it.
   *
   * @throws FailureException {@link Failure.InvalidArgument} for days out of bounds or a text that
   *     is none, {@link Failure.Unavailable} when the database is away
   */
  public GetLeaderboardResponse tell(GetLeaderboardRequest request, Instant now) {
    int days = request.getDays() == 0 ? USUAL_DAYS : request.getDays();
    if (days < 1 || days > MOST_DAYS) {
      throw Failure.invalid("days", "days is %d; it takes 1 to %d.".formatted(days, MOST_DAYS));
    }
    requireText("ensemble", request.getEnsemble());
    requireText("domain", request.getDomain());
    String ensemble = names.own(request.getEnsemble());
    LocalDate from = now.atZone(ZoneOffset.UTC).toLocalDate().minusDays(days - 1L);
    List<Learner> learning =
        learners.describe().stream()
            .filter(its -> ensemble.isEmpty() || its.getEnsemble().equals(ensemble))
            .toList();
    try (Connection connection = database.connect()) {
      StandingReport.Board board = standings.board(connection, ensemble, request.getDomain(), from);
      GetLeaderboardResponse.Builder response =
          GetLeaderboardResponse.newBuilder()
              .addAllEnsembles(standings.ensembles(connection))
              .addAllDomains(standings.domains(connection, ensemble))
              .setMembersInAll(board.count());
      board.members().forEach(member -> response.addMembers(message(member)));
      standings.volume(connection, ensemble, from).forEach(v -> response.addFeedback(message(v)));
      Map<String, Map<String, Wilson>> qualities =
          standings.qualities(connection, learning.stream().map(Learner::getEnsemble).toList());
      for (Learner its : learning) {
        Map<String, Wilson> known = qualities.getOrDefault(its.getEnsemble(), Map.of());
        its.getArmsList()
            .forEach(arm -> response.addArms(message(its, arm, known.get(arm.getMember()))));
      }
      return response.build();
    } catch (SQLException e) {
      database.failed(e);
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE",
              "How members compare cannot be told: the database is out of reach."),
          e);
    }
  }

  /** PostgreSQL takes no U+0000, and would refuse the query. */
  private static void requireText(String name, String text) {
    if (text.indexOf(0) >= 0) {
      throw Failure.invalid(name, name + " holds U+0000, which is no text.");
    }
  }

  private static MemberStanding message(StandingReport.Member member) {
    MemberStanding.Builder message =
        MemberStanding.newBuilder()
            .setMember(member.name())
            .setRating(message(member.rating()))
            .setPieces(member.pieces());
    member.quality().ifPresent(quality -> message.setQuality(message(quality)));
    member
        .history()
        .forEach(
            at ->
                message.addHistory(
                    RatingDay.newBuilder()
                        .setDay(start(at.day()))
                        .setRating(message(at.rating()))));
    return message.build();
  }

  private static EloRating message(StandingReport.Rated rating) {
    return EloRating.newBuilder()
        .setPoints(rating.points())
        .setLow(rating.low())
        .setHigh(rating.high())
        .build();
  }

  private static Quality message(Wilson quality) {
    return Quality.newBuilder()
        .setRatings(quality.ratings())
        .setMean(quality.mean())
        .setLow(quality.low())
        .setHigh(quality.high())
        .build();
  }

  private static FeedbackDay message(StandingReport.Volume volume) {
    return FeedbackDay.newBuilder()
        .setDay(start(volume.day()))
        .setRatings(volume.ratings())
        .setComparisons(volume.comparisons())
        .setFailures(volume.failures())
        .build();
  }

  /** An arm tells how often it was pulled, and one number more. */
  private static ArmStanding message(Learner learner, Arm arm, Wilson quality) {
    ArmStanding.Builder message =
        ArmStanding.newBuilder()
            .setEnsemble(learner.getEnsemble())
            .setMethod(learner.getMethod())
            .setMember(arm.getMember())
            .setPulls(Math.round(arm.getValuesOrDefault(OBSERVATIONS, 0)));
    arm.getValuesMap().entrySet().stream()
        .filter(value -> !value.getKey().equals(OBSERVATIONS))
        .findFirst()
        .ifPresent(value -> message.setMeasure(value.getKey()).setValue(value.getValue()));
    if (quality != null) {
      message.setQuality(message(quality));
    }
    return message.build();
  }

  private static Timestamp start(LocalDate day) {
    return Timestamp.newBuilder()
        .setSeconds(day.atStartOfDay(ZoneOffset.UTC).toEpochSecond())
        .build();
  }
}
