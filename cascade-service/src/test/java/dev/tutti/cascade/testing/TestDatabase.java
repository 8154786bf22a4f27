package dev.tutti.cascade.testing;

import dev.tutti.deploy.SharedPostgres;
import dev.tutti.learning.database.Database;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL without a service; these tables are empty before each test. */
public final class TestDatabase implements BeforeAllCallback, BeforeEachCallback {

  private final String tables;
  private Database database;

  /**
   * One of these tables.
   *
   * @param tables with their schema, separated by commas
   */
  public TestDatabase(String tables) {
    this.tables = tables;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    var source = new PGSimpleDataSource();
    source.setUrl(SharedPostgres.database());
    database =
        new Database(
            source,
            Flyway.configure()
                .dataSource(source)
                .schemas("cascade")
                .defaultSchema("cascade")
                .createSchemas(true)
                .load());
  }

  @Override
  public void beforeEach(ExtensionContext context) throws SQLException {
    execute("truncate " + tables);
  }

  /** What a replica sees. */
  public Database database() {
    return database;
  }

  /** Does this. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first number of the first row. */
  public long number(String sql) throws SQLException {
    try (Connection connection = database.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** A part of a transaction. */
  @FunctionalInterface
  public interface Work {

    /** Does it. */
    void apply(Connection connection) throws SQLException;
  }

  /** Does this in a transaction of its own. */
  public void within(Work work) throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      work.apply(connection);
      connection.commit();
    }
  }
}
