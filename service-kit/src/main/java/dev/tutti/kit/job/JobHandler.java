package dev.tutti.kit.job;

import com.google.protobuf.Struct;

/**
 * What is done by jobs of one kind. Thread-safe: several jobs of a kind may run at once.
 *
 * <p>A job may be begun several times, here and on other replicas, but never by two at once whose
 * effects both count: {@link #run} starts from the last checkpoint, and what it writes with {@link
 * JobContext#commit} stands exactly once.
 */
public interface JobHandler {

  /** Name of the kind: a-z, 0-9 and '-'. */
  String kind();

  /** What progress counts, e.g. {@code steps}. */
  String unit();

  /**
   * Refuses parameters that cannot work, when a job is started.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link dev.tutti.kit.grpc.Failure.InvalidArgument},
   *     its field as {@code parameters.NAME}
   */
  void check(Struct parameters);

  /**
   * Does the work, from the checkpoint on where there is one. On a thread of its own, so it may
   * compute for long; it is interrupted when the job must stop.
   *
   * @return what came of it; at most 64 KiB as JSON
   * @throws JobStoppedException as the context threw it
   * @throws Exception ends the job as failed; except that the job is tried again, later and from
   *     the last checkpoint, after a lost database and after a {@link
   *     dev.tutti.kit.grpc.FailureException} of something that is down, overloaded or late
   */
  Struct run(JobContext job) throws Exception;
}
