package dev.tutti.router.feedback;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.OnlineState;
import dev.tutti.router.activity.StandingTable;
import dev.tutti.router.feedback.LearnedStates.Known;
import dev.tutti.router.feedback.LearnerTable.Standing;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Folds feedback into what is learned: one replica at a time (an advisory lock), everything in the
 * order of positions, each piece exactly once: how far a learner has come, and what it refused, is
 * one transaction. Its numbers are written there when they are as large as the feedback since they
 * were written last; until then the log is what was learned ({@link LearnedStates}), so that a
 * piece costs a few kB however large the state is. Positions are given here too, under the same
 * lock. At the end all replicas are notified ({@value #CHANNEL}).
 */
@ApplicationScoped
public class Folder {

  /** Channel of the notices that learners have learned. */
  static final String CHANNEL = "router_learned";

  private static final Logger LOG = Logger.getLogger(Folder.class);

  /** Of this service's fold, among all locks of the database: "tutti" and a number. */
  private static final long LOCK = 0x7475747469_01L;

  /**
   * A replica whose host is gone keeps its session, and the lock, until the server notices: by TCP
   * alone after hours.
   */
  private static final String MOST_IDLE = "30s";

  private static final int MOST_ORDERED = 5_000;
  private static final long STAND_NANOS = Duration.ofSeconds(2).toNanos();

  /** What a piece of feedback takes in the log, about; and an arm beside its numbers. */
  private static final int PIECE_BYTES = 2_048;

  private static final int ARM_BYTES = 64;

  private final Database database;
  private final OrderedFeedback feedback;
  private final LearnerTable table;

  private final LearnedStates states;

  private final StandingTable standings;
  private long stood = System.nanoTime() - STAND_NANOS;

  Folder(
      Database database,
      OrderedFeedback feedback,
      LearnerTable table,
      LearnedStates states,
      StandingTable standings) {
    this.database = database;
    this.feedback = feedback;
    this.table = table;
    this.states = states;
    this.standings = standings;
  }

  /**
   * What was done.
   *
   * @param ours whether it was this replica's turn
   * @param learned pieces that learners took
   * @param refused pieces that they refused
   * @param more whether there may be more to do
   */
  record Folded(boolean ours, int learned, int refused, boolean more) {}

  /** Folds what there is, for learners that are known here; does nothing while another folds. */
  synchronized Folded fold(Collection<Learner> learners) throws SQLException {
    return run(
        turn -> {
          if (!locked(turn.connection, "pg_try_advisory_xact_lock")) {
            return new Folded(false, 0, 0, false);
          }
          int ordered = feedback.order(turn.connection, MOST_ORDERED);
          turn.fold(learners);
          boolean moreToStand = stand(turn.connection);
          if (ordered > 0 || turn.learned + turn.refused > 0) {
            announce(turn.connection);
          }
          return new Folded(
              true, turn.learned, turn.refused, ordered == MOST_ORDERED || moreToStand);
        });
  }

  /** A page of people needs no row for each piece. */
  private boolean stand(Connection connection) throws SQLException {
    if (System.nanoTime() - stood < STAND_NANOS) {
      return false;
    }
    Savepoint before = connection.setSavepoint();
    boolean more = false;
    try {
      more = standings.fold(connection, MOST_ORDERED);
      connection.releaseSavepoint(before);
    } catch (RuntimeException e) {
      // What people look at must not hold up what is learned.
      LOG.error("How members compare cannot be told anew", e);
      connection.rollback(before);
    }
    if (!more) {
      stood = System.nanoTime();
    }
    return more;
  }

  /**
   * Learns everything that was said about an ensemble anew; waits for its turn.
   *
   * @return whether the same is known as before, bit for bit
   * @throws FailureException ({@link Failure.FailedPrecondition}) when some of it was deleted
   */
  synchronized boolean rebuild(Learner learner) throws SQLException {
    return run(
        turn -> {
          locked(turn.connection, "pg_advisory_xact_lock");
          // The tables are what is compared.
          states.forget(learner.ensemble());
          Standing standing = table.standings(turn.connection).get(learner.ensemble());
          OnlineState before = OnlineState.EMPTY;
          if (standing != null && standing.isOf(learner)) {
            before = states.at(turn.connection, learner, standing);
            requireLog(turn.connection, learner, standing);
          }
          OnlineState anew = turn.rebuild(learner, standing);
          announce(turn.connection);
          return Arrays.equals(before.bytes(), anew.bytes());
        });
  }

  private void requireLog(Connection connection, Learner learner, Standing standing)
      throws SQLException {
    long kept = feedback.learned(connection, learner.ensemble(), standing.position());
    if (kept < standing.observed()) {
      throw new Failure.FailedPrecondition(
              "ensemble",
              "FEEDBACK_DELETED",
              "'%s' learned from %d pieces of feedback, of which %d are kept: learned anew it would know less."
                  .formatted(learner.ensemble(), standing.observed(), kept))
          .exception();
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T apply(Turn turn) throws SQLException;
  }

  private <T> T run(Work<T> work) throws SQLException {
    boolean done = false;
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        limitIdling(connection);
        var turn = new Turn(connection);
        T result = work.apply(turn);
        connection.commit();
        done = true;
        states.keep(turn.known);
        return result;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      database.failed(e);
      states.forget();
      throw e;
    }
  }

  private static void limitIdling(Connection connection) throws SQLException {
    try (Statement set = connection.createStatement()) {
      set.execute("set local idle_in_transaction_session_timeout to '" + MOST_IDLE + "'");
    }
  }

  private static boolean locked(Connection connection, String how) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement("select %s(?)".formatted(how))) {
      lock.setLong(1, LOCK);
      try (ResultSet rows = lock.executeQuery()) {
        rows.next();
        return rows.getObject(1) instanceof Boolean got ? got : true;
      }
    }
  }

  /** Keeps everybody from folding until this transaction ends. */
  static void await(Connection connection) throws SQLException {
    limitIdling(connection);
    locked(connection, "pg_advisory_xact_lock");
  }

  private static void announce(Connection connection) throws SQLException {
    try (Statement notify = connection.createStatement()) {
      notify.execute("notify " + CHANNEL);
    }
  }

  /** One transaction under the lock. */
  private final class Turn {

    private final Connection connection;
    private final Map<String, Known> known = new HashMap<>();
    private int learned;
    private int refused;

    Turn(Connection connection) {
      this.connection = connection;
    }

    void fold(Collection<Learner> learners) throws SQLException {
      states.retain(learners.stream().map(Learner::ensemble).toList());
      Map<String, Standing> standings = table.standings(connection);
      Map<String, Long> last =
          feedback.last(connection, learners.stream().map(Learner::ensemble).toList());
      for (Learner learner : learners) {
        Standing before = standings.get(learner.ensemble());
        boolean anew = before == null || !before.isOf(learner);
        if (anew && before != null && before.version() > learner.version()) {
          // Another replica knows a later registration; ours is on its way.
          continue;
        }
        long upTo = last.getOrDefault(learner.ensemble(), 0L);
        if (anew ? upTo > 0 || before != null : before.position() < upTo) {
          learn(learner, before, anew, upTo);
        }
      }
    }

    OnlineState rebuild(Learner learner, Standing before) throws SQLException {
      String ensemble = learner.ensemble();
      return learn(
          learner,
          before,
          true,
          before == null
              ? feedback.last(connection, List.of(ensemble)).getOrDefault(ensemble, 0L)
              : before.position());
    }

    private OnlineState learn(Learner learner, Standing before, boolean anew, long upTo)
        throws SQLException {
      String ensemble = learner.ensemble();
      if (anew) {
        table.clear(connection, ensemble);
        feedback.forgetRefusals(connection, ensemble);
      }
      OnlineState from = anew ? OnlineState.EMPTY : states.at(connection, learner, before);
      var step = new Step(learner, from);
      feedback.read(connection, ensemble, anew ? 0 : before.position(), upTo, true, step::take);
      OnlineState state = step.state;
      boolean write = anew || due(state, before.checkpointObserved());
      if (write) {
        table.write(connection, ensemble, learner.observing().kind(), state);
      }
      // Where nothing was learned since, what is written is what is known here too.
      boolean written = write || state.observed() == before.checkpointObserved();
      var after =
          new Standing(
              before == null ? learner.version() : Math.max(before.version(), learner.version()),
              learner.method(),
              learner.observing().basis(),
              before == null ? 1 : before.epoch() + (anew ? 1 : 0),
              upTo,
              state.observed(),
              written ? upTo : before.checkpoint(),
              written ? state.observed() : before.checkpointObserved());
      table.write(connection, ensemble, after);
      feedback.refuse(connection, step.reasons);
      learned += (int) (state.observed() - from.observed());
      refused += step.reasons.size();
      known.put(ensemble, new Known(after, state));
      return state;
    }
  }

  /** Whether the numbers are to be written, after so much was learned since the last time. */
  private static boolean due(OnlineState state, long checkpointObserved) {
    long learned = state.observed() - checkpointObserved;
    long bytes = state.arms().values().stream().mapToLong(a -> ARM_BYTES + 8L * a.length).sum();
    return learned > 0 && learned * PIECE_BYTES >= bytes;
  }

  /** A learner going through the log. */
  private static final class Step {

    private static final int LONGEST = 500;

    private final Learner learner;
    private final Map<Long, String> reasons = new TreeMap<>();
    private OnlineState state;

    Step(Learner learner, OnlineState state) {
      this.learner = learner;
      this.state = state;
    }

    void take(FeedbackTable.Stored stored) {
      if (stored.row().ensembleVersion() == 0) {
        // Its pool and settings are its sender's.
        refuse(stored, "It is about a recipe that somebody sent under this name.");
        return;
      }
      try {
        state = learner.observing().learn(state, stored.row().feedback());
      } catch (IllegalArgumentException e) {
        refuse(stored, e.getMessage());
      } catch (RuntimeException e) {
        // One piece must not hold up all that comes after it.
        LOG.errorf(
            e, "Feedback '%s' cannot be learned by '%s'", stored.row().key(), learner.ensemble());
        refuse(stored, "A fault of ours: " + e);
      }
    }

    private void refuse(FeedbackTable.Stored stored, String why) {
      String reason = why == null ? "No reason was told." : why;
      reasons.put(
          stored.position().orElseThrow(),
          reason.length() <= LONGEST ? reason : reason.substring(0, LONGEST) + "…");
    }
  }
}
