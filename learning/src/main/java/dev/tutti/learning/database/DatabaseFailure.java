package dev.tutti.learning.database;

import java.sql.BatchUpdateException;
import java.sql.SQLException;

/**
 * What a failure of the database means, told without what was being written: a driver's message of
 * a failed batch holds the statement with all its values.
 *
 * @param state SQLSTATE; empty where there is none
 * @param message first line of the server's or driver's own message, at most 200 characters
 */
public record DatabaseFailure(String state, String message) {

  private static final int LONGEST = 200;

  /** What an exception of the driver, or of the pool, means. */
  public static DatabaseFailure of(Throwable exception) {
    Throwable telling = exception;
    if (exception instanceof BatchUpdateException batch) {
      if (batch.getNextException() == null) {
        return new DatabaseFailure(stateOf(batch), "A batch was refused.");
      }
      telling = batch.getNextException();
    }
    String message =
        telling.getMessage() == null ? telling.getClass().getName() : telling.getMessage();
    String line = message.lines().findFirst().orElse("");
    return new DatabaseFailure(
        telling instanceof SQLException sql ? stateOf(sql) : "",
        line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line);
  }

  private static String stateOf(SQLException exception) {
    return exception.getSQLState() == null ? "" : exception.getSQLState();
  }

  /** Whether the values are what it refuses (classes 22, data, and 23, constraints). */
  public boolean refusesTheData() {
    return state.startsWith("22") || state.startsWith("23");
  }

  /** Whether transactions waited for one another and this one was ended: it may be tried again. */
  public boolean isDeadlock() {
    return state.equals("40P01");
  }

  /** Whether the database is there and our table in it is not (any more). */
  public boolean schemaIsGone() {
    return state.equals("42P01") || state.equals("3F000");
  }
}
