package dev.tutti.kit.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Deletes in the background what was kept long enough, once an hour: one replica at a time (an
 * advisory lock), a few rows a transaction, and four fifths of the time it rests. Once a minute it
 * looks how large the tables are ({@link TableSizes}). A database that is away is asked again the
 * next time. What fails otherwise keeps nothing else from being deleted; the log says it once, and
 * {@code tutti_<schema>_retention_failures_total} counts it.
 */
public final class Retention implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(Retention.class);
  private static final Duration SHORTEST = Duration.ofHours(1);
  private static final Duration LOOK = Duration.ofMinutes(1);
  private static final Duration EVERY = Duration.ofHours(1);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(50);
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);

  private final Source database;
  private final String schema;
  private final List<Rule> rules;
  private final MeterRegistry meters;
  private final TableSizes sizes;
  private final Set<String> failing = new HashSet<>();
  private final Thread thread = Thread.ofVirtual().name("retention").unstarted(this::run);

  /** Where connections come from. */
  @FunctionalInterface
  public interface Source {

    /** A connection; the caller closes it. */
    Connection connect() throws SQLException;
  }

  /** One pass over a table, from the oldest rows on. */
  @FunctionalInterface
  public interface Sweep {

    /**
     * Looks at the next few rows and deletes those that are old and that nobody needs. The
     * transaction is the caller's.
     *
     * @param before what is not older stays
     */
    Step next(Connection connection, Instant before) throws SQLException;
  }

  /**
   * What a step did.
   *
   * @param deleted rows
   * @param more whether there may be more that is old
   */
  public record Step(int deleted, boolean more) {}

  /**
   * How long something is kept.
   *
   * @param what in one word, as the setting and the metric name it
   * @param kept at least an hour; empty for ever
   * @param sweep begins a pass
   */
  public record Rule(String what, Optional<Duration> kept, Supplier<Sweep> sweep) {

    /** Refuses less than an hour. */
    public Rule {
      kept.filter(k -> k.compareTo(SHORTEST) < 0)
          .ifPresent(
              k -> {
                throw new IllegalArgumentException(
                    "The retention of %s is %s; it takes an hour at least, such as 90d, and nothing to keep them for ever."
                        .formatted(what, k));
              });
    }
  }

  /**
   * Retention of a service; {@link #start} begins it.
   *
   * @param schema of the service, which names its metrics too
   */
  public Retention(Source database, String schema, List<Rule> rules, MeterRegistry meters) {
    this.database = database;
    this.schema = schema;
    this.rules = List.copyOf(rules);
    this.meters = meters;
    sizes = new TableSizes(database, schema, meters);
    rules.forEach(
        rule -> {
          deleted(rule.what());
          failures(rule.what());
        });
  }

  /** Begins to look. */
  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(LAST_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Instant next = Instant.now().plus(LOOK);
    try {
      while (true) {
        try {
          if (!Instant.now().isBefore(next)) {
            next = Instant.now().plus(EVERY);
            sweep(Instant.now());
          }
          sizes.look();
        } catch (SQLException e) {
          LOG.debug("The database is away: nothing is deleted or counted", e);
        } catch (RuntimeException e) {
          LOG.error("Fault while old rows were deleted", e);
        }
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      LOG.debug("The service ends");
    }
  }

  /**
   * One pass over everything that is not kept for ever; nothing while another replica is at it.
   *
   * @param now from which ages count
   * @return how many rows were deleted
   */
  public long sweep(Instant now) throws SQLException, InterruptedException {
    if (rules.stream().allMatch(rule -> rule.kept().isEmpty())) {
      return 0;
    }
    try (Connection connection = database.connect()) {
      if (!lock(connection, "pg_try_advisory_lock")) {
        return 0;
      }
      try {
        long all = 0;
        for (Rule rule : rules) {
          if (rule.kept().isPresent()) {
            all += attempt(connection, rule, now.minus(rule.kept().get()));
          }
        }
        return all;
      } finally {
        lock(connection, "pg_advisory_unlock");
      }
    }
  }

  /** A database that is away is away for the other rules too; anything else is this one's. */
  private long attempt(Connection connection, Rule rule, Instant before)
      throws SQLException, InterruptedException {
    try {
      long deleted = sweep(connection, rule, before);
      failing.remove(rule.what());
      return deleted;
    } catch (SQLException e) {
      if (e.getSQLState() == null || e.getSQLState().startsWith("08")) {
        throw e;
      }
      failed(rule, "SQLSTATE " + e.getSQLState(), e);
    } catch (RuntimeException e) {
      failed(rule, "a fault of ours", e);
    }
    return 0;
  }

  private void failed(Rule rule, String why, Exception e) {
    failures(rule.what()).increment();
    if (failing.add(rule.what())) {
      LOG.warnf(e, "Old %s cannot be deleted: %s", rule.what(), why);
    }
  }

  private long sweep(Connection connection, Rule rule, Instant before)
      throws SQLException, InterruptedException {
    Sweep sweep = rule.sweep().get();
    long all = 0;
    boolean more = true;
    while (more) {
      long start = System.nanoTime();
      Step step = step(connection, sweep, before);
      deleted(rule.what()).increment(step.deleted());
      all += step.deleted();
      more = step.more();
      if (more) {
        Duration took = Duration.ofNanos(System.nanoTime() - start).multipliedBy(4);
        Thread.sleep(took.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : took);
      }
    }
    if (all > 0) {
      LOG.infof("Deleted %d %s from before %s", all, rule.what(), before);
    }
    return all;
  }

  private static Step step(Connection connection, Sweep sweep, Instant before) throws SQLException {
    connection.setAutoCommit(false);
    boolean done = false;
    try {
      Step step = sweep.next(connection, before);
      connection.commit();
      done = true;
      return step;
    } finally {
      if (!done) {
        connection.rollback();
      }
      connection.setAutoCommit(true);
    }
  }

  private boolean lock(Connection connection, String how) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement("select %s(hashtextextended(?, 0))".formatted(how))) {
      lock.setString(1, "tutti retention " + schema);
      try (ResultSet rows = lock.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  private Counter failures(String what) {
    return Counter.builder("tutti.%s.retention.failures".formatted(schema))
        .description("Passes that ended because something could not be deleted")
        .tag("what", what)
        .register(meters);
  }

  private Counter deleted(String what) {
    return Counter.builder("tutti.%s.retention.deleted".formatted(schema))
        .description("Rows deleted because they were kept long enough")
        .tag("what", what)
        .register(meters);
  }
}
