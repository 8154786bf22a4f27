package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.protobuf.Timestamp;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobError;
import dev.tutti.job.v1.JobState;
import dev.tutti.registry.admin.JobAdmin;
import dev.tutti.registry.admin.JobOf;
import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** One job; see job.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Long work that outlives the request that started it.")
public record JobItem(
    @Schema(description = "The service that runs it.", examples = "registry-service")
        String service,
    @Schema(description = "Given by the service.") String id,
    @Schema(
            description = "What is done: import, record, record-decisions, fit or evaluate.",
            examples = "import")
        String kind,
    @Schema(
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description = "What it was started with.")
        Map<String, Object> parameters,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"queued", "running", "succeeded", "failed", "cancelled"},
            description = "How far it is; cancelled keeps what was committed by then.")
        JobState state,
    @Schema(description = "Units done.") long done,
    @Schema(description = "Units in all; 0 while it is not known.") long total,
    @Schema(description = "What a unit is.", examples = "bytes") String unit,
    @Schema(description = "What it is doing, or why it waits for another try.") String message,
    @Schema(
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description =
                "What came of it; absent unless it succeeded. Of an import: `lines` that held something, queries"
                    + " `imported`, `extended` (got outcomes that they lacked), `unchanged` and `replaced`, lines"
                    + " `refused`, `refusals_kept` (how many of these can be read, 10,000 at most), names of further"
                    + " `numbers` and `labels` that were kept, and the dataset's `revision`; of a recording also what it"
                    + " did cost (`usd`, `judge_usd`), calls that `failed`, questions that are `left` where it was `stopped_by`"
                    + " its budget, and `members` by name. Of a fit: `artifact` and"
                    + " `version`, of which /api/v1/artifacts tells the metrics.")
        Map<String, Object> result,
    @Schema(description = "What went wrong; absent unless it failed.") ErrorItem error,
    @Schema(description = "Whether somebody asked it to stop.") boolean cancelRequested,
    @Schema(description = "How often a replica has begun or resumed it.") int attempts,
    @Schema(description = "Who started it, as the header X-Tutti-User said.") String user,
    @Schema(description = "When it was put in the queue.") Instant createdAt,
    @Schema(description = "When it was begun first; absent before.") Instant startedAt,
    @Schema(description = "When it last changed.") Instant updatedAt,
    @Schema(description = "When it ended; absent before.") Instant endedAt) {

  /** Why a job failed. */
  @Schema(description = "Why a job failed.")
  public record ErrorItem(
      @Schema(description = "For programs.", examples = "INVALID_ARGUMENT") String reason,
      @Schema(description = "For people.") String message,
      @Schema(description = "What is wrong; may be empty.") String field) {

    private static ErrorItem of(JobError error) {
      return new ErrorItem(error.getReason(), error.getMessage(), error.getField());
    }
  }

  /** A job for REST. */
  static JobItem of(JobOf its) {
    Job job = its.job();
    return new JobItem(
        its.service(),
        job.getId(),
        job.getKind(),
        StructJson.of(job.getParameters()),
        job.getState(),
        job.getDone(),
        job.getTotal(),
        job.getUnit(),
        job.getMessage(),
        job.hasResult() ? StructJson.of(job.getResult()) : null,
        job.hasError() ? ErrorItem.of(job.getError()) : null,
        job.getCancelRequested(),
        job.getAttempts(),
        job.getAuthor(),
        time(job.getCreatedAt()),
        job.hasStartedAt() ? time(job.getStartedAt()) : null,
        time(job.getUpdatedAt()),
        job.hasEndedAt() ? time(job.getEndedAt()) : null);
  }

  /** A job of the registry itself. */
  static JobItem ofOwn(Job job) {
    return of(new JobOf(JobAdmin.OWN, job));
  }

  static Instant time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
