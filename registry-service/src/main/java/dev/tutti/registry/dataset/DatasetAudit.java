package dev.tutti.registry.dataset;

import dev.tutti.registry.Author;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Who did what to datasets, in the one audit log; as every entry, it counts the revision up. */
final class DatasetAudit {

  private DatasetAudit() {}

  static void record(Connection connection, String action, String dataset, Author author)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "with next as (update registry.registry_revision set revision = revision + 1"
                + " returning revision)"
                + " insert into registry.audit_log (revision, at, author, action, kind, name, trace_id)"
                + " select revision, date_trunc('milliseconds', now()), ?, ?, 'DATASET', ?, ? from next")) {
      insert.setString(1, author.name());
      insert.setString(2, action);
      insert.setString(3, dataset);
      insert.setString(4, author.traceId());
      insert.executeUpdate();
    }
  }
}
