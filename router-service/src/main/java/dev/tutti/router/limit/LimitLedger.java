package dev.tutti.router.limit;

import dev.tutti.learning.database.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The table {@code router.key_limit}: what all replicas together have taken of a limit in its
 * current window, by the database's clock.
 */
@ApplicationScoped
class LimitLedger implements Ledger {

  private static final String CREATE =
      """
      insert into router.key_limit (key, kind, since, used) values (?, ?, 'epoch', 0)
      on conflict do nothing""";

  private static final String LOCK =
      """
      select case when since < date_trunc(?, clock_timestamp(), 'UTC') then 0 else used end,
        extract(epoch from date_trunc(?, clock_timestamp(), 'UTC') + ?::interval
          - clock_timestamp()) * 1e6
      from router.key_limit where key = ? and kind = ? for update""";

  private static final String UPDATE =
      """
      update router.key_limit set used = ?, since = date_trunc(?, clock_timestamp(), 'UTC')
      where key = ? and kind = ?""";

  private final Database database;

  LimitLedger(Database database) {
    this.database = database;
  }

  @Override
  public Exchanged exchange(String key, LimitKind kind, double most, double debt, double wanted)
      throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        Exchanged done = exchange(connection, key, kind, most, debt, wanted);
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

  private static Exchanged exchange(
      Connection connection, String key, LimitKind kind, double most, double debt, double wanted)
      throws SQLException {
    double used;
    Duration left;
    try (PreparedStatement create = connection.prepareStatement(CREATE);
        PreparedStatement lock = connection.prepareStatement(LOCK)) {
      create.setString(1, key);
      create.setString(2, kind.name());
      create.executeUpdate();
      lock.setString(1, kind.window());
      lock.setString(2, kind.window());
      lock.setString(3, "1 " + kind.window());
      lock.setString(4, key);
      lock.setString(5, kind.name());
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        used = row.getDouble(1);
        left = Duration.of((long) row.getDouble(2), ChronoUnit.MICROS);
      }
    }
    double owed = Math.max(0, used + debt);
    double given = Math.clamp(wanted, 0, Math.max(0, most - owed));
    try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
      update.setDouble(1, owed + given);
      update.setString(2, kind.window());
      update.setString(3, key);
      update.setString(4, kind.name());
      update.executeUpdate();
    }
    return new Exchanged(given, owed + given, left);
  }
}
