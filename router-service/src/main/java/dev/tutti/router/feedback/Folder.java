package dev.tutti.router.feedback;

import dev.tutti.router.LearnerState;
import dev.tutti.router.database.Database;
import dev.tutti.router.feedback.LearnerTable.Standing;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Folds feedback into what is learned: one replica at a time (an advisory lock), everything in the
 * order of positions, each piece exactly once, since how far a learner has come is written in the
 * transaction that writes what it learned. Positions are given here too, under the same lock. At
 * the end all replicas are notified ({@value #CHANNEL}).
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

  private final Database database;
  private final OrderedFeedback feedback;
  private final LearnerTable table;

  /** What this replica folded last; good as long as nobody else has folded since. */
  private final Map<String, Known> known = new HashMap<>();

  private record Known(Standing standing, LearnerState state) {}

  Folder(Database database, OrderedFeedback feedback, LearnerTable table) {
    this.database = database;
    this.feedback = feedback;
    this.table = table;
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
        connection -> {
          if (!locked(connection, "pg_try_advisory_xact_lock")) {
            return new Folded(false, 0, 0, false);
          }
          int ordered = feedback.order(connection, MOST_ORDERED);
          var turn = new Turn(connection);
          turn.fold(learners);
          if (ordered > 0 || turn.learned + turn.refused > 0) {
            announce(connection);
          }
          return new Folded(true, turn.learned, turn.refused, ordered == MOST_ORDERED);
        });
  }

  /**
   * Learns everything that was said about an ensemble anew; waits for its turn.
   *
   * @return whether the same is known as before, bit for bit
   */
  synchronized boolean rebuild(Learner learner) throws SQLException {
    return run(
        connection -> {
          locked(connection, "pg_advisory_xact_lock");
          // The table is what is compared.
          known.remove(learner.ensemble());
          var turn = new Turn(connection);
          Standing before = table.standings(connection).get(learner.ensemble());
          LearnerState old = before == null ? LearnerState.EMPTY : turn.state(learner, before);
          LearnerState anew =
              turn.learn(
                  learner,
                  before,
                  true,
                  before == null
                      ? feedback
                          .last(connection, List.of(learner.ensemble()))
                          .getOrDefault(learner.ensemble(), 0L)
                      : before.position());
          announce(connection);
          return Arrays.equals(old.bytes(), anew.bytes());
        });
  }

  @FunctionalInterface
  private interface Work<T> {
    T apply(Connection connection) throws SQLException;
  }

  private <T> T run(Work<T> work) throws SQLException {
    boolean done = false;
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        limitIdling(connection);
        T result = work.apply(connection);
        connection.commit();
        done = true;
        return result;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    } finally {
      if (!done) {
        known.clear();
      }
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

  private static void announce(Connection connection) throws SQLException {
    try (Statement notify = connection.createStatement()) {
      notify.execute("notify " + CHANNEL);
    }
  }

  /** One transaction under the lock. */
  private final class Turn {

    private final Connection connection;
    private int learned;
    private int refused;

    Turn(Connection connection) {
      this.connection = connection;
    }

    void fold(Collection<Learner> learners) throws SQLException {
      known.keySet().retainAll(learners.stream().map(Learner::ensemble).toList());
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

    LearnerState learn(Learner learner, Standing before, boolean anew, long upTo)
        throws SQLException {
      String ensemble = learner.ensemble();
      if (anew) {
        table.clear(connection, ensemble);
        feedback.forgetRefusals(connection, ensemble);
      }
      LearnerState from = anew ? LearnerState.EMPTY : state(learner, before);
      var step = new Step(learner, from);
      feedback.read(connection, ensemble, anew ? 0 : before.position(), upTo, true, step::take);
      var after =
          new Standing(
              before == null ? learner.version() : Math.max(before.version(), learner.version()),
              learner.method(),
              learner.observing().basis(),
              before == null ? 1 : before.epoch() + (anew ? 1 : 0),
              upTo,
              step.state.observed());
      table.write(connection, ensemble, learner.observing().kind(), from, step.state, upTo);
      table.write(connection, ensemble, after);
      feedback.refuse(connection, step.reasons);
      learned += (int) (step.state.observed() - from.observed());
      refused += step.reasons.size();
      known.put(ensemble, new Known(after, step.state));
      return step.state;
    }

    LearnerState state(Learner learner, Standing standing) throws SQLException {
      Known ours = known.get(learner.ensemble());
      return ours != null && ours.standing().equals(standing)
          ? ours.state()
          : new LearnerState(
              table.arms(connection, learner.ensemble(), learner.observing().kind(), 0),
              standing.observed());
    }
  }

  /** A learner going through the log. */
  private static final class Step {

    private static final int LONGEST = 500;

    private final Learner learner;
    private final Map<Long, String> reasons = new TreeMap<>();
    private LearnerState state;

    Step(Learner learner, LearnerState state) {
      this.learner = learner;
      this.state = state;
    }

    void take(FeedbackTable.Stored stored) {
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
