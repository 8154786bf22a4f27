package dev.tutti.router.feedback;

import dev.tutti.router.database.Floats;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The table {@code router.feedback}: the log that everything is learned from. Every method works on
 * the caller's connection and leaves the transaction to it.
 */
@ApplicationScoped
public class FeedbackTable {

  private static final String INSERT =
      """
      insert into router.feedback (key, content, decision, ensemble, ensemble_version, method,
        kind, member, other, score, source, comment, pool, cost_usd, seconds, embedding)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key) do nothing""";

  private static final String COLUMNS =
      """
      id, key, content, time, decision, ensemble, ensemble_version, method, kind, member, other,
        score, source, comment, pool, cost_usd, seconds, position, refused""";

  private static final int FETCHED = 500;

  /**
   * A row as it is kept.
   *
   * @param id grows, but becomes visible out of order
   * @param time when it was kept
   * @param position place in the order of learning
   * @param refused why the learner refused it; empty where it did not
   */
  record Stored(long id, Instant time, FeedbackRow row, OptionalLong position, String refused) {}

  /**
   * Keeps rows; those whose key is there already stay as they are.
   *
   * @return how many are new
   */
  public int insert(Connection connection, List<FeedbackRow> rows) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (FeedbackRow row : rows) {
        insert.setString(1, row.key());
        insert.setBytes(2, row.content());
        insert.setString(3, row.decision());
        insert.setString(4, row.ensemble());
        insert.setLong(5, row.ensembleVersion());
        insert.setString(6, row.method());
        insert.setString(7, row.kind().text());
        insert.setString(8, row.member());
        insert.setString(9, row.other().isEmpty() ? null : row.other());
        insert.setDouble(10, row.score());
        insert.setString(11, row.source());
        insert.setString(12, row.comment().isEmpty() ? null : row.comment());
        insert.setArray(13, texts(connection, row.pool()));
        set(insert, 14, row.usd());
        set(insert, 15, row.seconds());
        insert.setBytes(16, Floats.bytes(row.embedding()));
        insert.addBatch();
      }
      return IntStream.of(insert.executeBatch()).sum();
    }
  }

  private static void set(PreparedStatement statement, int place, OptionalDouble number)
      throws SQLException {
    if (number.isPresent()) {
      statement.setDouble(place, number.getAsDouble());
    } else {
      statement.setNull(place, Types.DOUBLE);
    }
  }

  /** The rows of these keys, by key, without their embeddings. */
  Map<String, Stored> find(Connection connection, Collection<String> keys) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select %s from router.feedback where key = any(?)".formatted(COLUMNS))) {
      select.setArray(1, texts(connection, keys));
      var found = new HashMap<String, Stored>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Stored stored = stored(rows, new float[0]);
          found.put(stored.row().key(), stored);
        }
      }
      return found;
    }
  }

  /**
   * Rows by id, without their embeddings.
   *
   * @param decision only on this one; empty for all
   * @param ensemble only on this one; empty for all
   * @param after the last id that is known; 0 for the beginning
   */
  List<Stored> list(Connection connection, String decision, String ensemble, long after, int most)
      throws SQLException {
    String query =
        "select %s from router.feedback where id > ?%s%s order by id limit ?"
            .formatted(
                COLUMNS,
                decision.isEmpty() ? "" : " and decision = ?",
                ensemble.isEmpty() ? "" : " and ensemble = ?");
    try (PreparedStatement select = connection.prepareStatement(query)) {
      int place = 1;
      select.setLong(place++, after);
      for (String text : List.of(decision, ensemble)) {
        if (!text.isEmpty()) {
          select.setString(place++, text);
        }
      }
      select.setInt(place, most);
      var found = new ArrayList<Stored>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(stored(rows, new float[0]));
        }
      }
      return found;
    }
  }

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
      select.setArray(1, texts(connection, ensembles));
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
            .formatted(COLUMNS, refused ? "" : " and refused is null");
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setFetchSize(FETCHED);
      select.setString(1, ensemble);
      select.setLong(2, after);
      select.setLong(3, upTo);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          reader.accept(stored(rows, Floats.floats(rows.getBytes("embedding"))));
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

  private static Stored stored(ResultSet row, float[] embedding) throws SQLException {
    long position = row.getLong("position");
    boolean ordered = !row.wasNull();
    String refused = row.getString("refused");
    return new Stored(
        row.getLong("id"),
        row.getTimestamp("time").toInstant(),
        new FeedbackRow(
            row.getString("key"),
            row.getBytes("content"),
            row.getString("decision"),
            row.getString("ensemble"),
            row.getLong("ensemble_version"),
            row.getString("method"),
            FeedbackRow.Kind.of(row.getString("kind")),
            row.getString("member"),
            orEmpty(row.getString("other")),
            row.getDouble("score"),
            row.getString("source"),
            orEmpty(row.getString("comment")),
            List.of((String[]) row.getArray("pool").getArray()),
            number(row, "cost_usd"),
            number(row, "seconds"),
            embedding),
        ordered ? OptionalLong.of(position) : OptionalLong.empty(),
        orEmpty(refused));
  }

  private static OptionalDouble number(ResultSet row, String column) throws SQLException {
    double number = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(number);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  private static Array texts(Connection connection, Collection<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray(String[]::new));
  }
}
