package dev.tutti.cascade.cache;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.cascade.cache.AnswerMemory.Owner;
import dev.tutti.generation.v1.Completion;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.Floats;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is new in the tables of {@link CacheTable}, whichever replica wrote it. */
final class CacheNews {

  private static final int AT_ONCE = 500;

  private final Database database;
  private final String schema;

  CacheNews(Database database) {
    this.database = database;
    this.schema = database.schema();
  }

  /**
   * How far the tables were read.
   *
   * @param horizon no transaction before this one is open; 0 for nothing was read
   * @param purge number of the last purge
   */
  record Seen(long horizon, long purge) {

    static final Seen NOTHING = new Seen(0, 0);
  }

  /** An observation, and of which entry. */
  record Observed(ByteString entry, Observation observation) {}

  /**
   * What is new.
   *
   * @param entries those written since, and some that were read before; the oldest first
   * @param kept keys of all that is there, where something was forgotten; empty where nothing was
   * @param purges number of the last one, of whom something was forgotten since
   * @param anew whether the database is another one than it was: all that is there is told
   */
  record News(
      List<CacheEntry> entries,
      List<Observed> observations,
      Optional<Set<ByteString>> kept,
      Map<Owner, Long> purges,
      boolean anew,
      Seen seen) {}

  /** What was written since, all of it at one moment. */
  News since(Seen seen) throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        oneMoment(connection);
        Seen now = now(connection);
        // A database that was restored counts from where it was.
        boolean anew = now.horizon() < seen.horizon() || now.purge() < seen.purge();
        Seen from = anew ? Seen.NOTHING : seen;
        return new News(
            entries(connection, from.horizon()),
            observations(connection, from.horizon()),
            anew || now.purge() > seen.purge() ? Optional.of(keys(connection)) : Optional.empty(),
            purges(connection, from.purge()),
            anew,
            now);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    }
  }

  private static void oneMoment(Connection connection) throws SQLException {
    try (Statement set = connection.createStatement()) {
      set.execute("set transaction isolation level repeatable read, read only");
    }
  }

  private Seen now(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                ("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
                        + " coalesce((select max(number) from %s.cache_purge), 0)")
                    .formatted(schema));
        ResultSet row = select.executeQuery()) {
      row.next();
      return new Seen(row.getLong(1), row.getLong(2));
    }
  }

  private List<CacheEntry> entries(Connection connection, long horizon) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            ("select key, team, ensemble, scope, question, embedder, vector, answer, request,"
                    + " cost_usd, made, ends from %s.cache_entry"
                    + " where change >= ?::text::xid8 and ends > now() order by made, key")
                .formatted(schema))) {
      select.setString(1, Long.toString(horizon));
      select.setFetchSize(AT_ONCE);
      var entries = new ArrayList<CacheEntry>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          entries.add(entry(row));
        }
      }
      return entries;
    }
  }

  private static CacheEntry entry(ResultSet row) throws SQLException {
    float[] vector = Floats.floats(row.getBytes("vector"));
    var key =
        new CacheKey(
            row.getString("team"),
            row.getString("ensemble"),
            ByteString.copyFrom(row.getBytes("scope")),
            ByteString.copyFrom(row.getBytes("key")),
            row.getString("question"),
            vector.length > 0);
    return new CacheEntry(
        key,
        new CacheEntry.Embedded(row.getString("embedder"), vector),
        new CacheEntry.Made(
            answer(row.getBytes("answer")),
            row.getString("request"),
            row.getDouble("cost_usd"),
            instant(row, "made"),
            instant(row, "ends")));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static Completion answer(byte[] bytes) throws SQLException {
    try {
      return Completion.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("A kept answer cannot be read", e);
    }
  }

  private List<Observed> observations(Connection connection, long horizon) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            ("select entry, key, similarity, correct, source from %s.cache_observation"
                    + " where change >= ?::text::xid8 order by at, key")
                .formatted(schema))) {
      select.setString(1, Long.toString(horizon));
      select.setFetchSize(AT_ONCE);
      var all = new ArrayList<Observed>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          all.add(
              new Observed(
                  ByteString.copyFrom(row.getBytes(1)),
                  new Observation(
                      row.getString(2),
                      row.getDouble(3),
                      row.getBoolean(4),
                      Observation.Source.valueOf(row.getString(5)))));
        }
      }
      return all;
    }
  }

  private Map<Owner, Long> purges(Connection connection, long seen) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            ("select team, ensemble, max(number) from %s.cache_purge where number > ?"
                    + " group by team, ensemble")
                .formatted(schema))) {
      select.setLong(1, seen);
      var purges = new HashMap<Owner, Long>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          purges.put(new Owner(row.getString(1), row.getString(2)), row.getLong(3));
        }
      }
      return purges;
    }
  }

  private Set<ByteString> keys(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("select key from %s.cache_entry".formatted(schema));
        ResultSet row = select.executeQuery()) {
      var keys = new HashSet<ByteString>();
      while (row.next()) {
        keys.add(ByteString.copyFrom(row.getBytes(1)));
      }
      return keys;
    }
  }
}
