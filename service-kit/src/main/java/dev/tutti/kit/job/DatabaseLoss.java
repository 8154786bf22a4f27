package dev.tutti.kit.job;

import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.List;

/** Tells a database that cannot be used now, but may be later, from a fault. */
final class DatabaseLoss {

  /**
   * SQLSTATE beginnings: connection; cannot take one more; shut down or starting; a replica that
   * may only read; silent for too long; schema or tables not made yet; two transactions in each
   * other's way.
   */
  private static final List<String> STATES =
      List.of("08", "53", "57P", "25006", "25P03", "3F000", "42P01", "40", "55P03");

  private static final int DEEPEST = 20;

  private DatabaseLoss() {}

  static boolean causes(Throwable fault) {
    Throwable cause = fault;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof SQLException sql && isLoss(sql)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static boolean isLoss(SQLException fault) {
    String state = fault.getSQLState();
    // Pools say "acquisition timeout" without a state.
    return fault instanceof SQLTransientException
        || state == null
        || STATES.stream().anyMatch(state::startsWith);
  }
}
