package dev.tutti.cascade.feedback;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** How far feedback was heard, in the database. */
final class FeedbackPlaces {

  /** Of this service's reading, among all locks of the database: "tutti" and a number. */
  private static final long LOCK = 0x7475747469_11L;

  private FeedbackPlaces() {}

  /** Until this transaction ends nobody else hears; false where somebody does. */
  static boolean lock(Connection connection) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement("select pg_try_advisory_xact_lock(?)")) {
      lock.setLong(1, LOCK);
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** Pages that are read next, by ensemble. */
  static Map<String, String> read(Connection connection) throws SQLException {
    var pages = new HashMap<String, String>();
    try (PreparedStatement select =
            connection.prepareStatement("select ensemble, page from cascade.feedback_place");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        pages.put(row.getString(1), row.getString(2));
      }
    }
    return pages;
  }

  /** Moves on, unless another replica did since. */
  static void move(Connection connection, String ensemble, String from, String to)
      throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "insert into cascade.feedback_place as its (ensemble, page) values (?, ?) on conflict"
                + " (ensemble) do update set page = excluded.page where its.page = ?")) {
      upsert.setString(1, ensemble);
      upsert.setString(2, to);
      upsert.setString(3, from);
      upsert.executeUpdate();
    }
  }
}
