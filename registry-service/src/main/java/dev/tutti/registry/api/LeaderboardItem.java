package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.router.v1.ArmStanding;
import dev.tutti.router.v1.EloRating;
import dev.tutti.router.v1.GetLeaderboardResponse;
import dev.tutti.router.v1.MemberStanding;
import dev.tutti.router.v1.Quality;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How members compare; see activity.proto for what each field says. */
@Schema(
    name = "Leaderboard",
    description =
        "How members compare by what was said of their answers: an Elo rating (K = 32, from 1,000 on), in which a rating of one answer is a"
            + " comparison with a member of rating 1,000. It outlives the feedback that it is made of.")
public record LeaderboardItem(
    @Schema(description = "Ensembles, and models, that something was said about, by name.")
        List<String> ensembles,
    @Schema(description = "Domains that feedback on the ensemble told; at most 50.")
        List<String> domains,
    @Schema(description = "Highest rating first, at most 100.") List<MemberItem> members,
    @Schema(description = "How many there are.") int membersInAll,
    @Schema(description = "How much was said a day, oldest first, whatever the domain.")
        List<DayItem> feedback,
    @Schema(description = "What ensembles that learn know of their members, whatever the domain.")
        List<ArmItem> arms) {

  /** A rating. */
  @Schema(
      name = "EloRating",
      description = "A rating with the 95 % interval of its standard error.")
  public record RatingItem(
      @Schema(description = "Points.") double points,
      @Schema(description = "Points less 1.96 standard errors.") double low,
      @Schema(description = "Points and 1.96 standard errors.") double high) {

    private static RatingItem of(EloRating its) {
      return new RatingItem(its.getPoints(), its.getLow(), its.getHigh());
    }
  }

  /** How good answers were said to be. */
  @Schema(
      name = "Quality",
      description =
          "How good answers were said to be, with Wilson's 95 % interval, as if each rating were right or wrong.")
  public record QualityItem(
      @Schema(description = "How many ratings.") long ratings,
      @Schema(description = "Their mean, from 0 to 1.") double mean,
      @Schema(description = "From 0 to 1.") double low,
      @Schema(description = "From 0 to 1.") double high) {

    private static QualityItem of(Quality its) {
      return new QualityItem(its.getRatings(), its.getMean(), its.getLow(), its.getHigh());
    }
  }

  /** How a member stood. */
  @Schema(name = "RatingDay", description = "How a member stood at the end of a day.")
  public record AtItem(
      @Schema(description = "The first moment of the day, UTC.") Instant day,
      @Schema(description = "Its rating at the end.") RatingItem rating) {}

  /** A member. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "MemberStanding", description = "What was said of a member.")
  public record MemberItem(
      @Schema(description = "Its name.") String member,
      @Schema(description = "How it stands.") RatingItem rating,
      @Schema(description = "Comparisons and ratings that went in.") long pieces,
      @Schema(description = "Absent where its answers were only compared.") QualityItem quality,
      @Schema(description = "Each day on which its rating changed, oldest first.")
          List<AtItem> history) {

    private static MemberItem of(MemberStanding its) {
      return new MemberItem(
          its.getMember(),
          RatingItem.of(its.getRating()),
          its.getPieces(),
          its.hasQuality() ? QualityItem.of(its.getQuality()) : null,
          its.getHistoryList().stream()
              .map(at -> new AtItem(JobItem.time(at.getDay()), RatingItem.of(at.getRating())))
              .toList());
    }
  }

  /** How much was said. */
  @Schema(name = "FeedbackDay", description = "How much was said on a day.")
  public record DayItem(
      @Schema(description = "The first moment of the day, UTC.") Instant day,
      @Schema(description = "Ratings, and whether answers are correct.") long ratings,
      @Schema(description = "Comparisons of two members.") long comparisons,
      @Schema(description = "Calls that failed.") long failures) {}

  /** An arm. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ArmStanding", description = "What a learning ensemble knows of a member.")
  public record ArmItem(
      @Schema(description = "The ensemble.") String ensemble,
      @Schema(description = "Its method.") String method,
      @Schema(description = "The member.") String member,
      @Schema(description = "Pieces of feedback on it that the method learned from.") long pulls,
      @Schema(description = "What the method goes by, such as mean_reward; empty for nothing yet.")
          String measure,
      @Schema(description = "It.") double value,
      @Schema(description = "How good its answers were said to be in this ensemble; may be absent.")
          QualityItem quality) {

    private static ArmItem of(ArmStanding its) {
      return new ArmItem(
          its.getEnsemble(),
          its.getMethod(),
          its.getMember(),
          its.getPulls(),
          its.getMeasure(),
          its.getValue(),
          its.hasQuality() ? QualityItem.of(its.getQuality()) : null);
    }
  }

  static LeaderboardItem of(GetLeaderboardResponse its) {
    return new LeaderboardItem(
        List.copyOf(its.getEnsemblesList()),
        List.copyOf(its.getDomainsList()),
        its.getMembersList().stream().map(MemberItem::of).toList(),
        its.getMembersInAll(),
        its.getFeedbackList().stream()
            .map(
                day ->
                    new DayItem(
                        JobItem.time(day.getDay()),
                        day.getRatings(),
                        day.getComparisons(),
                        day.getFailures()))
            .toList(),
        its.getArmsList().stream().map(ArmItem::of).toList());
  }
}
