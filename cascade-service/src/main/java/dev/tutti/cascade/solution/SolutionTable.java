package dev.tutti.cascade.solution;

import dev.tutti.cascade.solution.Solution.Fresh;
import dev.tutti.cascade.solution.Solution.State;
import dev.tutti.learning.database.Floats;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes solutions. Each method is a part of the caller's transaction. Whoever changes a list of
 * accepted ones holds its row until the end, so that changes have their numbers in the order in
 * which they become visible.
 */
final class SolutionTable {

  /** So many that nobody accepted are kept of a shelf; the oldest go. */
  static final int MOST_UNDECIDED = 1_000;

  private final int most;

  /** Keeps so many accepted ones of a shelf; those that were not shown for longest go. */
  SolutionTable(int most) {
    this.most = most;
  }

  /** An accepted one enters the list, in place of those of the same question. */
  void accept(Connection connection, Shelf shelf, Fresh fresh) throws SQLException {
    long change = change(connection, shelf);
    insert(connection, shelf, fresh, State.ACCEPTED, change);
    afterAcceptance(connection, shelf, digest(fresh.scope(), fresh.question()), change);
  }

  /** One waits for its verdict. */
  void await(Connection connection, Shelf shelf, Fresh fresh) throws SQLException {
    insert(connection, shelf, fresh, State.PENDING, 0);
    try (PreparedStatement prune =
        connection.prepareStatement(
            "delete from cascade.solution where id in (select id from cascade.solution where team = ? and ensemble"
                + " = ? and state <> 'accepted' order by created_at desc, id desc offset ?)")) {
      set(prune, shelf);
      prune.setInt(3, MOST_UNDECIDED);
      prune.executeUpdate();
    }
  }

  private static void insert(
      Connection connection, Shelf shelf, Fresh fresh, State state, long change)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into cascade.solution (team, ensemble, digest, question, answer, member, decision,"
                + " embedding, embedder, state, change, scope) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                + " ?, ?)")) {
      set(insert, shelf);
      insert.setBytes(3, digest(fresh.scope(), fresh.question()));
      insert.setString(4, fresh.question());
      insert.setString(5, fresh.answer());
      insert.setString(6, fresh.member());
      insert.setString(7, fresh.decision());
      insert.setBytes(8, Floats.bytes(fresh.embedding()));
      insert.setString(9, fresh.embedder());
      insert.setString(10, text(state));
      insert.setLong(11, change);
      insert.setString(12, fresh.scope());
      insert.executeUpdate();
    }
  }

  /**
   * A verdict of its user's on the answer of a decision. One that came before the verdict that
   * counts changes nothing; of two at the same time the one that is heard later counts.
   *
   * @param good whether it does
   */
  void judge(
      Connection connection,
      String ensemble,
      String decision,
      String member,
      boolean good,
      Instant time)
      throws SQLException {
    record Row(long id, String team, byte[] digest, State state) {}
    var rows = new ArrayList<Row>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, team, digest, state from cascade.solution where ensemble = ? and decision = ? and"
                + " member = ? and (judged_at is null or judged_at < ? or (judged_at = ? and state <>"
                + " ?)) order by id")) {
      select.setString(1, ensemble);
      select.setString(2, decision);
      select.setString(3, member);
      select.setTimestamp(4, Timestamp.from(time));
      select.setTimestamp(5, Timestamp.from(time));
      select.setString(6, text(good ? State.ACCEPTED : State.REJECTED));
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          rows.add(
              new Row(
                  found.getLong(1),
                  found.getString(2),
                  found.getBytes(3),
                  state(found.getString(4))));
        }
      }
    }
    for (Row row : rows) {
      var shelf = new Shelf(row.team(), ensemble);
      boolean listed = row.state() == State.ACCEPTED;
      // Before any of its rows, as everybody does: nobody waits for one who waits.
      long change = change(connection, shelf);
      try (PreparedStatement update =
          connection.prepareStatement(
              "update cascade.solution set state = ?, judged_at = ?, change = ?, used_at = greatest(used_at,"
                  + " ?) where id = ?")) {
        update.setString(1, text(good ? State.ACCEPTED : State.REJECTED));
        update.setTimestamp(2, Timestamp.from(time));
        update.setLong(3, change);
        update.setTimestamp(4, Timestamp.from(time));
        update.setLong(5, row.id());
        update.executeUpdate();
      }
      if (good) {
        afterAcceptance(connection, shelf, row.digest(), change);
      } else if (listed) {
        removed(connection, shelf, 1);
      }
    }
  }

  /** The next change of a list, which is this transaction's from here on. */
  private static long change(Connection connection, Shelf shelf) throws SQLException {
    try (PreparedStatement next =
        connection.prepareStatement(
            "insert into cascade.solution_list as its (team, ensemble, change, removed) values (?, ?, 1, 0)"
                + " on conflict (team, ensemble) do update set change = its.change + 1 returning"
                + " change")) {
      set(next, shelf);
      try (ResultSet row = next.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private void afterAcceptance(Connection connection, Shelf shelf, byte[] digest, long change)
      throws SQLException {
    int gone;
    try (PreparedStatement same =
        connection.prepareStatement(
            "delete from cascade.solution where team = ? and ensemble = ? and digest = ? and state ="
                + " 'accepted' and change <> ?")) {
      set(same, shelf);
      same.setBytes(3, digest);
      same.setLong(4, change);
      gone = same.executeUpdate();
    }
    try (PreparedStatement prune =
        connection.prepareStatement(
            "delete from cascade.solution where id in (select id from cascade.solution where team = ? and ensemble"
                + " = ? and state = 'accepted' order by used_at desc, id desc offset ?)")) {
      set(prune, shelf);
      prune.setInt(3, most);
      gone += prune.executeUpdate();
    }
    removed(connection, shelf, gone);
  }

  private static void removed(Connection connection, Shelf shelf, int count) throws SQLException {
    if (count > 0) {
      try (PreparedStatement update =
          connection.prepareStatement(
              "update cascade.solution_list set removed = removed + ? where team = ? and ensemble = ?")) {
        update.setInt(1, count);
        update.setString(2, shelf.team());
        update.setString(3, shelf.ensemble());
        update.executeUpdate();
      }
    }
  }

  /**
   * Deletes one, or all.
   *
   * @param id empty for all
   * @return how many there were
   */
  int delete(Connection connection, Shelf shelf, Optional<Long> id) throws SQLException {
    change(connection, shelf);
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from cascade.solution where team = ? and ensemble = ?"
                + (id.isPresent() ? " and id = ?" : ""))) {
      set(delete, shelf);
      if (id.isPresent()) {
        delete.setLong(3, id.get());
      }
      int deleted = delete.executeUpdate();
      removed(connection, shelf, deleted);
      return deleted;
    }
  }

  static void set(PreparedStatement statement, Shelf shelf) throws SQLException {
    statement.setString(1, shelf.team());
    statement.setString(2, shelf.ensemble());
  }

  private static String text(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  static State state(String text) {
    return State.valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Of a question; it is another one under other instructions. */
  static byte[] digest(String scope, String question) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      if (!scope.isEmpty()) {
        sha256.update((scope + "\0").getBytes(StandardCharsets.UTF_8));
      }
      return sha256.digest(question.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
