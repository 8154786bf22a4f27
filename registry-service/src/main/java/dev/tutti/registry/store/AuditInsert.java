package dev.tutti.registry.store;

import dev.tutti.registry.Author;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Who did what to what is no entry, in the one audit log; as every change, it counts the revision
 * up.
 */
public final class AuditInsert {

  private AuditInsert() {}

  /**
   * Notes a change, in the transaction that makes it.
   *
   * @param action what was asked for, e.g. IMPORT
   * @param kind of what, e.g. DATASET
   * @param name of it, or its id
   */
  public static void record(
      Connection connection, String action, String kind, String name, Author author)
      throws SQLException {
    insert(
        connection,
        "with next as (update registry.registry_revision set revision = revision + 1 returning revision)",
        action,
        kind,
        name,
        author);
  }

  /** Notes what changes nothing that anybody follows: the revision stays. */
  public static void note(
      Connection connection, String action, String kind, String name, Author author)
      throws SQLException {
    insert(
        connection,
        "with next as (select revision from registry.registry_revision)",
        action,
        kind,
        name,
        author);
  }

  private static void insert(
      Connection connection, String next, String action, String kind, String name, Author author)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            next
                + " insert into registry.audit_log (revision, at, author, action, kind, name, trace_id)"
                + " select revision, date_trunc('milliseconds', now()), ?, ?, ?, ?, ? from next")) {
      insert.setString(1, author.name());
      insert.setString(2, action);
      insert.setString(3, kind);
      insert.setString(4, name);
      insert.setString(5, author.traceId());
      insert.executeUpdate();
    }
  }
}
