package dev.tutti.learning.fit;

import dev.tutti.generation.v1.Completion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What fits have paid members for while they were at work, by their jobs, so that one that is
 * resumed pays nobody twice. Transactions are the caller's.
 */
interface PaidAnswers {

  /**
   * What came of a call.
   *
   * @param usd what it cost, US dollars
   * @param completion empty where the member had no answer
   */
  record Paid(double usd, Optional<Completion> completion) {}

  /**
   * What a job has paid, US dollars.
   *
   * @param all for all calls
   * @param kept for those that are not made again
   */
  record Sum(double all, double kept) {}

  /** What a job has paid so far. */
  Sum sum(String job) throws SQLException;

  /**
   * What came of a call that was made before; empty where it was not.
   *
   * @param digest of what was asked
   */
  Optional<Paid> find(String job, byte[] digest) throws SQLException;

  /**
   * Keeps what came of a call.
   *
   * @param digest of what was asked; empty where it is to be asked again
   */
  void add(Connection connection, String job, Optional<byte[]> digest, Paid paid)
      throws SQLException;

  /** Deletes what a job that has ended well has paid for. */
  void forget(Connection connection, String job) throws SQLException;
}
