package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.router.v1.Comparison;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.router.v1.KeptFeedback;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What somebody said about a decision; see feedback.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "KeptFeedback", description = "What somebody said about a decision.")
public record FeedbackItem(
    @Schema(description = "Identifies it among those that its team gave.") String key,
    @Schema(description = "When it was kept.") Instant time,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"person", "judge", "reference", "router"},
            description = "Who said it; router: a call failed.")
        FeedbackSource source,
    @Schema(description = "Whom it is about; absent of a comparison.") String member,
    @Schema(description = "How good the answer is, 0 to 1; absent where that is not what is said.")
        Double rating,
    @Schema(description = "Whether the answer is correct; absent where that is not what is said.")
        Boolean correct,
    @Schema(description = "True where it says that the call failed; absent otherwise.")
        Boolean failed,
    @Schema(description = "Who answers better; absent where that is not what is said.")
        Preference comparison,
    @Schema(description = "For people; absent where there is none.") String comment,
    @Schema(description = "Why the ensemble's learner could not learn from it; absent otherwise.")
        String refused) {

  /** Two members of one decision, compared. */
  @Schema(name = "Preference", description = "Two members of one decision, compared.")
  public record Preference(
      @Schema(description = "Who is better.") String winner,
      @Schema(description = "Who is worse.") String loser,
      @Schema(description = "Whether neither is better.") boolean tie) {

    private static Preference of(Comparison its) {
      return new Preference(its.getWinner(), its.getLoser(), its.getTie());
    }
  }

  static FeedbackItem of(KeptFeedback kept) {
    Feedback said = kept.getFeedback();
    return new FeedbackItem(
        said.getKey(),
        JobItem.time(kept.getTime()),
        said.getSource() == FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED
            ? FeedbackSource.FEEDBACK_SOURCE_PERSON
            : said.getSource(),
        said.getMember().isEmpty() ? null : said.getMember(),
        said.hasRating() ? said.getRating() : null,
        said.hasCorrect() ? said.getCorrect() : null,
        said.hasFailed() ? said.getFailed() : null,
        said.hasComparison() ? Preference.of(said.getComparison()) : null,
        said.getComment().isEmpty() ? null : said.getComment(),
        kept.getRefused().isEmpty() ? null : kept.getRefused());
  }
}
