package dev.tutti.kit.job;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSource.FlushMode;
import io.agroal.api.configuration.AgroalConnectionFactoryConfiguration;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Asks the database a question once a second and waits {@value #PATIENCE_SECONDS} s for the answer,
 * no longer: a server that hangs still takes connections, and whoever waits for it waits for ever.
 * Once it does not answer, everybody who waits is let go, and the log says so once. It asks over a
 * connection of its own: that all others are at work is no outage.
 *
 * <p>Metrics: {@code tutti_database_reachable} (1 or 0), {@code tutti_database_outages_total}.
 */
public final class DatabasePulse implements AutoCloseable {

  /** Longest time that an answer, and getting a connection for the question, takes. */
  public static final int PATIENCE_SECONDS = 4;

  private static final Logger LOG = Logger.getLogger(DatabasePulse.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final DataSource source;
  private final Runnable letGo;
  private final Runnable end;
  private final Counter outages;
  private final Thread thread = Thread.ofVirtual().name("database-pulse").unstarted(this::run);
  private FutureTask<Void> question;
  private volatile State state = new State(true, Instant.now());

  /**
   * How the database stands.
   *
   * @param answers whether it answered the last time it was asked; true before the first time
   * @param since when that became so
   */
  public record State(boolean answers, Instant since) {}

  /**
   * A pulse that does not beat yet, of the database behind a pool. Its connection is not one of the
   * pool's, but made in the same way.
   *
   * @param pool whose connections are closed when the database is lost, those at work too
   */
  public static DatabasePulse of(AgroalDataSource pool, MeterRegistry meters) {
    AgroalConnectionFactoryConfiguration connections =
        pool.getConfiguration().connectionPoolConfiguration().connectionFactoryConfiguration();
    AgroalDataSource own;
    try {
      own =
          AgroalDataSource.from(
              new AgroalDataSourceConfigurationSupplier()
                  .connectionPoolConfiguration(
                      one ->
                          one.maxSize(1)
                              .acquisitionTimeout(Duration.ofSeconds(PATIENCE_SECONDS))
                              .connectionFactoryConfiguration(() -> connections)));
    } catch (SQLException e) {
      throw new IllegalStateException("There is no pool", e);
    }
    return new DatabasePulse(
        own,
        () -> {
          own.flush(FlushMode.ALL);
          pool.flush(FlushMode.ALL);
        },
        own::close,
        meters);
  }

  /**
   * A pulse that does not beat yet.
   *
   * @param source of the connection that it asks over
   * @param letGo closes every connection, those at work too
   * @param end closes the source
   */
  DatabasePulse(DataSource source, Runnable letGo, Runnable end, MeterRegistry meters) {
    this.source = source;
    this.letGo = letGo;
    this.end = end;
    outages =
        Counter.builder("tutti.database.outages")
            .description("How often the database was lost")
            .register(meters);
    Gauge.builder("tutti.database.reachable", this, p -> p.state.answers() ? 1 : 0)
        .description("Whether the database answered the last time it was asked")
        .register(meters);
  }

  /** Begins to ask; returns at once. */
  public void start() {
    thread.start();
  }

  /** How the database stands. */
  public State state() {
    return state;
  }

  /** Asks no more. */
  @Override
  public void close() {
    thread.interrupt();
    end.run();
  }

  private void run() {
    try {
      while (true) {
        beat();
        Thread.sleep(EVERY);
      }
    } catch (InterruptedException e) {
      LOG.debug("The pulse ends");
    }
  }

  private void beat() throws InterruptedException {
    if (question == null || question.isDone()) {
      question = new FutureTask<>(this::ask);
      Thread.ofVirtual().name("database-question").start(question);
    }
    try {
      question.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      found();
    } catch (TimeoutException e) {
      lost("it does not answer within %d s".formatted(PATIENCE_SECONDS));
    } catch (ExecutionException e) {
      // The driver's words may hold a part of the URL, and with it a password.
      String state = e.getCause() instanceof SQLException sql ? sql.getSQLState() : null;
      lost(state == null ? "no connection" : "no connection, SQLSTATE " + state);
    }
  }

  private Void ask() throws SQLException {
    try (Connection connection = source.getConnection()) {
      if (!connection.isValid(PATIENCE_SECONDS)) {
        throw new SQLException("A connection is broken.", "08006");
      }
      return null;
    }
  }

  private void found() {
    State before = state;
    if (!before.answers()) {
      state = new State(true, Instant.now());
      LOG.infof(
          "Database connected; it was away for %d s",
          Duration.between(before.since(), Instant.now()).toSeconds());
    }
  }

  private void lost(String why) {
    if (state.answers()) {
      state = new State(false, Instant.now());
      outages.increment();
      LOG.warnf("Database lost: %s", why);
    }
    letGo.run();
  }
}
