package dev.tutti.registry.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Transactions on a connection of the pool. */
public final class Transactions {

  private Transactions() {}

  /** What is done in one. */
  public interface Work<T> {
    /** Does it. */
    T run() throws SQLException;
  }

  /** Does the work in one transaction, and leaves the connection as it was. */
  public static <T> T run(Connection connection, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    boolean done = false;
    try {
      T result = work.run();
      connection.commit();
      done = true;
      return result;
    } finally {
      if (!done) {
        connection.rollback();
      }
      connection.setAutoCommit(true);
    }
  }
}
