package dev.tutti.registry.watch;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.Change;
import dev.tutti.registry.Contracts;
import dev.tutti.registry.Migrated;
import dev.tutti.registry.key.KeyChange;
import dev.tutti.registry.key.Keys;
import dev.tutti.registry.signin.AdminRule;
import dev.tutti.registry.signin.FirstUser;
import dev.tutti.registry.signin.UserChange;
import dev.tutti.registry.signin.Users;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.Snapshot;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/**
 * The newest snapshot, for whoever waits for it. One thread reads the revision after every change
 * of this replica and, for those of other replicas, every {@code tutti.registry.poll} (500 ms);
 * where it moved, it reads everything. Changes that come faster than they are read are told in one
 * snapshot.
 *
 * <p>The same thread makes the schema, so that the service starts, and stays, without its database;
 * while that is gone the last snapshot stands.
 */
@ApplicationScoped
public class SnapshotFeed {

  private static final Pattern CREDENTIALS = Pattern.compile("[^\\s/:@]++:[^\\s@]++@");
  private static final Logger LOG = Logger.getLogger(SnapshotFeed.class);

  /** Between two tries to find a lost database again. */
  private static final Duration LOST_POLL = Duration.ofSeconds(1);

  private final RegistryStore store;
  private final Keys keys;
  private final FirstUser firstUser;
  private final Users users;
  private final AdminRule rule;
  private final Flyway flyway;
  private final Event<Migrated> tables;
  private final Duration poll;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Condition nudged = lock.newCondition();
  private Snapshot newest;
  private boolean nudge;
  private boolean closed;
  private Thread thread;
  private volatile Database database = new Database(false, Instant.now(), "not connected yet");

  /**
   * How the database stands.
   *
   * @param reachable whether it answered the last time it was asked
   * @param since when that became so
   * @param error why it did not; empty where it did
   */
  public record Database(boolean reachable, Instant since, String error) {}

  SnapshotFeed(
      RegistryStore store,
      Keys keys,
      FirstUser firstUser,
      Users users,
      AdminRule rule,
      Flyway flyway,
      Event<Migrated> tables,
      @ConfigProperty(name = "tutti.registry.poll") Duration poll) {
    this.store = store;
    this.keys = keys;
    this.firstUser = firstUser;
    this.users = users;
    this.rule = rule;
    this.flyway = flyway;
    this.tables = tables;
    this.poll = poll;
  }

  /**
   * The newest snapshot; waits for it while its revision is the known one, or none was read yet.
   *
   * @param known a revision; below 0 for none
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws dev.tutti.kit.grpc.FailureException when the service stops
   */
  public Snapshot next(long known) throws InterruptedException {
    lock.lock();
    try {
      while (!closed && (newest == null || newest.getRevision() == known)) {
        moved.await();
      }
      if (closed) {
        throw new Failure.Unavailable("SHUTTING_DOWN", "The registry stops.").exception();
      }
      return newest;
    } finally {
      lock.unlock();
    }
  }

  /** The newest snapshot; empty before the first one was read. */
  public Snapshot now() {
    lock.lock();
    try {
      return newest == null ? Snapshot.getDefaultInstance() : newest;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a snapshot was ever read. */
  public boolean hasRead() {
    lock.lock();
    try {
      return newest != null;
    } finally {
      lock.unlock();
    }
  }

  /** How the database stands. */
  public Database database() {
    return database;
  }

  void start(@Observes StartupEvent event) {
    thread = Thread.ofVirtual().name("registry-feed").start(this::follow);
  }

  void stop(@Observes ShutdownEvent event) {
    lock.lock();
    try {
      closed = true;
      moved.signalAll();
      nudged.signalAll();
    } finally {
      lock.unlock();
    }
    thread.interrupt();
  }

  void changed(@Observes Change change) {
    nudge();
  }

  void changed(@Observes KeyChange change) {
    nudge();
  }

  void changed(@Observes UserChange change) {
    nudge();
  }

  private void nudge() {
    lock.lock();
    try {
      nudge = true;
      nudged.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    try {
      boolean migrated = false;
      boolean told = false;
      do {
        try {
          if (!migrated) {
            flyway.migrate();
            if (!told) {
              told = true;
              tables.fire(new Migrated());
            }
            keys.install();
            firstUser.install();
          }
          Snapshot known = now();
          long revision = store.revision();
          if (!migrated || revision != known.getRevision()) {
            publish(read());
          }
          migrated = true;
          found();
        } catch (SQLException | RuntimeException e) {
          // Another database may stand in its place when it is back.
          migrated = false;
          lost(e);
        }
      } while (awaitTurn());
    } catch (InterruptedException e) {
      LOG.debug("The feed ends");
    }
  }

  /**
   * Keys are read after the revision, so that they are never older than it says. What was locked
   * stays so until the service starts anew, also where a database of before takes this one's place.
   */
  private Snapshot read() throws SQLException {
    Snapshot.Builder snapshot = Contracts.snapshot(store.load()).toBuilder();
    keys.tell(snapshot);
    users.tell(snapshot);
    Snapshot before = now();
    return snapshot
        .setFrontDoorLocked(snapshot.getFrontDoorLocked() || before.getFrontDoorLocked())
        .setAdminLocked(rule.isRequired() || snapshot.getAdminLocked() || before.getAdminLocked())
        .build();
  }

  /** Waits for the next look; returns whether there is to be one. */
  private boolean awaitTurn() throws InterruptedException {
    lock.lock();
    try {
      long left = (database.reachable() ? poll : LOST_POLL).toNanos();
      while (!closed && !nudge && left > 0) {
        left = nudged.awaitNanos(left);
      }
      nudge = false;
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void publish(Snapshot snapshot) {
    lock.lock();
    try {
      if (newest == null || newest.getRevision() != snapshot.getRevision()) {
        newest = snapshot;
        moved.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void found() {
    if (!database.reachable()) {
      LOG.infof("The feed goes on, revision %d", now().getRevision());
      database = new Database(true, Instant.now(), "");
    }
  }

  private void lost(Exception e) {
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    // The innermost reason that says something, for the log; readiness is everybody's to read.
    String reason = e.getClass().getSimpleName();
    String state = "";
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      reason = cause.getMessage() == null ? reason : cause.getMessage();
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        state = " (SQLSTATE " + sql.getSQLState() + ")";
      }
    }
    String error = "The database is out of reach" + state + ".";
    Database before = database;
    if (before.reachable() || !before.error().equals(error)) {
      LOG.infof("The feed stands still: %s", withoutCredentials(reason));
    }
    database = new Database(false, before.reachable() ? Instant.now() : before.since(), error);
  }

  /** The driver takes "user:password@host" in a URL for the name of a host, and tells it. */
  static String withoutCredentials(String text) {
    return CREDENTIALS.matcher(text).replaceAll("***@");
  }
}
