package dev.tutti.router.limit;

import java.sql.SQLException;
import java.time.Duration;

/** What all replicas together have taken of limits. */
@FunctionalInterface
interface Ledger {

  /**
   * What became of an exchange.
   *
   * @param given how much the replica gets of what it wanted
   * @param used what is taken in this window by now, of all replicas
   * @param left how long the window still is
   */
  record Exchanged(double given, double used, Duration left) {}

  /**
   * Takes of a limit for a replica.
   *
   * @param most how much there is in a window
   * @param debt what the replica used beyond what it had, which is taken in any case; negative
   *     where it gives back
   * @param wanted what it would like to have beyond that; at least 0
   */
  Exchanged exchange(String key, LimitKind kind, double most, double debt, double wanted)
      throws SQLException;
}
