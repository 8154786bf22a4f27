package dev.tutti.cascade.feedback;

import com.google.protobuf.util.Timestamps;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackServiceGrpc.FeedbackServiceBlockingStub;
import dev.tutti.router.v1.KeptFeedback;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Reads what router-service keeps of feedback on this service's ensembles, and tells {@link
 * FeedbackListener}s: once a second, one replica at a time (an advisory lock), of the ensembles
 * alone that one of them waits for. Feedback is in router-service's database before it is
 * acknowledged, and how far it was heard is in the transaction of what came of it, so none is lost
 * whoever ends when. The place moves past a page once that is older than a minute: until then the
 * page is read again, as of what arrives at the same moment the later may be seen before.
 */
@ApplicationScoped
public class FeedbackFollower {

  private static final Logger LOG = Logger.getLogger(FeedbackFollower.class);

  /** Of this service's reading, among all locks of the database: "tutti" and a number. */
  private static final long LOCK = 0x7475747469_11L;

  private static final int PAGE = 1_000;
  private static final Duration SETTLED = Duration.ofMinutes(1);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);
  private static final int PATIENCE_SECONDS = 10;

  private final Database database;
  private final FeedbackServiceBlockingStub router;
  private final List<FeedbackListener> listeners;
  private final Thread thread = Thread.ofVirtual().name("feedback-follower").unstarted(this::run);
  private volatile boolean stopping;
  private boolean connected;

  /** Tells all listeners that there are. */
  @Inject
  public FeedbackFollower(
      Database database,
      @GrpcClient("router") FeedbackServiceBlockingStub router,
      @Any Instance<FeedbackListener> listeners) {
    this(database, router, listeners.stream().toList());
  }

  FeedbackFollower(
      Database database, FeedbackServiceBlockingStub router, List<FeedbackListener> listeners) {
    this.database = database;
    this.router = router;
    this.listeners = listeners;
  }

  void start(@Observes StartupEvent event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    stopping = true;
    thread.interrupt();
    thread.join(LAST_WAIT);
  }

  private void run() {
    Duration wait = EVERY;
    while (!stopping) {
      try {
        follow();
        wait = EVERY;
        connected = true;
      } catch (SQLException | RuntimeException | Error e) {
        if (e instanceof SQLException sql) {
          database.failed(sql);
        }
        // Errors too: the driver throws an AssertionError where a connection breaks within a batch.
        if (connected && !stopping) {
          LOG.infof("Feedback is not heard: %s", DatabaseFailure.of(e).message());
        }
        LOG.debug("Feedback is not heard", e);
        connected = false;
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      }
      try {
        Thread.sleep(wait);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Hears what there is. */
  void follow() throws SQLException {
    var ensembles = new TreeSet<String>();
    try (Connection connection = database.connect()) {
      for (FeedbackListener listener : listeners) {
        ensembles.addAll(listener.ensembles(connection));
      }
    }
    for (String ensemble : ensembles) {
      Optional<String> page = Optional.of("");
      while (page.isPresent() && !stopping) {
        page = hear(ensemble, page.get());
      }
    }
  }

  /**
   * Hears one page.
   *
   * @param page empty for the one that is noted
   * @return the next; empty where there is none, or another replica reads
   */
  private Optional<String> hear(String ensemble, String page) throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        Optional<String> next =
            isOurs(connection) ? read(connection, ensemble, page) : Optional.empty();
        connection.commit();
        done = true;
        return next;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    }
  }

  private Optional<String> read(Connection connection, String ensemble, String page)
      throws SQLException {
    String token = page.isEmpty() ? place(connection, ensemble) : page;
    ListFeedbackResponse response =
        router
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .listFeedback(
                ListFeedbackRequest.newBuilder()
                    .setEnsemble(ensemble)
                    .setPageSize(PAGE)
                    .setPageToken(token)
                    .build());
    List<Said> said =
        response.getFeedbackList().stream()
            .filter(kept -> !kept.getFeedback().hasComparison())
            .map(FeedbackFollower::said)
            .toList();
    for (FeedbackListener listener : listeners) {
      listener.heard(connection, said);
    }
    String next = response.getNextPageToken();
    if (next.isEmpty()) {
      return Optional.empty();
    }
    Instant last = time(response.getFeedbackList().getLast());
    if (last.isBefore(Instant.now().minus(SETTLED))) {
      move(connection, ensemble, next);
    }
    return Optional.of(next);
  }

  private static Said said(KeptFeedback kept) {
    Feedback its = kept.getFeedback();
    double score =
        switch (its.getSaysCase()) {
          case RATING -> its.getRating();
          case CORRECT -> its.getCorrect() ? 1 : 0;
          case FAILED, COMPARISON, SAYS_NOT_SET -> 0;
        };
    return new Said(
        its.getKey(), its.getDecision(), kept.getEnsemble(), its.getMember(), score, time(kept));
  }

  private static Instant time(KeptFeedback kept) {
    return Instant.ofEpochMilli(Timestamps.toMillis(kept.getTime()));
  }

  private static boolean isOurs(Connection connection) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement("select pg_try_advisory_xact_lock(?)")) {
      lock.setLong(1, LOCK);
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private static String place(Connection connection, String ensemble) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select page from cascade.feedback_place where ensemble = ?")) {
      select.setString(1, ensemble);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getString(1) : "";
      }
    }
  }

  private static void move(Connection connection, String ensemble, String page)
      throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "insert into cascade.feedback_place (ensemble, page) values (?, ?) on conflict (ensemble) do"
                + " update set page = excluded.page")) {
      upsert.setString(1, ensemble);
      upsert.setString(2, page);
      upsert.executeUpdate();
    }
  }
}
