package dev.tutti.learning.database;

import com.google.common.base.Throwables;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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

  /** A part of a transaction. */
  @FunctionalInterface
  public interface Work<T> {

    /** Does it. */
    T apply(Connection connection) throws SQLException;
  }

  /** Does this in a transaction of its own. */
  public <T> T within(Work<T> work) throws SQLException {
    return within(work, () -> true);
  }

  private <T> T within(Work<T> work, BooleanSupplier wanted) throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        T result = work.apply(connection);
        if (wanted.getAsBoolean()) {
          connection.commit();
          done = true;
        }
        return result;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    }
  }

  /**
   * Does this in a transaction of its own, for a request that had better go on without: it waits no
   * longer than that, for a connection, for locks and for a server that hangs. What takes longer is
   * not committed, but for what is being committed at that very moment.
   *
   * @throws SQLException also where it took too long ({@link SQLTimeoutException})
   */
  public <T> T within(Duration patience, Work<T> work) throws SQLException {
    var gaveUp = new AtomicBoolean();
    var task =
        new FutureTask<>(
            () ->
                within(
                    connection -> {
                      try (Statement limit = connection.createStatement()) {
                        limit.execute("set local statement_timeout = " + patience.toMillis());
                      }
                      return work.apply(connection);
                    },
                    () -> !gaveUp.get()));
    Thread.ofVirtual().name("database-work").start(task);
    try {
      return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      gaveUp.set(true);
      throw new SQLTimeoutException("It took longer than %s.".formatted(patience), e);
    } catch (InterruptedException e) {
      gaveUp.set(true);
      Thread.currentThread().interrupt();
      throw new SQLTimeoutException("Nobody waits for it any more.", e);
    } catch (ExecutionException e) {
      Throwables.throwIfInstanceOf(e.getCause(), SQLException.class);
      Throwables.throwIfUnchecked(e.getCause());
      throw new SQLException(e.getCause());
    }
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
