package dev.tutti.learning.fit;

import dev.tutti.generation.v1.Completion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What fits have paid members for while they were at work, by their jobs, so that one that is
 * resumed pays nobody twice. Money is set aside before a call, and told after it.
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
   * Sets money aside for a call; it stays spent where nobody tells what became of it.
   *
   * @return its number
   */
  long hold(String job, double usd) throws SQLException;

  /** Gives back what was set aside for a call that cost nothing, and is to be made again. */
  void release(long held) throws SQLException;

  /**
   * Keeps what came of a call, in the place of what was set aside for it.
   *
   * @param connection of the transaction, the caller's
   * @param digest of what was asked; empty where it is to be asked again
   */
  void settle(Connection connection, long held, Optional<byte[]> digest, Paid paid)
      throws SQLException;

  /** The same in a transaction of its own. */
  void settle(long held, Optional<byte[]> digest, Paid paid) throws SQLException;

  /** Deletes what a job that has ended well has paid for. */
  void forget(Connection connection, String job) throws SQLException;
}
