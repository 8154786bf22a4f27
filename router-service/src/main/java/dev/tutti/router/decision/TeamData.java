package dev.tutti.router.decision;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.access.EndUser;
import dev.tutti.router.feedback.TeamFeedback;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Deletes what is kept of a team's requests: decisions, and feedback on them. What they used and
 * cost stays, summed up. Blocks.
 */
@ApplicationScoped
public class TeamData {

  private static final int AT_ONCE = 500;
  private static final int MOST_TOLD = 10_000;

  private static final String OF_TEAM =
      "select id from router.decision where team = ? order by time, id limit ?";

  private static final String OF_USER =
      "select id from router.decision d join router.decision_user u on u.decision = d.id"
          + " where d.team = ? and u.digest = ? order by d.time, d.id limit ?";

  private static final String OF_REQUESTS =
      "select id from router.decision d join router.decision_user u on u.decision = d.id"
          + " where d.team = ? and u.digest = ? and d.id = any (?) order by d.time, d.id limit ?";

  private final Database database;
  private final DecisionLog log;
  private final TeamFeedback feedback;

  TeamData(Database database, DecisionLog log, TeamFeedback feedback) {
    this.database = database;
    this.log = log;
    this.feedback = feedback;
  }

  /**
   * What was deleted.
   *
   * @param decisions how many
   * @param feedback how many pieces
   * @param ids of the decisions, where one user's were deleted
   */
  public record Deleted(int decisions, int feedback, List<String> ids) {}

  /** Whose. */
  private record Whose(String team, byte[] digest, Set<String> requests) {}

  /**
   * Tells the decisions that were made for a user, the oldest {@value #MOST_TOLD} of them: what
   * other services have of them is found by these ids alone, so that they are asked first.
   *
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  public List<String> requests(String team, String user) {
    var whose = new Whose(team, EndUser.digest(team, user), Set.of());
    log.forget(team, whose.digest());
    try {
      return database.within(connection -> some(connection, whose, MOST_TOLD));
    } catch (SQLException e) {
      throw away(e);
    }
  }

  /**
   * Deletes it.
   *
   * @param team its name; {@link dev.tutti.router.access.Caller#NO_TEAM} for those without a key
   * @param user only what was asked for this one; empty for all
   * @param requests only these of the user's; empty for all
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away: asked again,
   *     the rest is deleted
   */
  public Deleted delete(String team, String user, Set<String> requests) {
    byte[] digest = user.isEmpty() ? null : EndUser.digest(team, user);
    var whose = new Whose(team, digest, requests);
    log.forget(team, digest);
    int decisions = 0;
    int said = 0;
    var ids = new ArrayList<String>();
    try {
      note(team, digest);
      List<String> some;
      do {
        some = new ArrayList<>();
        int[] deleted = step(whose, some);
        decisions += deleted[0];
        said += deleted[1];
        if (digest != null) {
          ids.addAll(some);
        }
      } while (some.size() == AT_ONCE);
      if (digest == null) {
        int more;
        do {
          more = database.within(connection -> feedback.deleteOf(connection, team, AT_ONCE));
          said += more;
        } while (more == AT_ONCE);
      }
    } catch (SQLException e) {
      throw away(e);
    }
    if (said > 0) {
      feedback.learnAnew();
    }
    return new Deleted(decisions, said, List.copyOf(ids));
  }

  private FailureException away(SQLException e) {
    database.failed(e);
    return new FailureException(
        new Failure.Unavailable("DATABASE_UNREACHABLE", "The database is out of reach."), e);
  }

  /**
   * So that every replica forgets what it has in memory. They look at what is beyond the last
   * number, so that numbers have to be there in their order: one at a time.
   */
  private void note(String team, byte[] digest) throws SQLException {
    database.within(
        connection -> {
          try (PreparedStatement lock =
                  connection.prepareStatement(
                      "select pg_advisory_xact_lock(hashtextextended('tutti team deletion', 0))");
              PreparedStatement old =
                  connection.prepareStatement(
                      "delete from router.team_deletion where at < now() - interval '1 day'");
              PreparedStatement insert =
                  connection.prepareStatement(
                      "insert into router.team_deletion (team, digest) values (?, ?)")) {
            lock.execute();
            old.executeUpdate();
            insert.setString(1, team);
            insert.setBytes(2, digest);
            return insert.executeUpdate();
          }
        });
  }

  private int[] step(Whose whose, List<String> ids) throws SQLException {
    return database.within(
        connection -> {
          ids.addAll(some(connection, whose, AT_ONCE));
          if (ids.isEmpty()) {
            return new int[2];
          }
          int said = feedback.deleteAbout(connection, whose.team(), ids);
          return new int[] {OldDecisions.delete(connection, ids), said};
        });
  }

  private static List<String> some(Connection connection, Whose whose, int most)
      throws SQLException {
    boolean isTeam = whose.digest() == null;
    boolean isUser = whose.requests().isEmpty();
    try (PreparedStatement select =
        connection.prepareStatement(isTeam ? OF_TEAM : isUser ? OF_USER : OF_REQUESTS)) {
      int place = 1;
      select.setString(place++, whose.team());
      if (!isTeam) {
        select.setBytes(place++, whose.digest());
        if (!isUser) {
          select.setArray(place++, connection.createArrayOf("text", whose.requests().toArray()));
        }
      }
      select.setInt(place, most);
      var ids = new ArrayList<String>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getString(1));
        }
      }
      return ids;
    }
  }
}
