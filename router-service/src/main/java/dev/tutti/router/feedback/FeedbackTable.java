package dev.tutti.router.feedback;

import dev.tutti.learning.database.Floats;
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
import java.util.stream.IntStream;

/**
 * The table {@code router.feedback}: what was said, as it came. Every method works on the caller's
 * connection and leaves the transaction to it.
 */
@ApplicationScoped
public class FeedbackTable {

  private static final String LOCK =
      "select pg_advisory_xact_lock(hashtextextended('tutti feedback lists', 0))";

  private static final String INSERT =
      """
      insert into router.feedback (key, content, decision, ensemble, ensemble_version, method,
        kind, member, other, score, source, comment, pool, cost_usd, seconds, embedding,
        team, domain)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key) do nothing""";

  static final String COLUMNS =
      """
      id, key, content, time, decision, ensemble, ensemble_version, method, team, kind, member, other,
        score, source, comment, domain, pool, cost_usd, seconds, position, refused""";

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
   * Keeps rows; those whose key is there already stay as they are. Lists wait for one another: two
   * that name the same keys, each in an order of its own, would be each other's deadlock.
   *
   * @return how many are new
   */
  public int insert(Connection connection, List<FeedbackRow> rows) throws SQLException {
    if (rows.size() > 1) {
      try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
        lock.execute();
      }
    }
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
        insert.setString(17, row.team());
        insert.setString(18, row.domain().isEmpty() ? null : row.domain());
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
   * @param team only of this one; empty for all
   * @param after the last id that is known; 0 for the beginning
   */
  List<Stored> list(
      Connection connection, String decision, String ensemble, String team, long after, int most)
      throws SQLException {
    String query =
        "select %s from router.feedback where id > ? and ensemble <> ''%s%s%s order by id limit ?"
            .formatted(
                COLUMNS,
                decision.isEmpty() ? "" : " and decision = ?",
                ensemble.isEmpty() ? "" : " and ensemble = ?",
                team.isEmpty() ? "" : " and team = ?");
    try (PreparedStatement select = connection.prepareStatement(query)) {
      int place = 1;
      select.setLong(place++, after);
      for (String text : List.of(decision, ensemble, team)) {
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

  /** A row of a query for {@link #COLUMNS}. */
  static Stored stored(ResultSet row, float[] embedding) throws SQLException {
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
            row.getString("team"),
            FeedbackRow.Kind.of(row.getString("kind")),
            row.getString("member"),
            orEmpty(row.getString("other")),
            row.getDouble("score"),
            row.getString("source"),
            orEmpty(row.getString("comment")),
            orEmpty(row.getString("domain")),
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

  static Array texts(Connection connection, Collection<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray(String[]::new));
  }
}
