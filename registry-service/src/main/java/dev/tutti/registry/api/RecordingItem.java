package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.job.v1.Job;
import dev.tutti.registry.dataset.RefusedLine;
import dev.tutti.registry.recording.Estimate;
import dev.tutti.registry.recording.Recordings;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How far a recording is. */
@Schema(name = "Recording", description = "How far a recording is, by member.")
public record RecordingItem(
    @Schema(description = "What is done, and what came of it.") JobItem job,
    @Schema(description = "US dollars that its calls did cost, the judge's and failed ones too.")
        double usd,
    @Schema(description = "Of that, what the judge did.") double judgeUsd,
    @Schema(description = "Who is asked, by name.") List<MemberItem> members) {

  /** One member of a recording. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "RecordingMember", description = "What came of one member's calls by now.")
  public record MemberItem(
      @Schema(description = "Its name.") String member,
      @Schema(description = "Answers that are scored and in the dataset.") long answered,
      @Schema(description = "Calls that gave none.") long failed,
      @Schema(description = "Answers that the dataset had already.") long known,
      @Schema(description = "US dollars that its calls did cost.") double usd,
      @Schema(description = "Mean score of the answers; absent where there are none.")
          Double meanScore) {}

  /** What a recording would cost. */
  @Schema(name = "RecordingEstimate", description = "What a recording would ask and cost.")
  public record EstimateItem(
      @Schema(description = "Lines that can be asked.") long questions,
      @Schema(description = "Lines that cannot be taken.") long refused,
      @Schema(description = "The first 20 of them.") List<RefusedLine> refusals,
      @Schema(description = "Answers that the dataset has, and that are not asked for.") long known,
      @Schema(
              description =
                  "US dollars that all calls are expected to cost, by prices, the questions' length and the longest answer.")
          double usd,
      @Schema(description = "Of that, what the judge is expected to cost.") double judgeUsd,
      @Schema(description = "By member.") List<MemberEstimateItem> members) {

    static EstimateItem of(Estimate its) {
      return new EstimateItem(
          its.questions(),
          its.refused(),
          its.refusals(),
          its.known(),
          its.usd(),
          its.judgeUsd(),
          its.members().stream()
              .map(m -> new MemberEstimateItem(m.member(), m.calls(), m.usd()))
              .toList());
    }
  }

  /** The same of one member. */
  @Schema(name = "RecordingMemberEstimate", description = "What one member would be asked.")
  public record MemberEstimateItem(
      @Schema(description = "Its name.") String member,
      @Schema(description = "Answers that it would be asked for.") long calls,
      @Schema(description = "US dollars that they are expected to cost.") double usd) {}

  static RecordingItem of(Job job, Recordings.Progress progress) {
    return new RecordingItem(
        JobItem.ofOwn(job),
        progress.usd(),
        progress.judgeUsd(),
        progress.members().entrySet().stream()
            .map(
                m ->
                    new MemberItem(
                        m.getKey(),
                        m.getValue().answered(),
                        m.getValue().failed(),
                        m.getValue().known(),
                        m.getValue().usd(),
                        m.getValue().meanScore()))
            .toList());
  }
}
