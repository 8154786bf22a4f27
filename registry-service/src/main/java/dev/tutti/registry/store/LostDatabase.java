package dev.tutti.registry.store;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.hibernate.exception.JDBCConnectionException;

/** Tells a database that is not there from a fault of ours. */
public final class LostDatabase {

  /**
   * SQLSTATE beginnings: connection; cannot take one more; shut down or starting; a replica that
   * may only read; schema or tables not made yet; two transactions in each other's way.
   */
  private static final List<String> STATES =
      List.of("08", "53", "57P", "25006", "3F000", "42P01", "40", "55P03");

  private LostDatabase() {}

  /** Whether a fault comes from a database that cannot be used now but may be later. */
  public static boolean causes(Throwable fault) {
    return causes(fault, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static boolean causes(Throwable fault, Set<Throwable> seen) {
    if (fault == null || !seen.add(fault)) {
      return false;
    }
    if (fault instanceof JDBCConnectionException
        || fault instanceof SQLTransientException
        || fault instanceof SQLTimeoutException) {
      return true;
    }
    if (fault instanceof SQLException sql) {
      String state = sql.getSQLState();
      // The pool says "acquisition timeout" without a state.
      if (state == null || STATES.stream().anyMatch(state::startsWith)) {
        return true;
      }
    }
    for (Throwable suppressed : fault.getSuppressed()) {
      if (causes(suppressed, seen)) {
        return true;
      }
    }
    return causes(fault.getCause(), seen);
  }
}
