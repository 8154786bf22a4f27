package dev.tutti.router.limit;

import dev.tutti.kit.job.Retention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;

/**
 * A pass over what keys had used of their limits, in windows that are over: it says nothing any
 * more, also of keys that are still there.
 */
public final class OldLimits implements Retention.Sweep {

  /** After the longest window. */
  public static final Duration KEPT = Window.MONTH.longest().plusDays(1);

  private static final int DELETED = 500;

  private static final String DELETE =
      """
      delete from router.key_limit where (key, kind) in (
        select key, kind from router.key_limit where since < ? limit ? for update skip locked)""";

  @Override
  public Retention.Step next(Connection connection, Instant before) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      delete.setTimestamp(1, Timestamp.from(before));
      delete.setInt(2, DELETED);
      int deleted = delete.executeUpdate();
      return new Retention.Step(deleted, deleted == DELETED);
    }
  }
}
