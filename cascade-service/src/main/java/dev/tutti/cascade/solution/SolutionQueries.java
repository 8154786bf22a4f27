package dev.tutti.cascade.solution;

import dev.tutti.learning.database.Floats;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads solutions; of one shelf alone, whatever is asked for. */
final class SolutionQueries {

  private static final String COLUMNS =
      "id, question, answer, member, decision, state, created_at, used_at";

  /** How far a list is. */
  record Place(long change, long removed) {

    static final Place EMPTY = new Place(0, 0);
  }

  /** A row of a list, for its index. */
  record Entry(long id, float[] embedding) {}

  /** How far a list is. */
  Place place(Connection connection, Shelf shelf) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select change, removed from cascade.solution_list where team = ? and ensemble = ?")) {
      SolutionTable.set(select, shelf);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? new Place(row.getLong(1), row.getLong(2)) : Place.EMPTY;
      }
    }
  }

  /** What entered a list after a change, up to another, by what embedded it. */
  List<Entry> entries(
      Connection connection, Shelf shelf, String scope, String embedder, long after, long upTo)
      throws SQLException {
    var entries = new ArrayList<Entry>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, embedding from cascade.solution where team = ? and ensemble = ? and embedder = ?"
                + " and scope = ? and state = 'accepted' and change > ? and change <= ?")) {
      SolutionTable.set(select, shelf);
      select.setString(3, embedder);
      select.setString(4, scope);
      select.setLong(5, after);
      select.setLong(6, upTo);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          entries.add(new Entry(row.getLong(1), Floats.floats(row.getBytes(2))));
        }
      }
    }
    return entries;
  }

  /** Numbers of all that are in a list. */
  Set<Long> listed(Connection connection, Shelf shelf, String scope) throws SQLException {
    var ids = new HashSet<Long>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id from cascade.solution where team = ? and ensemble = ? and scope = ? and state ="
                + " 'accepted'")) {
      SolutionTable.set(select, shelf);
      select.setString(3, scope);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          ids.add(row.getLong(1));
        }
      }
    }
    return ids;
  }

  /** One that is shown now; empty where it has left the list. */
  Optional<Solution> show(Connection connection, Shelf shelf, long id) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update cascade.solution set used_at = now() where team = ? and ensemble = ? and id = ? and"
                + " state = 'accepted' returning "
                + COLUMNS)) {
      SolutionTable.set(update, shelf);
      update.setLong(3, id);
      try (ResultSet row = update.executeQuery()) {
        return row.next() ? Optional.of(solution(row)) : Optional.empty();
      }
    }
  }

  /** Whose answers to this very question were rejected. */
  Set<String> rejected(Connection connection, Shelf shelf, byte[] digest) throws SQLException {
    var members = new HashSet<String>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select distinct member from cascade.solution where team = ? and ensemble = ? and digest = ?"
                + " and state = 'rejected'")) {
      SolutionTable.set(select, shelf);
      select.setBytes(3, digest);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          members.add(row.getString(1));
        }
      }
    }
    return members;
  }

  /** A part of what is kept of a shelf, the newest first. */
  List<Solution> list(Connection connection, Shelf shelf, long before, int count)
      throws SQLException {
    var solutions = new ArrayList<Solution>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select "
                + COLUMNS
                + " from cascade.solution where team = ? and ensemble = ? and id < ? order by id desc limit"
                + " ?")) {
      SolutionTable.set(select, shelf);
      select.setLong(3, before);
      select.setInt(4, count);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          solutions.add(solution(row));
        }
      }
    }
    return solutions;
  }

  /** Ensembles of which something may still be judged: what is not older than that. */
  Set<String> judgeable(Connection connection, Duration age) throws SQLException {
    var ensembles = new HashSet<String>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select distinct ensemble from cascade.solution where created_at > now() - make_interval(secs"
                + " => ?)")) {
      select.setDouble(1, age.toSeconds());
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          ensembles.add(row.getString(1));
        }
      }
    }
    return ensembles;
  }

  /** Ensembles of which something is kept of a team. */
  Set<String> ensembles(Connection connection, String team) throws SQLException {
    var ensembles = new HashSet<String>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select distinct ensemble from cascade.solution where team = ?")) {
      select.setString(1, team);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          ensembles.add(row.getString(1));
        }
      }
    }
    return ensembles;
  }

  /** What is kept of a team's decisions, with its ensemble. */
  Map<Long, String> ofDecisions(Connection connection, String team, Collection<String> decisions)
      throws SQLException {
    var found = new TreeMap<Long, String>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, ensemble from cascade.solution where team = ? and decision = any(?)")) {
      select.setString(1, team);
      select.setArray(2, connection.createArrayOf("text", decisions.toArray()));
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.put(row.getLong(1), row.getString(2));
        }
      }
    }
    return found;
  }

  /** Those of some decisions of an ensemble of which answers are kept. */
  Set<String> decisions(Connection connection, String ensemble, Collection<String> decisions)
      throws SQLException {
    var kept = new HashSet<String>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select distinct decision from cascade.solution where ensemble = ? and decision = any(?)")) {
      select.setString(1, ensemble);
      select.setArray(2, connection.createArrayOf("text", decisions.toArray()));
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          kept.add(row.getString(1));
        }
      }
    }
    return kept;
  }

  private static Solution solution(ResultSet row) throws SQLException {
    return new Solution(
        row.getLong("id"),
        row.getString("question"),
        row.getString("answer"),
        row.getString("member"),
        row.getString("decision"),
        SolutionTable.state(row.getString("state")),
        row.getTimestamp("created_at").toInstant(),
        row.getTimestamp("used_at").toInstant());
  }
}
