package dev.tutti.learning;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What a fit has to work with, beside its rows. For the fit's own thread. */
public interface FitContext {

  /** Why an answer is not paid for. */
  String SPENT = "BUDGET_SPENT";

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
   * Keeps where to resume. What was paid for is kept without it.
   *
   * @param checkpoint at most 64 MiB
   * @throws SQLException of the database, which the fit lets pass: the job is tried again
   */
  void checkpoint(byte[] checkpoint) throws SQLException;

  /**
   * Embeds texts as those of the rows are.
   *
   * @return one a text, in their order, of unit length
   * @throws dev.tutti.kit.grpc.FailureException when they cannot be embedded
   */
  List<float[]> embed(List<String> texts);

  /**
   * What of the request's budget is left, in US dollars, after the answers that this attempt was
   * given: a fit that is resumed and asks the same again sees the same.
   */
  double usdLeft();

  /**
   * What all attempts of the job have spent, in US dollars, also for answers not asked for again.
   */
  double usdSpent();

  /**
   * Asks a member live, and takes what it cost from the budget. What the job has paid for is kept
   * before this returns, and given when the same is asked again, in this attempt or a later one.
   * While a member is asked, {@code usd} is set aside: where nobody learns what the call did cost,
   * because the service went down, that much counts as spent. So where no call costs more than it
   * was said to, all of the job's attempts together spend at most the budget; else they spend more
   * by what the last call did cost beyond.
   *
   * @param usd what the answer costs at most, US dollars; &gt;= 0
   * @throws dev.tutti.kit.grpc.FailureException {@link
   *     dev.tutti.kit.grpc.Failure.FailedPrecondition} when this service asks nobody, or, with the
   *     reason {@link #SPENT}, when less than {@code usd} is left for an answer that is not kept;
   *     {@link dev.tutti.kit.grpc.Failure.InvalidArgument} and {@link
   *     dev.tutti.kit.grpc.Failure.DeadlineExceeded} when the member has no answer to this, which
   *     is kept too; any other, of which the fit is tried again or fails, as the call failed
   */
  Completion ask(GenerateRequest request, double usd);
}
