package dev.tutti.learning.database;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The database, and the service's schema in it ({@code quarkus.flyway.default-schema}), which is
 * made at the first use that reaches it. Flyway notes a migration on another connection than it ran
 * on: every one from the second on may be run again, for the case that the database is lost in
 * between.
 */
@ApplicationScoped
public class Database {

  private final DataSource source;
  private final Flyway flyway;
  private final String schema;
  private boolean migrated;

  /** A database whose schema Flyway makes. */
  public Database(DataSource source, Flyway flyway) {
    this.source = source;
    this.flyway = flyway;
    this.schema = flyway.getConfiguration().getDefaultSchema();
  }

  /** The service's schema. */
  public String schema() {
    return schema;
  }

  /** A connection to a database in which all tables are. */
  public Connection connect() throws SQLException {
    migrate();
    return source.getConnection();
  }

  private synchronized void migrate() throws SQLException {
    if (!migrated) {
      try {
        flyway.migrate();
      } catch (FlywayException e) {
        throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e);
      }
      migrated = true;
    }
  }

  /** To be told of failures: a schema that was dropped is made again. */
  public synchronized void failed(SQLException e) {
    if (DatabaseFailure.of(e).schemaIsGone()) {
      migrated = false;
    }
  }
}
