package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.router.v1.Activity;
import dev.tutti.router.v1.GetActivityResponse;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What was asked of late; see activity.proto for what each field says. */
@Schema(
    name = "Activity",
    description =
        "Requests of a period that reached who answers them. One that was refused before (its name, its key, a limit) is not"
            + " counted; those of ensembles within others are in the outer one's.")
public record ActivityItem(
    @Schema(description = "The first moment that counts.") Instant from,
    @Schema(description = "The first that does not any more: the end of the step that goes on.")
        Instant to,
    @Schema(description = "Length of a step.") long stepSeconds,
    @Schema(description = "All requests of the period together.") Figures all,
    @Schema(description = "Every step, oldest first.") List<At> steps,
    @Schema(description = "By ensemble, most requests first, at most 100.") List<Of> ensembles,
    @Schema(description = "How many ensembles there are.") int ensembleCount) {

  /** Sums over requests. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ActivityFigures", description = "Sums over requests.")
  public record Figures(
      @Schema(description = "How many.") long requests,
      @Schema(description = "Those that got no whole answer; not where the caller left.")
          long failures,
      @Schema(description = "Tokens read, over all members.") long promptTokens,
      @Schema(description = "Tokens written, over all members.") long completionTokens,
      @Schema(description = "US dollars that they cost.") double costUsd,
      @Schema(description = "Requests of which it is known what the dearest member would cost.")
          long compared,
      @Schema(description = "US dollars that these cost.") double comparedUsd,
      @Schema(
              description =
                  "US dollars that these would have cost, had the dearest member of each ensemble, and nobody else, been asked.")
          double dearestUsd,
      @Schema(
              description =
                  "Money saved: `dearest_usd` less `compared_usd`; below 0 where ensembles were dearer than their dearest member.")
          double savedUsd,
      @Schema(description = "Half of the requests needed at most so long; absent without requests.")
          Double p50Seconds,
      @Schema(description = "The same of 19 in 20.") Double p95Seconds) {

    private static Figures of(Activity its) {
      return new Figures(
          its.getRequests(),
          its.getFailures(),
          its.getPromptTokens(),
          its.getCompletionTokens(),
          its.getCostUsd(),
          its.getCompared(),
          its.getComparedUsd(),
          its.getDearestUsd(),
          its.getDearestUsd() - its.getComparedUsd(),
          its.hasP50Seconds() ? its.getP50Seconds() : null,
          its.hasP95Seconds() ? its.getP95Seconds() : null);
    }
  }

  /** What happened in a step of time. */
  @Schema(name = "ActivityStep", description = "What happened in a step of time.")
  public record At(
      @Schema(description = "Its first moment.") Instant start,
      @Schema(description = "What happened.") Figures activity) {}

  /** What happened under a name. */
  @Schema(name = "EnsembleActivity", description = "What happened under a name.")
  public record Of(
      @Schema(
              description =
                  "An ensemble, or a model that was asked by itself; recipe: those that callers sent.")
          String ensemble,
      @Schema(description = "What happened.") Figures activity) {}

  static ActivityItem of(GetActivityResponse its) {
    return new ActivityItem(
        JobItem.time(its.getFrom()),
        JobItem.time(its.getTo()),
        its.getStepSeconds(),
        Figures.of(its.getAll()),
        its.getStepsList().stream()
            .map(s -> new At(JobItem.time(s.getStart()), Figures.of(s.getActivity())))
            .toList(),
        its.getEnsemblesList().stream()
            .map(e -> new Of(e.getEnsemble(), Figures.of(e.getActivity())))
            .toList(),
        its.getEnsembleCount());
  }
}
