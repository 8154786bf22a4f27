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
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Reads what router-service keeps of feedback on this service's ensembles, and tells {@link
 * FeedbackListener}s: once a second, one replica at a time (an advisory lock), of the ensembles
 * alone that one of them waits for. Feedback is in router-service's database before it is
 * acknowledged, and how far it was heard is in the transaction of what came of it, so none is lost
 * whoever ends when. The place moves past what is older than a minute; what is not is asked for
 * again, as of what arrives at the same moment the later may be seen before, and told again only by
 * a replica that has not told it. Router-service is asked while no connection is held; where it has
 * nothing new nothing is written.
 */
@ApplicationScoped
public class FeedbackFollower {

  private static final Logger LOG = Logger.getLogger(FeedbackFollower.class);

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

  /** What this replica told and is asked for again, by ensemble. */
  private final Map<String, Set<Said>> told = new HashMap<>();

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
    var places = new TreeMap<String, String>();
    try (Connection connection = database.connect()) {
      for (FeedbackListener listener : listeners) {
        listener.ensembles(connection).forEach(its -> places.put(its, ""));
      }
      FeedbackPlaces.read(connection).forEach((its, page) -> places.replace(its, page));
    }
    told.keySet().retainAll(places.keySet());
    for (Map.Entry<String, String> its : places.entrySet()) {
      var coming = new HashSet<Said>();
      Optional<String> page = Optional.of(its.getValue());
      while (page.isPresent() && !stopping) {
        page = hear(its.getKey(), page.get(), coming);
      }
      told.put(its.getKey(), coming);
    }
  }

  /**
   * Hears one page, unless another replica does.
   *
   * @param coming gets what is told and will be asked for again
   * @return the next; empty where there is none
   */
  private Optional<String> hear(String ensemble, String page, Set<Said> coming)
      throws SQLException {
    ListFeedbackResponse response = list(ensemble, page, PAGE);
    Set<Said> before = told.getOrDefault(ensemble, Set.of());
    List<Said> said =
        response.getFeedbackList().stream()
            .filter(kept -> !kept.getFeedback().hasComparison())
            .map(FeedbackFollower::said)
            .toList();
    List<Said> news = said.stream().filter(its -> !before.contains(its)).toList();
    Optional<String> further = further(ensemble, page, response);
    boolean isTold = news.isEmpty() && further.isEmpty() || tell(ensemble, page, news, further);
    said.stream().filter(its -> isTold || before.contains(its)).forEach(coming::add);
    return Optional.of(response.getNextPageToken()).filter(next -> isTold && !next.isEmpty());
  }

  private boolean tell(String ensemble, String page, List<Said> news, Optional<String> further)
      throws SQLException {
    return database.within(
        connection -> {
          if (!FeedbackPlaces.lock(connection)) {
            return false;
          }
          if (!news.isEmpty()) {
            for (FeedbackListener listener : listeners) {
              listener.heard(connection, news);
            }
          }
          if (further.isPresent()) {
            FeedbackPlaces.move(connection, ensemble, page, further.get());
          }
          return true;
        });
  }

  /**
   * Where the place moves to: past the first ones of a page that are settled, for which that many
   * are asked for again where they are not all of it. Empty where it stays.
   */
  private Optional<String> further(String ensemble, String page, ListFeedbackResponse response) {
    List<KeptFeedback> settled =
        response.getFeedbackList().stream().takeWhile(FeedbackFollower::isSettled).toList();
    if (settled.isEmpty()) {
      return Optional.empty();
    }
    boolean all = settled.size() == PAGE;
    ListFeedbackResponse first = all ? response : list(ensemble, page, settled.size());
    return Optional.of(first.getNextPageToken())
        .filter(next -> !next.isEmpty())
        .filter(_ -> keys(first.getFeedbackList()).equals(keys(settled)));
  }

  private static List<String> keys(List<KeptFeedback> kept) {
    return kept.stream().map(its -> its.getFeedback().getKey()).toList();
  }

  private static boolean isSettled(KeptFeedback kept) {
    return time(kept).isBefore(Instant.now().minus(SETTLED));
  }

  private ListFeedbackResponse list(String ensemble, String page, int size) {
    return router
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .listFeedback(
            ListFeedbackRequest.newBuilder()
                .setEnsemble(ensemble)
                .setPageSize(size)
                .setPageToken(page)
                .build());
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
}
