package dev.tutti.router.feedback;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.router.access.Caller;
import dev.tutti.router.feedback.Decisions.Decided;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackReceipt;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Takes feedback: what it returns a receipt for is committed. It is learned later, by {@link
 * Learners}.
 */
@ApplicationScoped
public class FeedbackLog {

  /** Most pieces that are taken at once. */
  public static final int MOST = 1_000;

  private static final Logger LOG = Logger.getLogger(FeedbackLog.class);

  /** A decision may be on its way from another replica. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

  private static final int TRIES = 3;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Database database;
  private final FeedbackTable table;
  private final Decisions decisions;
  private final Learners learners;
  private final KnownNames names;
  private final Counter accepted;

  FeedbackLog(
      Database database,
      FeedbackTable table,
      Decisions decisions,
      Learners learners,
      KnownNames names,
      MeterRegistry meters) {
    this.database = database;
    this.table = table;
    this.decisions = decisions;
    this.learners = learners;
    this.names = names;
    accepted =
        Counter.builder("tutti.router.feedback.accepted")
            .description("Pieces of feedback that were kept")
            .register(meters);
  }

  /**
   * Keeps feedback, all or none; what is there already is told again.
   *
   * @param path of the list in the request, for errors; empty where it stands for the request
   * @throws FailureException {@link Failure.InvalidArgument} for what can never be kept, {@link
   *     Failure.NotFound} for an unknown decision, {@link Failure.FailedPrecondition} for a key of
   *     other feedback, {@link Failure.Unavailable} when the database is away
   */
  public List<FeedbackReceipt> give(List<Feedback> feedback, String path) {
    if (feedback.isEmpty() || feedback.size() > MOST) {
      throw Failure.invalid(
          "feedback",
          "There are %d pieces of feedback; 1 to %d are taken at once."
              .formatted(feedback.size(), MOST));
    }
    for (int i = 0; i < feedback.size(); i++) {
      FeedbackRules.check(feedback.get(i), at(path, i));
    }
    long end = System.nanoTime() + PATIENCE_NANOS;
    var rows = new ArrayList<FeedbackRow>();
    for (int i = 0; i < feedback.size(); i++) {
      Feedback each = feedback.get(i);
      Decided decided = decided(each.getDecision(), at(path, i), end);
      rows.add(
          FeedbackRow.of(
              FeedbackRow.named(each, decided.decision(), names::own),
              at(path, i),
              decided.decision(),
              decided.embedding()));
    }
    return keep(rows, path);
  }

  private static String at(String path, int place) {
    return path.isEmpty() ? "" : "%s[%d].".formatted(path, place);
  }

  private Decided decided(String id, String path, long end) {
    while (true) {
      Optional<Decided> decided = decisions.find(id);
      if (decided.isPresent()) {
        return decided.get();
      }
      if (System.nanoTime() >= end) {
        throw new Failure.NotFound(
                path + "decision",
                "DECISION_NOT_FOUND",
                "There is no decision '%s'.".formatted(FeedbackRules.shown(id)))
            .exception();
      }
      try {
        Thread.sleep(LOOK_AGAIN);
      } catch (InterruptedException e) {
        throw new CancelledException();
      }
    }
  }

  private List<FeedbackReceipt> keep(List<FeedbackRow> rows, String path) {
    for (int tries = 1; ; tries++) {
      try {
        return keepAll(rows, path);
      } catch (SQLException e) {
        // A replica of a build before takes its keys in any order.
        if (tries == TRIES || !DatabaseFailure.of(e).isDeadlock()) {
          database.failed(e);
          throw unreachable("Nothing was kept: the database is out of reach.", e);
        }
      }
    }
  }

  private List<FeedbackReceipt> keepAll(List<FeedbackRow> rows, String path) throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      boolean kept = false;
      try {
        int fresh = table.insert(connection, rows);
        Map<String, FeedbackTable.Stored> stored =
            table.find(connection, rows.stream().map(FeedbackRow::key).toList());
        var receipts = new ArrayList<FeedbackReceipt>();
        for (int i = 0; i < rows.size(); i++) {
          receipts.add(receipt(rows.get(i), stored.get(rows.get(i).key()), at(path, i)));
        }
        connection.commit();
        kept = true;
        accepted.increment(fresh);
        learners.wake();
        return receipts;
      } finally {
        if (!kept) {
          connection.rollback();
        }
      }
    }
  }

  static FailureException unreachable(String message, SQLException e) {
    if (DatabaseFailure.of(e).refusesTheData()) {
      throw new IllegalStateException("The database refuses what was checked", e);
    }
    LOG.debug(message, e);
    return new FailureException(new Failure.Unavailable("DATABASE_UNREACHABLE", message), e);
  }

  private static FeedbackReceipt receipt(
      FeedbackRow given, FeedbackTable.Stored stored, String path) {
    if (!Arrays.equals(given.content(), stored.row().content())) {
      throw new Failure.FailedPrecondition(
              path + "key",
              "IDEMPOTENCY_KEY_REUSED",
              "Key '%s' belongs to other feedback%s. A key is for one piece of feedback alone."
                  .formatted(
                      given.givenKey(),
                      Caller.current().sees(stored.row().team())
                          ? ", on decision '%s'".formatted(stored.row().decision())
                          : ""))
          .exception();
    }
    return FeedbackReceipt.newBuilder()
        .setKey(stored.row().givenKey())
        .setDecision(stored.row().decision())
        .setEnsemble(stored.row().ensemble())
        .setMember(stored.row().member())
        .setTime(Timestamps.fromMillis(stored.time().toEpochMilli()))
        .build();
  }
}
