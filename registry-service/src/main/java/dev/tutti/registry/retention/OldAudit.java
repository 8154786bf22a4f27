package dev.tutti.registry.retention;

import dev.tutti.kit.job.Retention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;

/** A pass over the audit log. The versions that it tells of stay. */
final class OldAudit implements Retention.Sweep {

  private static final int DELETED = 500;

  /** The oldest are looked at alone. */
  private static final String DELETE =
      """
      delete from registry.audit_log where number in (
        select number from (
          select number, at from registry.audit_log order by at limit ?) as oldest
        where at < ?)""";

  @Override
  public Retention.Step next(Connection connection, Instant before) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      delete.setInt(1, DELETED);
      delete.setTimestamp(2, Timestamp.from(before));
      int deleted = delete.executeUpdate();
      return new Retention.Step(deleted, deleted == DELETED);
    }
  }
}
