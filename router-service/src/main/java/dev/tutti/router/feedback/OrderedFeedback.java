package dev.tutti.router.feedback;

import dev.tutti.learning.database.Floats;
import dev.tutti.router.feedback.FeedbackTable.Stored;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The table {@code router.feedback} in the order of learning: the log that everything is learned
 * from. Every method works on the caller's connection and leaves the transaction to it.
 */
@ApplicationScoped
public class OrderedFeedback {

  private static final int FETCHED = 500;

  /**
   * Gives the oldest rows without a position theirs, in the order of their ids.
   *
   * @return how many there were
   */
  int order(Connection connection, int most) throws SQLException {
    String update =
        """
        with next as (
          select id, row_number() over (order by id) as place from (
            select id from router.feedback where position is null order by id limit ?) as oldest)
        update router.feedback as f
        set position = (select coalesce(max(position), 0) from router.feedback) + next.place
        from next where f.id = next.id""";
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setInt(1, most);
      return statement.executeUpdate();
    }
  }

  /** The last position of each of these ensembles; without those that have none. */
  Map<String, Long> last(Connection connection, Collection<String> ensembles) throws SQLException {
    String query =
        """
        select name, (select max(position) from router.feedback where ensemble = name)
        from unnest(?) as name""";
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setArray(1, FeedbackTable.texts(connection, ensembles));
      var last = new HashMap<String, Long>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          long position = rows.getLong(2);
          if (!rows.wasNull()) {
            last.put(rows.getString(1), position);
          }
        }
      }
      return last;
    }
  }

  /**
   * Reads what was said about an ensemble, in the order of learning, with its embeddings.
   *
   * @param after the last position that is known
   * @param upTo the last that is to be read
   * @param refused whether to read what the learner refused too
   */
  void read(
      Connection connection,
      String ensemble,
      long after,
      long upTo,
      boolean refused,
      Consumer<Stored> reader)
      throws SQLException {
    String query =
        """
        select %s, embedding from router.feedback
        where ensemble = ? and position > ? and position <= ?%s order by position"""
            .formatted(FeedbackTable.COLUMNS, refused ? "" : " and refused is null");
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setFetchSize(FETCHED);
      select.setString(1, ensemble);
      select.setLong(2, after);
      select.setLong(3, upTo);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          reader.accept(FeedbackTable.stored(rows, Floats.floats(rows.getBytes("embedding"))));
        }
      }
    }
  }

  /**
   * From which position on the last pieces are that a learner took.
   *
   * @return the position before the first of them
   */
  long beforeLast(Connection connection, String ensemble, long upTo, int count)
      throws SQLException {
    String query =
        """
        select position from router.feedback
        where ensemble = ? and position <= ? and refused is null
        order by position desc offset ? limit 1""";
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setString(1, ensemble);
      select.setLong(2, upTo);
      select.setInt(3, count);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  /** How much is kept of what a learner took up to a position. */
  long learned(Connection connection, String ensemble, long upTo) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select count(*) from router.feedback where ensemble = ? and position <= ? and refused is null")) {
      select.setString(1, ensemble);
      select.setLong(2, upTo);
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** How much was said about an ensemble that comes after a position, or has none yet. */
  long waiting(Connection connection, String ensemble, long position) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            select (select count(*) from router.feedback where ensemble = ? and position > ?)
              + (select count(*) from router.feedback where position is null and ensemble = ?)""")) {
      select.setString(1, ensemble);
      select.setLong(2, position);
      select.setString(3, ensemble);
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** How much has no position yet; counts to {@code most}. */
  long unordered(Connection connection, int most) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            select count(*) from (
              select 1 from router.feedback where position is null limit ?) as waiting""")) {
      select.setInt(1, most);
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Marks what a learner refused, with the reasons, by position. */
  void refuse(Connection connection, Map<Long, String> reasons) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("update router.feedback set refused = ? where position = ?")) {
      for (var reason : reasons.entrySet()) {
        update.setString(1, reason.getValue());
        update.setLong(2, reason.getKey());
        update.addBatch();
      }
      update.executeBatch();
    }
  }

  /** Takes back what was said of an ensemble's refused feedback: it is learned anew. */
  void forgetRefusals(Connection connection, String ensemble) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update router.feedback set refused = null where ensemble = ? and refused is not null")) {
      update.setString(1, ensemble);
      update.executeUpdate();
    }
  }
}
