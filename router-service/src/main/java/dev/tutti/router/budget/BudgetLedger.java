package dev.tutti.router.budget;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The table {@code router.budget}: what all replicas together may still spend on an ensemble, by
 * the database's clock.
 */
@ApplicationScoped
class BudgetLedger {

  private static final String CREATE =
      "insert into router.budget (ensemble, balance) values (?, ?) on conflict do nothing";
  private static final String LOCK =
      """
      select balance, extract(epoch from clock_timestamp() - at) * 1e6
      from router.budget where ensemble = ? for update\
      """;
  private static final String UPDATE =
      "update router.budget set balance = ?, at = clock_timestamp() where ensemble = ?";

  private static final String CHANGE =
      """
      insert into router.budget_change (ensemble, action, balance_before, balance_after, author)
      values (?, 'RESET', ?, ?, ?)\
      """;
  private static final String CHANGES =
      """
      select number, ensemble, balance_before, balance_after, author, at
      from router.budget_change where ensemble = ? order by number desc limit ?\
      """;

  private final AgroalDataSource database;

  /**
   * What became of an exchange.
   *
   * @param given US dollars that the replica gets of those it wanted
   * @param left US dollars that the ledger keeps; negative where it is in debt
   */
  record Exchanged(double given, double left) {}

  BudgetLedger(AgroalDataSource database) {
    this.database = database;
  }

  /**
   * Takes money for a replica. A new ensemble begins with all that is ever kept, and none ever owes
   * more than a day's budget.
   *
   * @param debt US dollars that the replica spent beyond what it had, which are taken in any case;
   *     negative where it gives money back
   * @param wanted US dollars that it would like to have, beyond its debt; at least 0
   */
  Exchanged exchange(String ensemble, BudgetPace pace, double debt, double wanted)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        double balance = Math.max(-pace.mostOwed(), lock(connection, ensemble, pace) - debt);
        double given = Math.clamp(wanted, 0, Math.max(0, balance));
        double left = Math.min(pace.most(), balance - given);
        update(connection, ensemble, left);
        connection.commit();
        return new Exchanged(given, left);
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  /**
   * Begins a ledger anew, with all that is ever kept; who did it is kept too.
   *
   * @return US dollars that it had before; negative where it was in debt
   */
  double reset(String ensemble, BudgetPace pace, String author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement change = connection.prepareStatement(CHANGE)) {
        double before = lock(connection, ensemble, pace);
        update(connection, ensemble, pace.most());
        change.setString(1, ensemble);
        change.setDouble(2, before);
        change.setDouble(3, pace.most());
        change.setString(4, author);
        change.executeUpdate();
        connection.commit();
        return before;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  /** The newest resets of a ledger, newest first. */
  List<BudgetAdmin.Change> changes(String ensemble, int most) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(CHANGES)) {
      select.setString(1, ensemble);
      select.setInt(2, most);
      try (ResultSet rows = select.executeQuery()) {
        var changes = new ArrayList<BudgetAdmin.Change>();
        while (rows.next()) {
          changes.add(
              new BudgetAdmin.Change(
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getDouble(3),
                  rows.getDouble(4),
                  rows.getString(5),
                  rows.getTimestamp(6).toInstant()));
        }
        return changes;
      }
    }
  }

  /** What the ledger has by now; its row stays locked. */
  private static double lock(Connection connection, String ensemble, BudgetPace pace)
      throws SQLException {
    try (PreparedStatement create = connection.prepareStatement(CREATE);
        PreparedStatement lock = connection.prepareStatement(LOCK)) {
      create.setString(1, ensemble);
      create.setDouble(2, pace.most());
      create.executeUpdate();
      lock.setString(1, ensemble);
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        long micros = (long) row.getDouble(2);
        return pace.after(row.getDouble(1), Duration.of(micros, ChronoUnit.MICROS));
      }
    }
  }

  private static void update(Connection connection, String ensemble, double balance)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
      update.setDouble(1, balance);
      update.setString(2, ensemble);
      update.executeUpdate();
    }
  }
}
