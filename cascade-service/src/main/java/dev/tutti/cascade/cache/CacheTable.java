package dev.tutti.cascade.cache;

import com.google.protobuf.ByteString;
import dev.tutti.cascade.feedback.Said;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.Floats;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * The tables {@code cache_entry}, {@code cache_observation}, {@code cache_given} and {@code
 * cache_purge}, as they are written.
 */
final class CacheTable {

  /**
   * Who writes an answer shares it, who purges has it alone: so nothing is committed after a purge
   * that did not see it, and purges are committed in the order of their numbers. "tutti" and a
   * number.
   */
  static final long LOCK = 0x7475747469_12L;

  /** Neither good nor bad. */
  private static final double HALF = 0.5;

  private final Database database;
  private final String schema;

  CacheTable(Database database) {
    this.database = database;
    this.schema = database.schema();
  }

  /** How many were forgotten, by which purge. */
  record Purged(int entries, long number) {}

  @FunctionalInterface
  private interface Transaction<T> {
    T in(Connection connection) throws SQLException;
  }

  private <T> T locked(String lock, Transaction<T> transaction) throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        // By itself: what follows must see what was committed before.
        try (PreparedStatement wait = connection.prepareStatement("select %s(?)".formatted(lock))) {
          wait.setLong(1, LOCK);
          wait.execute();
        }
        T result = transaction.in(connection);
        connection.commit();
        done = true;
        return result;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    }
  }

  /**
   * Keeps an entry in the place of the one of its key, unless its ensemble was purged since.
   *
   * @param purge number of the last purge that was known when it was looked for
   */
  void put(CacheEntry entry, long purge) throws SQLException {
    locked(
        "pg_advisory_xact_lock_shared",
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "delete from %s.cache_entry where key = ?".formatted(schema))) {
            delete.setBytes(1, entry.key().exact().toByteArray());
            delete.executeUpdate();
          }
          insert(connection, entry, purge);
          return null;
        });
  }

  private void insert(Connection connection, CacheEntry entry, long purge) throws SQLException {
    CacheKey key = entry.key();
    CacheEntry.Made made = entry.made();
    try (PreparedStatement insert =
        connection.prepareStatement(
            ("with kept as (insert into %1$s.cache_entry (key, team, ensemble, scope, question, embedder, vector,"
                    + " answer, author, request, cost_usd, made, ends)"
                    + " select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where not exists (select from"
                    + " %1$s.cache_purge where team = ? and ensemble = ? and number > ?)"
                    + " on conflict (key) do nothing returning key)"
                    + " insert into %1$s.cache_given (request, entry, similarity)"
                    + " select ?, key, 1 from kept")
                .formatted(schema))) {
      insert.setBytes(1, key.exact().toByteArray());
      insert.setString(2, key.team());
      insert.setString(3, key.ensemble());
      insert.setBytes(4, key.scope().toByteArray());
      insert.setString(5, key.question());
      insert.setString(6, entry.embedded().embedder());
      insert.setBytes(7, Floats.bytes(entry.embedded().vector()));
      insert.setBytes(8, made.answer().toByteArray());
      insert.setString(9, made.answer().getAuthor());
      insert.setString(10, made.requestId());
      insert.setDouble(11, made.costUsd());
      insert.setObject(12, made.time().atOffset(ZoneOffset.UTC));
      insert.setObject(13, made.end().atOffset(ZoneOffset.UTC));
      insert.setString(14, key.team());
      insert.setString(15, key.ensemble());
      insert.setLong(16, purge);
      insert.setString(17, made.requestId());
      insert.executeUpdate();
    }
  }

  /** Keeps an observation of an entry that is still there. */
  void observe(ByteString entry, Observation its) throws SQLException {
    run(
        "insert into %1$s.cache_observation (entry, key, similarity, correct, source)"
            + " select key, ?, ?, ?, ? from %1$s.cache_entry where key = ? on conflict do nothing",
        its.key(), its.similarity(), its.right(), its.source().name(), entry.toByteArray());
  }

  /** Notes who got an entry that is still there. */
  void gave(ByteString entry, String requestId, double similarity) throws SQLException {
    run(
        "insert into %1$s.cache_given (request, entry, similarity)"
            + " select ?, key, ? from %1$s.cache_entry where key = ? on conflict do nothing",
        requestId, similarity, entry.toByteArray());
  }

  /**
   * Notes what was said of answers that were given from here, or are kept here since: by their
   * author, a score above a half that they are right, below that they are wrong. One observation a
   * request: the latest that is said of it counts, and hearing it again writes nothing.
   *
   * @param connection its transaction is the caller's
   */
  void judge(Connection connection, List<Said> page) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            ("insert into %1$s.cache_observation (entry, key, similarity, correct, source, at)"
                    + " select given.entry, 'judged:' || given.request, given.similarity, ?,"
                    + " 'JUDGED', ? from %1$s.cache_given given join %1$s.cache_entry entry"
                    + " on entry.key = given.entry"
                    + " where given.request = ? and entry.ensemble = ? and entry.author = ?"
                    + " on conflict (entry, key) do update set correct = excluded.correct,"
                    + " at = excluded.at, change = pg_current_xact_id()"
                    + " where cache_observation.correct <> excluded.correct"
                    + " and cache_observation.at <= excluded.at")
                .formatted(schema))) {
      for (Said said : latest(page)) {
        upsert.setBoolean(1, said.score() > HALF);
        upsert.setObject(2, said.time().atOffset(ZoneOffset.UTC));
        upsert.setString(3, said.decision());
        upsert.setString(4, said.ensemble());
        upsert.setString(5, said.member());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }

  private record Judged(String ensemble, String decision, String member) {}

  /** What was said last of each answer, of what is neither good nor bad nothing. */
  private static Collection<Said> latest(List<Said> page) {
    var latest = new LinkedHashMap<Judged, Said>();
    page.stream()
        .filter(said -> said.score() != HALF)
        .forEach(
            said -> latest.put(new Judged(said.ensemble(), said.decision(), said.member()), said));
    return latest.values();
  }

  private void run(String sql, Object... values) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql.formatted(schema))) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    }
  }

  /** Forgets entries. */
  void delete(List<ByteString> keys) throws SQLException {
    byte[][] array = keys.stream().map(ByteString::toByteArray).toArray(byte[][]::new);
    run("delete from %1$s.cache_entry where key = any(?)", (Object) array);
  }

  /** Forgets what is kept no longer, and whom nobody will ask about any more. */
  void expire() throws SQLException {
    run("delete from %1$s.cache_entry where ends <= now()");
    run("delete from %1$s.cache_given where at < now() - interval '7 days'");
  }

  /** Ensembles that keep something of a team. */
  Set<String> ensembles(String team) throws SQLException {
    return names(
        "select distinct ensemble from %s.cache_entry where team = ?".formatted(schema), team);
  }

  /** Those of them that keep an answer which was made for one of these requests. */
  Set<String> ensembles(String team, Set<String> requests) throws SQLException {
    return names(
        "select distinct ensemble from %s.cache_entry where team = ? and request = any(?)"
            .formatted(schema),
        team,
        (Object) requests.toArray(String[]::new));
  }

  private Set<String> names(String sql, Object... values) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        select.setObject(i + 1, values[i]);
      }
      var names = new HashSet<String>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      return names;
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    }
  }

  /** Forgets all of an ensemble, also what is being written. */
  Purged purge(AnswerMemory.Owner owner, String author) throws SQLException {
    return locked("pg_advisory_xact_lock", connection -> purge(connection, owner, author));
  }

  private Purged purge(Connection connection, AnswerMemory.Owner owner, String author)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            ("with noted as (insert into %1$s.cache_purge (team, ensemble, author)"
                    + " values (?, ?, ?) returning number), gone as (delete from %1$s.cache_entry"
                    + " where team = ? and ensemble = ? returning 1)"
                    + " select (select count(*) from gone), number from noted")
                .formatted(schema))) {
      delete.setString(1, owner.team());
      delete.setString(2, owner.ensemble());
      delete.setString(3, author);
      delete.setString(4, owner.team());
      delete.setString(5, owner.ensemble());
      try (ResultSet row = delete.executeQuery()) {
        row.next();
        return new Purged(row.getInt(1), row.getLong(2));
      }
    }
  }
}
