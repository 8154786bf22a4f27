package dev.tutti.router.budget;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

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
      from router.budget where ensemble = ? for update""";
  private static final String UPDATE =
      "update router.budget set balance = ?, at = clock_timestamp() where ensemble = ?";

  private final AgroalDataSource database;

  BudgetLedger(AgroalDataSource database) {
    this.database = database;
  }

  /**
   * Takes money for a replica. A new ensemble begins with all that is ever kept.
   *
   * @param debt US dollars that the replica spent beyond what it had, which are taken in any case;
   *     negative where it gives money back
   * @param wanted US dollars that it would like to have, beyond its debt; at least 0
   * @return what it gets of these
   */
  double exchange(String ensemble, BudgetPace pace, double debt, double wanted)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement create = connection.prepareStatement(CREATE);
          PreparedStatement lock = connection.prepareStatement(LOCK);
          PreparedStatement update = connection.prepareStatement(UPDATE)) {
        create.setString(1, ensemble);
        create.setDouble(2, pace.most());
        create.executeUpdate();
        lock.setString(1, ensemble);
        double balance;
        try (ResultSet row = lock.executeQuery()) {
          row.next();
          long micros = (long) row.getDouble(2);
          balance = pace.after(row.getDouble(1), Duration.ofNanos(1_000 * micros)) - debt;
        }
        double given = Math.clamp(wanted, 0, Math.max(0, balance));
        update.setDouble(1, Math.min(pace.most(), balance - given));
        update.setString(2, ensemble);
        update.executeUpdate();
        connection.commit();
        return given;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }
}
