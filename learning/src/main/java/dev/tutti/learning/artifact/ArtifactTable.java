package dev.tutti.learning.artifact;

import dev.tutti.learning.database.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The tables {@code artifact} and {@code artifact_change} of the service's schema. Rows are added,
 * and never changed; old versions go ({@link OldArtifacts}).
 */
@ApplicationScoped
public class ArtifactTable {

  /** Most rows of a list. */
  static final int MOST = 1_000;

  private static final String COLUMNS =
      "name, version, method, octet_length(document) as bytes, provenance, metrics, comparison,"
          + " created_at, created_by";

  private final Database database;
  private final String schema;

  ArtifactTable(Database database) {
    this.database = database;
    this.schema = database.schema();
  }

  /** A statement on the tables of the schema, which stands for each {@code %1$s}. */
  private String on(String sql) {
    return sql.formatted(schema);
  }

  /** A change that is to be written. */
  record NewChange(ArtifactChange.Action action, int version) {}

  /**
   * The method of an artifact's versions, and the next version's number; empty and 1 where there is
   * none. Nobody else adds a version to it until the transaction ends.
   */
  record Next(Optional<String> method, int version) {}

  Next lock(Connection connection, String name) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            on("select pg_advisory_xact_lock(hashtextextended('%1$s.artifact ' || ?, 0))"))) {
      lock.setString(1, name);
      lock.execute();
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            on("select max(version), max(method) from %1$s.artifact where name = ?"))) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return new Next(Optional.ofNullable(row.getString(2)), row.getInt(1) + 1);
      }
    }
  }

  /** Adds a version; the transaction is the caller's. Its author is the job's. */
  void insert(
      Connection connection, String name, Artifacts.Fresh fresh, byte[] document, String job)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            on(
                "insert into %1$s.artifact (name, version, method, document, provenance, metrics,"
                    + " comparison, held_out, created_by)"
                    + " select ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb, ?,"
                    + " coalesce((select author from %1$s.job where id = ?), 'anonymous')"))) {
      insert.setString(1, name);
      insert.setInt(2, fresh.artifact().version());
      insert.setString(3, fresh.artifact().method());
      insert.setBytes(4, document);
      insert.setString(5, fresh.provenance());
      insert.setString(6, fresh.metrics());
      insert.setString(7, fresh.comparison());
      insert.setBytes(8, fresh.heldOut().bytes());
      insert.setString(9, job);
      insert.executeUpdate();
    }
  }

  /** The newest version of each artifact, by name. */
  List<KeptArtifact> newest() throws SQLException {
    return select(
        "select distinct on (name collate \"C\") %s from %s.artifact order by name collate \"C\", version desc limit %d"
            .formatted(COLUMNS, schema, MOST));
  }

  /** All versions of an artifact, the newest first. */
  List<KeptArtifact> versions(String name) throws SQLException {
    return select(
        "select %s from %s.artifact where name = ? order by version desc limit %d"
            .formatted(COLUMNS, schema, MOST),
        name);
  }

  /** One version. */
  Optional<KeptArtifact> find(String name, int version) throws SQLException {
    return select(
            "select %s from %s.artifact where name = ? and version = ?".formatted(COLUMNS, schema),
            name,
            version)
        .stream()
        .findFirst();
  }

  /** What was learned, as it was written. */
  Optional<byte[]> document(String name, int version) throws SQLException {
    return bytes("document", name, version);
  }

  /** SHA-256 of what was learned, as hex. */
  Optional<String> digest(String name, int version) throws SQLException {
    return bytes("sha256(document)", name, version).map(HexFormat.of()::formatHex);
  }

  /** The held-out queries, as they were written. */
  Optional<byte[]> heldOut(String name, int version) throws SQLException {
    return bytes("held_out", name, version);
  }

  /** Number of the last change; 0 before the first. */
  long lastChange() throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(on("select max(number) from %1$s.artifact_change"));
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Every change of all artifacts, the oldest first. */
  List<ArtifactChange> changes() throws SQLException {
    try (Connection connection = database.connect()) {
      return changes(connection, "");
    }
  }

  /** The changes of one artifact, the oldest first. */
  List<ArtifactChange> changes(String name) throws SQLException {
    try (Connection connection = database.connect()) {
      return changes(connection, name);
    }
  }

  /**
   * Switches something. Changes of all replicas are made one after the other, so that the numbers
   * appear in their order.
   *
   * @param decision what is to be written, given the artifact's changes so far; may refuse
   * @return number of the last change over all artifacts
   */
  long change(String name, String author, Function<List<ArtifactChange>, List<NewChange>> decision)
      throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
              connection.prepareStatement(
                  on(
                      "insert into %1$s.artifact_change (name, action, version, author)"
                          + " select name, ?, version, ? from %1$s.artifact"
                          + " where name = ? and version = ?"));
          PreparedStatement last =
              connection.prepareStatement(on("select max(number) from %1$s.artifact_change"))) {
        lockChanges(connection);
        for (NewChange change : decision.apply(changes(connection, name))) {
          insert.setString(1, change.action().name());
          insert.setString(2, author);
          insert.setString(3, name);
          insert.setInt(4, change.version());
          if (insert.executeUpdate() == 0) {
            throw Artifacts.unknown(name, change.version());
          }
        }
        try (ResultSet row = last.executeQuery()) {
          row.next();
          long number = row.getLong(1);
          connection.commit();
          return number;
        }
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  /** Nothing is switched, and no version deleted, by anybody else until the transaction ends. */
  void lockChanges(Connection connection) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            on("lock table %1$s.artifact_change in share row exclusive mode"))) {
      lock.execute();
    }
  }

  List<ArtifactChange> changes(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            on(
                "select number, name, action, version, at, author from %1$s.artifact_change"
                    + " where ? in ('', name) order by number"))) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        var changes = new ArrayList<ArtifactChange>();
        while (row.next()) {
          changes.add(
              new ArtifactChange(
                  row.getLong(1),
                  row.getString(2),
                  ArtifactChange.Action.valueOf(row.getString(3)),
                  row.getInt(4),
                  row.getObject(5, OffsetDateTime.class).toInstant(),
                  row.getString(6)));
        }
        return changes;
      }
    }
  }

  private List<KeptArtifact> select(String sql, Object... values) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        select.setObject(i + 1, values[i]);
      }
      try (ResultSet row = select.executeQuery()) {
        var found = new ArrayList<KeptArtifact>();
        while (row.next()) {
          found.add(
              new KeptArtifact(
                  row.getString("name"),
                  row.getInt("version"),
                  row.getString("method"),
                  row.getLong("bytes"),
                  row.getString("provenance"),
                  row.getString("metrics"),
                  row.getString("comparison"),
                  row.getObject("created_at", OffsetDateTime.class).toInstant(),
                  row.getString("created_by")));
        }
        return found;
      }
    }
  }

  private Optional<byte[]> bytes(String expression, String name, int version) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(
                "select %s from %s.artifact where name = ? and version = ?"
                    .formatted(expression, schema))) {
      select.setString(1, name);
      select.setInt(2, version);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    }
  }
}
