package dev.tutti.learning;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import java.sql.SQLException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What a fit has to work with, beside its rows. For the fit's own thread. */
public interface FitContext {

  /**
   * The only source of chance, seeded by the request: the same request learns the same. A fit that
   * is resumed begins it anew, so one that goes on from a checkpoint derives a stream of its own
   * for each step.
   */
  RandomGenerator random();

  /**
   * Tells how far the work is, and asks whether to go on.
   *
   * @param done units done; at least 0
   * @param total units in all; 0 where it is not known
   * @param message what is being done, for people
   * @throws dev.tutti.kit.job.JobStoppedException when the fit must stop; pure code sees an
   *     interrupted thread instead
   */
  void progress(long done, long total, String message);

  /** What {@link #checkpoint(byte[])} kept in this attempt or one before; empty before. */
  Optional<byte[]> checkpoint();

  /**
   * Keeps where to resume: a fit that asks members live does so after what it has paid for.
   *
   * @param checkpoint at most 64 MiB
   * @throws SQLException of the database, which the fit lets pass: the job is tried again
   */
  void checkpoint(byte[] checkpoint) throws SQLException;

  /** What of the request's budget is left, in US dollars. */
  double usdLeft();

  /**
   * Asks a member live, and takes what it cost from the budget.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link
   *     dev.tutti.kit.grpc.Failure.FailedPrecondition} when the budget is spent, or this service
   *     asks nobody; as the member's call failed
   */
  Completion ask(GenerateRequest request);
}
