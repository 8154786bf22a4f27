package dev.tutti.kit.job;

import com.google.protobuf.Struct;
import dev.tutti.job.v1.JobError;
import java.time.Duration;

/** How an attempt at a job ended. */
sealed interface Outcome {

  /** The job is done. */
  record Succeeded(Struct result) implements Outcome {}

  /** The job cannot be done. */
  record Failed(JobError error) implements Outcome {}

  /** Somebody asked for it. */
  record Cancelled() implements Outcome {}

  /** Something that the job needs is away: another attempt is to be made, after {@code delay}. */
  record Again(Duration delay, String message) implements Outcome {}

  /** This replica ends: another one is to go on at once, and the attempt does not count. */
  record Released() implements Outcome {}

  /** Another replica has the job: nothing is to be written. */
  record Lost() implements Outcome {}

  /** For metrics. */
  default String word() {
    return switch (this) {
      case Succeeded _ -> "succeeded";
      case Failed _ -> "failed";
      case Cancelled _ -> "cancelled";
      case Again _ -> "again";
      case Released _ -> "released";
      case Lost _ -> "lost";
    };
  }
}
