package dev.tutti.router.feedback;

import dev.tutti.kit.job.Retention;
import dev.tutti.router.Observing;
import dev.tutti.router.feedback.LearnerTable.Standing;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Passes over feedback that was kept long enough. What is not in its learner's checkpoint stays,
 * and so does what a learner remembers beside its state, and the last piece of all, from which
 * positions go on. Of an ensemble that learns no more (it is retired, or of another method)
 * everything goes; with the first piece that was learned and is in no checkpoint goes what was
 * learned, so that it begins anew where it learns again.
 */
@ApplicationScoped
public class OldFeedback {

  private static final int LOOKED_AT = 500;

  private static final String OLDEST =
      "select id, time < ? from router.feedback where id > ? order by id limit ?";

  private static final String DELETE =
      """
      with gone as (
        delete from router.feedback f where id = any (?)
          and position < (select max(position) from router.feedback)
          and position <= coalesce(
            (select least from unnest(?, ?) as needed (ensemble, least)
             where needed.ensemble = f.ensemble),
            f.position)
        returning ensemble, position),
      forgotten as (
        update router.learner l
        set method = '', basis = '', checkpoint = position, checkpoint_observed = observed
        where exists (select from gone g where g.ensemble = l.ensemble
          and g.position > l.checkpoint and g.position <= l.position)
        returning ensemble),
      ratings as (
        delete from router.elo_rating where ensemble in (select ensemble from forgotten)),
      arms as (
        delete from router.bandit_arm where ensemble in (select ensemble from forgotten))
      select count(*) from gone""";

  private final OrderedFeedback feedback;
  private final LearnerTable table;

  OldFeedback(OrderedFeedback feedback, LearnerTable table) {
    this.feedback = feedback;
    this.table = table;
  }

  /** Begins a pass; deletes nothing while it is not known who learns. */
  public Retention.Sweep sweep(KnownNames names) {
    return names
        .directory()
        .map(directory -> sweep(Learner.of(directory), name -> ended(directory, name)))
        .orElse((_, _) -> new Retention.Step(0, false));
  }

  /**
   * Begins a pass.
   *
   * @param ended under which registration an ensemble learns no more; empty where it may yet
   */
  Retention.Sweep sweep(Collection<Learner> learners, Function<String, OptionalLong> ended) {
    return new Pass(learners, ended);
  }

  /** One that only cannot be served now, or is not known here, may learn again at any time. */
  static OptionalLong ended(Directory directory, String ensemble) {
    Entry entry = directory.find(ensemble).orElse(null);
    boolean ended =
        entry != null
            && entry.name().equals(ensemble)
            && switch (entry) {
              case Entry.Unserved unserved -> unserved.isRetired();
              case Entry.Routed routed -> !(routed.router() instanceof Observing);
              case Entry.Elsewhere _ -> true;
              case Entry.Single _ -> false;
            };
    return ended ? OptionalLong.of(entry.version()) : OptionalLong.empty();
  }

  private final class Pass implements Retention.Sweep {

    private final Collection<Learner> learners;
    private final Function<String, OptionalLong> ended;
    private Map<String, Long> unneeded;
    private long last;

    Pass(Collection<Learner> learners, Function<String, OptionalLong> ended) {
      this.learners = learners;
      this.ended = ended;
    }

    @Override
    public Retention.Step next(Connection connection, Instant before) throws SQLException {
      // Nobody learns, or learns again, meanwhile.
      Folder.await(connection);
      unneeded = unneeded(connection);
      var old = new ArrayList<Long>();
      int seen = 0;
      try (PreparedStatement select = connection.prepareStatement(OLDEST)) {
        select.setTimestamp(1, Timestamp.from(before));
        select.setLong(2, last);
        select.setInt(3, LOOKED_AT);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            seen++;
            last = rows.getLong(1);
            if (rows.getBoolean(2)) {
              old.add(last);
            }
          }
        }
      }
      // Ids grow with time, nearly.
      return new Retention.Step(
          old.isEmpty() ? 0 : delete(connection, old), seen == LOOKED_AT && !old.isEmpty());
    }

    private int delete(Connection connection, List<Long> ids) throws SQLException {
      try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
        delete.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
        delete.setArray(2, FeedbackTable.texts(connection, unneeded.keySet()));
        delete.setArray(3, connection.createArrayOf("bigint", unneeded.values().toArray()));
        try (ResultSet rows = delete.executeQuery()) {
          rows.next();
          return rows.getInt(1);
        }
      }
    }

    /** Up to which position nobody needs the feedback of an ensemble that learns, or may yet. */
    private Map<String, Long> unneeded(Connection connection) throws SQLException {
      var positions = new TreeMap<String, Long>();
      for (Map.Entry<String, Standing> entry : table.standings(connection).entrySet()) {
        Standing standing = entry.getValue();
        OptionalLong last = ended.apply(entry.getKey());
        if (last.isPresent() && standing.version() <= last.getAsLong()) {
          // No later registration learns.
          continue;
        }
        positions.put(entry.getKey(), standing.checkpoint());
        for (Learner learner : learners) {
          int remembered = learner.observing().remembered();
          if (learner.ensemble().equals(entry.getKey()) && remembered > 0) {
            long beforeLast =
                feedback.beforeLast(connection, entry.getKey(), standing.position(), remembered);
            positions.merge(entry.getKey(), beforeLast, Math::min);
          }
        }
      }
      return positions;
    }
  }
}
