package dev.tutti.router.feedback;

import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.feedback.LearnerTable.Standing;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings the learners that serve requests to what is folded: to a state of {@link LearnedStates},
 * the same bits on every replica.
 */
@ApplicationScoped
public class Following {

  private final OrderedFeedback feedback;
  private final LearnerTable table;
  private final LearnedStates states;
  private final Map<String, Followed> followed = new ConcurrentHashMap<>();

  private record Followed(Observing observing, Standing standing) {}

  Following(OrderedFeedback feedback, LearnerTable table, LearnedStates states) {
    this.feedback = feedback;
    this.table = table;
    this.states = states;
  }

  /** Reads what is new. */
  synchronized void follow(Connection connection, Collection<Learner> learners)
      throws SQLException {
    followed.keySet().retainAll(learners.stream().map(Learner::ensemble).toList());
    connection.setAutoCommit(false);
    try (Statement one = connection.createStatement()) {
      // How far a learner is, its numbers and its log are of one moment.
      one.execute("set transaction isolation level repeatable read read only");
      Map<String, Standing> standings = table.standings(connection);
      for (Learner learner : learners) {
        Standing standing = standings.get(learner.ensemble());
        if (standing != null && standing.isOf(learner)) {
          follow(connection, learner, standing);
        }
      }
      connection.commit();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private void follow(Connection connection, Learner learner, Standing standing)
      throws SQLException {
    Followed before = followed.get(learner.ensemble());
    Observing observing = learner.observing();
    boolean goesOn =
        before != null
            && before.observing() == observing
            && before.standing().epoch() == standing.epoch()
            && before.standing().position() <= standing.position();
    if (goesOn && before.standing().position() == standing.position()) {
      return;
    }
    long after = goesOn ? before.standing().position() : 0;
    OnlineState state = states.at(connection, learner, standing);
    if (observing.remembered() > 0) {
      after =
          Math.max(
              after,
              feedback.beforeLast(
                  connection, learner.ensemble(), standing.position(), observing.remembered()));
    }
    List<Feedback> log = log(connection, learner, after, standing.position());
    boolean all = goesOn && log.size() == standing.observed() - before.standing().observed();
    if (goesOn && (all || observing.remembered() == 0)) {
      observing.advance(state, log);
    } else {
      observing.restore(state, log);
    }
    followed.put(learner.ensemble(), new Followed(observing, standing));
  }

  private List<Feedback> log(Connection connection, Learner learner, long after, long upTo)
      throws SQLException {
    var log = new ArrayList<Feedback>();
    if (learner.observing().remembered() > 0) {
      feedback.read(
          connection,
          learner.ensemble(),
          after,
          upTo,
          false,
          stored -> log.add(stored.row().feedback()));
    }
    return log;
  }

  /** How far a learner is served; empty where nothing was learned, or it is not read yet. */
  Optional<Standing> standing(Learner learner) {
    return Optional.ofNullable(followed.get(learner.ensemble()))
        .filter(f -> f.observing() == learner.observing())
        .map(Followed::standing);
  }
}
