package dev.tutti.router.feedback;

import dev.tutti.learning.database.Floats;
import dev.tutti.router.Observing.Kind;
import dev.tutti.router.OnlineState;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tables {@code router.learner}, {@code router.elo_rating} and {@code router.bandit_arm}: how
 * far learners have come, and their numbers as of a checkpoint, which is seldom as far. Every
 * method works on the caller's connection and leaves the transaction to it.
 */
@ApplicationScoped
public class LearnerTable {

  /**
   * How far a learner has come.
   *
   * @param version of the registration that it learned under last
   * @param method its method then
   * @param basis what its state depends on
   * @param epoch how often it began anew, from 1
   * @param position the last feedback that it has seen
   * @param observed how much it learned from
   * @param checkpoint the last feedback that is in its numbers as they are written
   * @param checkpointObserved how much it had learned from by then
   */
  record Standing(
      long version,
      String method,
      String basis,
      long epoch,
      long position,
      long observed,
      long checkpoint,
      long checkpointObserved) {

    /** Whether this is what a learner has learned, or another one under the same name. */
    boolean isOf(Learner learner) {
      return method.equals(learner.method()) && basis.equals(learner.observing().basis());
    }
  }

  /** All, by ensemble. */
  Map<String, Standing> standings(Connection connection) throws SQLException {
    var standings = new HashMap<String, Standing>();
    try (PreparedStatement select =
            connection.prepareStatement(
                """
                select ensemble, ensemble_version, method, basis, epoch, position, observed,
                  checkpoint, checkpoint_observed
                from router.learner""");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        standings.put(
            rows.getString(1),
            new Standing(
                rows.getLong(2),
                rows.getString(3),
                rows.getString(4),
                rows.getLong(5),
                rows.getLong(6),
                rows.getLong(7),
                rows.getLong(8),
                rows.getLong(9)));
      }
    }
    return standings;
  }

  /** Writes how far a learner has come. */
  void write(Connection connection, String ensemble, Standing standing) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            insert into router.learner
              (ensemble, ensemble_version, method, basis, epoch, position, observed, checkpoint,
                checkpoint_observed)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (ensemble) do update set
              ensemble_version = excluded.ensemble_version, method = excluded.method,
              basis = excluded.basis, epoch = excluded.epoch, position = excluded.position,
              observed = excluded.observed, checkpoint = excluded.checkpoint,
              checkpoint_observed = excluded.checkpoint_observed""")) {
      upsert.setString(1, ensemble);
      upsert.setLong(2, standing.version());
      upsert.setString(3, standing.method());
      upsert.setString(4, standing.basis());
      upsert.setLong(5, standing.epoch());
      upsert.setLong(6, standing.position());
      upsert.setLong(7, standing.observed());
      upsert.setLong(8, standing.checkpoint());
      upsert.setLong(9, standing.checkpointObserved());
      upsert.executeUpdate();
    }
  }

  /** Arms as they are written, by member. */
  TreeMap<String, double[]> arms(Connection connection, String ensemble, Kind kind)
      throws SQLException {
    String query =
        switch (kind) {
          case ELO_RATING ->
              "select member, rating, observations from router.elo_rating where ensemble = ?";
          case BANDIT_ARM -> "select member, numbers from router.bandit_arm where ensemble = ?";
        };
    var arms = new TreeMap<String, double[]>();
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setString(1, ensemble);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          arms.put(
              rows.getString(1),
              switch (kind) {
                case ELO_RATING -> new double[] {rows.getDouble(2), rows.getLong(3)};
                case BANDIT_ARM -> Floats.doubles(rows.getBytes(2));
              });
        }
      }
    }
    return arms;
  }

  /** Writes the arms of a state. */
  void write(Connection connection, String ensemble, Kind kind, OnlineState state)
      throws SQLException {
    String upsert =
        switch (kind) {
          case ELO_RATING ->
              """
              insert into router.elo_rating (ensemble, member, rating, observations)
              values (?, ?, ?, ?) on conflict (ensemble, member) do update set
                rating = excluded.rating, observations = excluded.observations""";
          case BANDIT_ARM ->
              """
              insert into router.bandit_arm (ensemble, member, numbers)
              values (?, ?, ?) on conflict (ensemble, member) do update set
                numbers = excluded.numbers""";
        };
    try (PreparedStatement statement = connection.prepareStatement(upsert)) {
      for (var arm : state.arms().entrySet()) {
        statement.setString(1, ensemble);
        statement.setString(2, arm.getKey());
        switch (kind) {
          case ELO_RATING -> {
            statement.setDouble(3, arm.getValue()[0]);
            statement.setLong(4, (long) arm.getValue()[1]);
          }
          case BANDIT_ARM -> statement.setBytes(3, Floats.bytes(arm.getValue()));
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Forgets the arms of an ensemble, whatever it learned by. */
  void clear(Connection connection, String ensemble) throws SQLException {
    for (String table : new String[] {"router.elo_rating", "router.bandit_arm"}) {
      try (PreparedStatement delete =
          connection.prepareStatement("delete from %s where ensemble = ?".formatted(table))) {
        delete.setString(1, ensemble);
        delete.executeUpdate();
      }
    }
  }
}
