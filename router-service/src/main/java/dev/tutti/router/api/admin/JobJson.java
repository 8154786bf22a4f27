package dev.tutti.router.api.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobError;
import dev.tutti.job.v1.JobState;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One job in JSON, as the registry tells its own; see job.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobJson(
    String object,
    String id,
    String kind,
    @JsonRawValue String parameters,
    String state,
    long done,
    long total,
    String unit,
    String message,
    @JsonRawValue String result,
    Fault error,
    boolean cancel_requested,
    int attempts,
    String user,
    Instant created_at,
    Instant started_at,
    Instant updated_at,
    Instant ended_at) {

  private static final String STATE = "JOB_STATE_";
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  /** Why it failed. */
  record Fault(String reason, String message, String field) {

    private static Fault of(JobError error) {
      return new Fault(error.getReason(), error.getMessage(), error.getField());
    }
  }

  static JobJson of(Job job) {
    return new JobJson(
        "job",
        job.getId(),
        job.getKind(),
        json(job.getParameters()),
        word(job.getState()),
        job.getDone(),
        job.getTotal(),
        job.getUnit(),
        job.getMessage(),
        job.hasResult() ? json(job.getResult()) : null,
        job.hasError() ? Fault.of(job.getError()) : null,
        job.getCancelRequested(),
        job.getAttempts(),
        job.getAuthor(),
        time(job.getCreatedAt()),
        job.hasStartedAt() ? time(job.getStartedAt()) : null,
        time(job.getUpdatedAt()),
        job.hasEndedAt() ? time(job.getEndedAt()) : null);
  }

  /** The state of this word. */
  static Optional<JobState> state(String word) {
    return Arrays.stream(JobState.values())
        .filter(s -> states().contains(word) && word(s).equals(word))
        .findFirst();
  }

  /** The words of all states. */
  static List<String> states() {
    return Arrays.stream(JobState.values())
        .filter(s -> s != JobState.UNRECOGNIZED && s != JobState.JOB_STATE_UNSPECIFIED)
        .map(JobJson::word)
        .toList();
  }

  private static String word(JobState state) {
    return state.name().replace(STATE, "").toLowerCase(Locale.ROOT);
  }

  private static String json(Struct struct) {
    try {
      return PRINTER.print(struct);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A job that cannot be written as JSON", e);
    }
  }

  private static Instant time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
