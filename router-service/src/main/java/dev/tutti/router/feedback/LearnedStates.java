package dev.tutti.router.feedback;

import dev.tutti.router.OnlineState;
import dev.tutti.router.feedback.LearnerTable.Standing;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The states of learners: the numbers as they were written last (a checkpoint), and the feedback
 * since, learned again. Learning is a function of the log, so these are the bits that whoever
 * folded has. The newest of each is kept in memory, from which its followers go on.
 */
@ApplicationScoped
class LearnedStates {

  private static final Logger LOG = Logger.getLogger(LearnedStates.class);

  private final OrderedFeedback feedback;
  private final LearnerTable table;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /** What a learner knows, having come so far. */
  record Known(Standing standing, OnlineState state) {

    /** Whether a learner that is so far has gone on from here, and has written nothing since. */
    boolean leadsTo(Standing later) {
      return standing.epoch() == later.epoch()
          && standing.position() >= later.checkpoint()
          && standing.position() <= later.position();
    }
  }

  LearnedStates(OrderedFeedback feedback, LearnerTable table) {
    this.feedback = feedback;
    this.table = table;
  }

  /** The state of a learner that has come so far. The transaction is the caller's. */
  OnlineState at(Connection connection, Learner learner, Standing standing) throws SQLException {
    Known before = known.get(learner.ensemble());
    if (before != null && before.standing().equals(standing)) {
      return before.state();
    }
    OnlineState state =
        before != null && before.leadsTo(standing)
            ? learned(connection, learner, before.state(), before.standing().position(), standing)
            : learned(
                connection,
                learner,
                new OnlineState(
                    table.arms(connection, learner.ensemble(), learner.observing().kind()),
                    standing.checkpointObserved()),
                standing.checkpoint(),
                standing);
    known.put(learner.ensemble(), new Known(standing, state));
    return state;
  }

  private OnlineState learned(
      Connection connection, Learner learner, OnlineState from, long after, Standing standing)
      throws SQLException {
    if (after == standing.position()) {
      return from;
    }
    var state = new OnlineState[] {from};
    feedback.read(
        connection,
        learner.ensemble(),
        after,
        standing.position(),
        false,
        stored -> {
          try {
            state[0] = learner.observing().learn(state[0], stored.row().feedback());
          } catch (IllegalArgumentException e) {
            LOG.debugf(e, "'%s' was learned once", stored.row().key());
          }
        });
    if (state[0].observed() != standing.observed()) {
      LOG.errorf(
          "'%s' learned from %d pieces of feedback; its checkpoint at %d and the log after it hold %d",
          learner.ensemble(), standing.observed(), standing.checkpoint(), state[0].observed());
    }
    return state[0];
  }

  /** Remembers states that were learned, and committed. */
  void keep(Map<String, Known> learned) {
    known.putAll(learned);
  }

  /** Forgets what is remembered of an ensemble: the database is what counts. */
  void forget(String ensemble) {
    known.remove(ensemble);
  }

  /** Forgets everything: the database may be another one. */
  void forget() {
    known.clear();
  }

  /** Forgets all but these. */
  void retain(Collection<String> ensembles) {
    known.keySet().retainAll(ensembles);
  }
}
