package dev.tutti.kit.job;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobError;
import dev.tutti.job.v1.JobState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.function.Consumer;

/**
 * A row of the table {@code job}.
 *
 * @param number its place in the queue; grows with every start
 * @param job what everybody may see of it
 */
record JobRow(long number, Job job) {

  /** What is read of a row: all but the checkpoint, which may be large. */
  static final String COLUMNS =
      "id, number, kind, key, author, parameters, state, done, total, unit, message, result,"
          + " error_reason, error_message, error_field, cancel_requested, attempts, created_at,"
          + " started_at, updated_at, ended_at";

  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();
  private static final String STATE = "JOB_STATE_";

  static JobRow read(ResultSet row) throws SQLException {
    Job.Builder job =
        Job.newBuilder()
            .setId(row.getString("id"))
            .setKind(row.getString("kind"))
            .setParameters(struct(row.getString("parameters")))
            .setState(JobState.valueOf(STATE + row.getString("state")))
            .setDone(row.getLong("done"))
            .setTotal(row.getLong("total"))
            .setUnit(row.getString("unit"))
            .setMessage(row.getString("message"))
            .setCancelRequested(row.getBoolean("cancel_requested"))
            .setAttempts(row.getInt("attempts"))
            .setAuthor(row.getString("author"));
    String key = row.getString("key");
    if (key != null) {
      job.setKey(key);
    }
    String result = row.getString("result");
    if (result != null) {
      job.setResult(struct(result));
    }
    String reason = row.getString("error_reason");
    if (reason != null) {
      job.setError(
          JobError.newBuilder()
              .setReason(reason)
              .setMessage(row.getString("error_message"))
              .setField(row.getString("error_field")));
    }
    time(row, "created_at", job::setCreatedAt);
    time(row, "started_at", job::setStartedAt);
    time(row, "updated_at", job::setUpdatedAt);
    time(row, "ended_at", job::setEndedAt);
    return new JobRow(row.getLong("number"), job.build());
  }

  /** A state as the table says it. */
  static String word(JobState state) {
    return state.name().substring(STATE.length());
  }

  /** A struct as JSON. */
  static String json(Struct struct) {
    try {
      return JSON.print(struct);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("It cannot be written as JSON: " + e.getMessage(), e);
    }
  }

  private static Struct struct(String json) {
    try {
      Struct.Builder struct = Struct.newBuilder();
      JsonFormat.parser().merge(json, struct);
      return struct.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A job is kept that cannot be read", e);
    }
  }

  private static void time(ResultSet row, String column, Consumer<Timestamp> setter)
      throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    if (time != null) {
      setter.accept(
          Timestamp.newBuilder().setSeconds(time.toEpochSecond()).setNanos(time.getNano()).build());
    }
  }
}
