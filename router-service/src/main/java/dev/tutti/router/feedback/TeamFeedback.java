package dev.tutti.router.feedback;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes feedback before its time. What was learned from it is forgotten too: each ensemble that
 * learned from a piece of it learns anew, from what is left. Of the last piece of all, from which
 * positions go on, the place alone stays.
 */
@ApplicationScoped
public class TeamFeedback {

  private static final String ABOUT =
      """
      select f.id from unnest(?) as d (id), router.feedback f
      where f.decision = d.id
        or (f.decision ~>=~ (d.id || '.') and f.decision ~<~ (d.id || '/') and f.team = ?)""";

  private static final String OF_TEAM =
      "select id from router.feedback where team = ? order by id limit ?";

  private static final String DELETE =
      """
      with place as (select max(position) as last from router.feedback),
      gone as (
        delete from router.feedback f using place where f.id = any (?)
          and (f.position is null or f.position < place.last)
        returning f.ensemble, f.position),
      emptied as (
        update router.feedback f
        set key = 'tutti:deleted:' || f.id, content = '', decision = '', ensemble = '', team = '',
          member = '', other = null, source = '', comment = null, pool = '{}', cost_usd = null,
          seconds = null, embedding = null
        from router.feedback before, place
        where f.id = any (?) and before.id = f.id and f.position = place.last
        returning before.ensemble, f.position),
      deleted as (select * from gone union all select * from emptied),
      forgotten as (
        update router.learner l set method = '', basis = ''
        where exists (select from deleted d where d.ensemble = l.ensemble and d.position <= l.position)
        returning ensemble),
      ratings as (
        delete from router.elo_rating where ensemble in (select ensemble from forgotten)),
      arms as (
        delete from router.bandit_arm where ensemble in (select ensemble from forgotten))
      select count(*) from deleted""";

  private final Learners learners;

  TeamFeedback(Learners learners) {
    this.learners = learners;
  }

  /**
   * Deletes what was said about decisions, and about those within them.
   *
   * @param team whose decisions they are: another's may have an id like that of one within
   * @return how much that was
   */
  public int deleteAbout(Connection connection, String team, List<String> decisions)
      throws SQLException {
    // Nobody learns meanwhile.
    Folder.await(connection);
    try (PreparedStatement select = connection.prepareStatement(ABOUT)) {
      select.setArray(1, FeedbackTable.texts(connection, decisions));
      select.setString(2, team);
      return delete(connection, ids(select));
    }
  }

  /**
   * Deletes what was said about a team's decisions, those that are gone already too.
   *
   * @param most at most so much
   * @return how much that was
   */
  public int deleteOf(Connection connection, String team, int most) throws SQLException {
    Folder.await(connection);
    try (PreparedStatement select = connection.prepareStatement(OF_TEAM)) {
      select.setString(1, team);
      select.setInt(2, most);
      return delete(connection, ids(select));
    }
  }

  /** Has learned what is left. */
  public void learnAnew() {
    learners.wake();
  }

  private static List<Long> ids(PreparedStatement select) throws SQLException {
    var ids = new ArrayList<Long>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }

  private static int delete(Connection connection, List<Long> ids) throws SQLException {
    if (ids.isEmpty()) {
      return 0;
    }
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      delete.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
      delete.setArray(2, connection.createArrayOf("bigint", ids.toArray()));
      try (ResultSet rows = delete.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }
}
