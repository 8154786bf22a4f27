package dev.tutti.router.limit;

import dev.tutti.learning.database.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * The table {@code router.key_limit}: what all replicas together have taken of a limit in its
 * current window, by the database's clock.
 */
@ApplicationScoped
class LimitLedger implements Ledger {

  /** Locks a row that is there, and is there afterwards, whoever deletes old ones meanwhile. */
  private static final String LOCK =
      """
      insert into router.key_limit as its (key, kind, since, used) values (?, ?, 'epoch', 0)
      on conflict (key, kind) do update set used = its.used returning since, used""";

  /** Not the transaction's time: it may have waited for the row. */
  private static final String CLOCK = "select clock_timestamp()";

  private static final String UPDATE =
      "update router.key_limit set used = ?, since = ? where key = ? and kind = ?";

  private final Database database;

  private record Row(Instant since, double used) {}

  /** Tells the time, which is asked for once the row is locked. */
  interface Clock {
    Instant now() throws SQLException;
  }

  LimitLedger(Database database) {
    this.database = database;
  }

  @Override
  public Exchanged exchange(
      String key, LimitKind kind, double most, Instant of, double debt, double wanted)
      throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        Exchanged done =
            exchange(connection, () -> now(connection), key, kind, most, of, debt, wanted);
        connection.commit();
        return done;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    }
  }

  /** An exchange in the caller's transaction. */
  static Exchanged exchange(
      Connection connection,
      Clock clock,
      String key,
      LimitKind kind,
      double most,
      Instant of,
      double debt,
      double wanted)
      throws SQLException {
    Row row = lock(connection, key, kind);
    Instant now = clock.now();
    // The same beginning for what is read and what is written, though the next one may have come.
    Instant begin = kind.window().begin(now);
    double used = row.since().isBefore(begin) ? 0 : row.used();
    double owed = Math.max(0, used + (of == null || of.equals(begin) ? debt : 0));
    double given = Math.clamp(wanted, 0, Math.max(0, most - owed));
    try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
      update.setDouble(1, owed + given);
      update.setObject(2, begin.atOffset(ZoneOffset.UTC));
      update.setString(3, key);
      update.setString(4, kind.name());
      update.executeUpdate();
    }
    return new Exchanged(given, owed + given, begin, Duration.between(now, kind.window().end(now)));
  }

  private static Row lock(Connection connection, String key, LimitKind kind) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
      lock.setString(1, key);
      lock.setString(2, kind.name());
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        return new Row(row.getObject(1, OffsetDateTime.class).toInstant(), row.getDouble(2));
      }
    }
  }

  private static Instant now(Connection connection) throws SQLException {
    try (PreparedStatement clock = connection.prepareStatement(CLOCK);
        ResultSet row = clock.executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }
}
