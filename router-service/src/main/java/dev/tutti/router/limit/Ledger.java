package dev.tutti.router.limit;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/** What all replicas together have taken of limits. */
@FunctionalInterface
interface Ledger {

  /**
   * What became of an exchange.
   *
   * @param given how much the replica gets of what it wanted
   * @param used what is taken in this window by now, of all replicas
   * @param begin when this window began, by the ledger's clock
   * @param left how long it still is
   */
  record Exchanged(double given, double used, Instant begin, Duration left) {}

  /**
   * Takes of a limit for a replica.
   *
   * @param most how much there is in a window
   * @param of the window in which the replica ran into debt, by its beginning: where that is over,
   *     so is the debt; null where it is of whatever window is now
   * @param debt what the replica used beyond what it had, which is taken in any case; negative
   *     where it gives back
   * @param wanted what it would like to have beyond that; at least 0
   */
  Exchanged exchange(
      String key, LimitKind kind, double most, Instant of, double debt, double wanted)
      throws SQLException;
}
