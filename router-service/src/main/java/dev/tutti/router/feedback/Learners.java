package dev.tutti.router.feedback;

import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.KnownNames;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;

/**
 * The routers that learn, kept up to date by a thread of its own: it folds what was said where that
 * is this replica's turn, and follows what was folded anywhere, on notice and at the latest every
 * {@value #IDLE_MILLIS} ms. While the database is away they serve what they know.
 */
@ApplicationScoped
public class Learners {

  private static final Logger LOG = Logger.getLogger(Learners.class);

  /** Feedback waits at least so long for more: a fold writes each member once. */
  private static final long PAUSE_MILLIS = 250;

  private static final long IDLE_MILLIS = 2_000;
  private static final Duration FIRST_WAIT = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);
  private static final int MOST_COUNTED = 100_000;

  private final KnownNames names;
  private final Database database;
  private final OrderedFeedback feedback;
  private final Folder folder;
  private final Following following;
  private final Counter learned;
  private final Counter refused;
  private final Timer folds;
  private final Thread thread = Thread.ofVirtual().name("learners").unstarted(this::run);
  private volatile State state = new State(false, Instant.now(), "not connected yet", 0);
  private volatile boolean stopping;
  private volatile boolean accepted;

  /**
   * How learning stands.
   *
   * @param connected whether feedback is folded and followed
   * @param since when it became so
   * @param error why not; empty where it is
   * @param backlog pieces of feedback that were not folded yet; at most {@value #MOST_COUNTED}
   */
  public record State(boolean connected, Instant since, String error, long backlog) {}

  Learners(
      KnownNames names,
      Database database,
      OrderedFeedback feedback,
      Folder folder,
      Following following,
      MeterRegistry meters) {
    this.names = names;
    this.database = database;
    this.feedback = feedback;
    this.folder = folder;
    this.following = following;
    learned =
        Counter.builder("tutti.router.feedback.folded")
            .description("Pieces of feedback that were learned from")
            .register(meters);
    refused =
        Counter.builder("tutti.router.feedback.refused")
            .description("Pieces of feedback that no learner takes")
            .register(meters);
    folds =
        Timer.builder("tutti.router.feedback.fold")
            .description("Learning from a batch of feedback")
            .register(meters);
    Gauge.builder("tutti.router.feedback.backlog", () -> state.backlog())
        .description("Pieces of feedback that wait to be learned from")
        .register(meters);
  }

  void start(@Observes StartupEvent event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    stopping = true;
    thread.interrupt();
    thread.join(LAST_WAIT);
  }

  /** Feedback was kept: there is something to fold. */
  void wake() {
    accepted = true;
  }

  /** How learning stands. */
  public State state() {
    return state;
  }

  /** How many ensembles learn, as far as the registry is known. */
  public int served() {
    return learners().size();
  }

  /** Of how many of them what was learned is known here. */
  public long known() {
    return learners().stream().filter(l -> following.standing(l).isPresent()).count();
  }

  private List<Learner> learners() {
    return Learner.known(names);
  }

  private void run() {
    Duration wait = FIRST_WAIT;
    while (!stopping) {
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(true);
        execute(connection, "listen " + Folder.CHANNEL);
        try {
          wait = FIRST_WAIT;
          work(connection);
        } finally {
          unlisten(connection);
        }
      } catch (SQLException | RuntimeException | Error e) {
        if (stopping) {
          return;
        }
        // Errors too: the driver throws an AssertionError where a connection breaks within a batch.
        disconnected(e);
        try {
          Thread.sleep(wait);
        } catch (InterruptedException interrupted) {
          return;
        }
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      }
    }
  }

  private void work(Connection connection) throws SQLException {
    PGConnection notices = connection.unwrap(PGConnection.class);
    Directory seen = null;
    long pause = 0;
    long last = 0;
    boolean first = true;
    while (!stopping) {
      boolean noticed = notices.getNotifications((int) Math.max(1, pause)).length > 0;
      Directory now = names.directory().orElse(null);
      long since = (System.nanoTime() - last) / 1_000_000;
      boolean due = first || now != seen || since >= IDLE_MILLIS;
      if (due || (accepted && since >= pause)) {
        accepted = false;
        long start = System.nanoTime();
        fold();
        last = System.nanoTime();
        // What takes longer is done less often.
        pause = Math.clamp(4 * (last - start) / 1_000_000, PAUSE_MILLIS, IDLE_MILLIS);
        noticed = true;
      }
      if (noticed) {
        following.follow(connection, learners());
      }
      seen = now;
      first = false;
      connected(feedback.unordered(connection, MOST_COUNTED));
    }
  }

  private void fold() throws SQLException {
    boolean more = true;
    while (more && !stopping) {
      long start = System.nanoTime();
      Folder.Folded folded = folder.fold(learners());
      if (folded.learned() + folded.refused() > 0) {
        folds.record(Duration.ofNanos(System.nanoTime() - start));
      }
      learned.increment(folded.learned());
      refused.increment(folded.refused());
      more = folded.more();
      if (!folded.ours()) {
        // Whoever folds may have looked before ours was there.
        accepted = true;
      }
    }
  }

  private void connected(long backlog) {
    State before = state;
    if (!before.connected()) {
      state = new State(true, Instant.now(), "", backlog);
    } else if (before.backlog() != backlog) {
      state = new State(true, before.since(), "", backlog);
    }
  }

  private void disconnected(Throwable e) {
    String why = DatabaseFailure.of(e).message();
    State before = state;
    if (before.connected()) {
      LOG.infof("Learning stands still: %s", why);
    }
    if (!(e instanceof SQLException)) {
      LOG.error("Fault while learning", e);
    }
    state =
        new State(
            false, before.connected() ? Instant.now() : before.since(), why, before.backlog());
  }

  private static void execute(Connection connection, String statement) throws SQLException {
    try (Statement sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  private static void unlisten(Connection connection) {
    try {
      execute(connection, "unlisten *");
    } catch (SQLException e) {
      LOG.debug("The connection is broken, and listens no more", e);
    }
  }
}
