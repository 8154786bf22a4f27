package dev.tutti.router.activity;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How members compare by feedback, kept in the tables {@code router.standing} and those beside it:
 * by ensemble and domain, and over all. Each piece goes in once, in the order of learning; whoever
 * folds has the lock of learning, and the transaction.
 */
@ApplicationScoped
public class StandingTable {

  /** Domains of an ensemble that are told apart; what comes later counts in the whole alone. */
  static final int MOST_DOMAINS = 50;

  private static final String ALL = "";

  private static final String READ =
      """
      select position, case when ensemble_version > 0 then ensemble else '' end, coalesce(domain, ''), kind, member, coalesce(other, ''), score,
        (time at time zone 'UTC')::date
      from router.feedback where position > ? order by position limit ?""";

  private static final String KEEP =
      """
      insert into router.standing (ensemble, domain, member, rating, variance, pieces, ratings,
        quality, day)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (ensemble, domain, member) do update set rating = excluded.rating,
        variance = excluded.variance, pieces = excluded.pieces, ratings = excluded.ratings,
        quality = excluded.quality, day = excluded.day""";

  private static final String KEEP_DAY =
      """
      insert into router.standing_day (ensemble, domain, member, day, rating, variance)
      values (?, ?, ?, ?, ?, ?)
      on conflict (ensemble, domain, member, day) do update set rating = excluded.rating,
        variance = excluded.variance""";

  private static final String COUNT =
      """
      insert into router.feedback_day as d (ensemble, day, kind, pieces) values (?, ?, ?, ?)
      on conflict (ensemble, day, kind) do update set pieces = d.pieces + excluded.pieces""";

  /**
   * A piece of feedback.
   *
   * @param ensemble empty for a recipe that was sent, whose name is whatever its sender wrote
   */
  private record Said(
      long position,
      String ensemble,
      String domain,
      String kind,
      String member,
      String other,
      double score,
      LocalDate day) {

    boolean isComparison() {
      return kind.equals("comparison");
    }

    boolean isFailure() {
      return kind.equals("failed");
    }

    /** Not where all but the place was deleted, or where somebody is compared with itself. */
    boolean counts() {
      return !member.isEmpty() && !member.equals(other);
    }
  }

  private record Board(String ensemble, String domain) {}

  private record Key(Board board, String member) {}

  private record Day(Key key, LocalDate day) {}

  private record Volume(String ensemble, LocalDate day, String kind) {}

  private record Standing(
      EloRating rating, long pieces, long ratings, double quality, LocalDate day) {

    static final Standing NEW = new Standing(EloRating.NEW, 0, 0, 0, LocalDate.MIN);

    /** Days do not go back: pieces that come at the same time may have changed places. */
    Standing after(EloRating moved, Said said) {
      boolean rated = !said.isComparison();
      return new Standing(
          moved,
          pieces + 1,
          ratings + (rated ? 1 : 0),
          quality + (rated ? said.score() : 0),
          said.day().isAfter(day) ? said.day() : day);
    }
  }

  /**
   * Takes in what was said since.
   *
   * @param most pieces
   * @return whether there may be more
   */
  public boolean fold(Connection connection, int most) throws SQLException {
    List<Said> said = read(connection, progress(connection), most);
    if (said.isEmpty()) {
      return false;
    }
    Set<Board> boards = boards(connection, said);
    var known = new HashSet<>(boards);
    Map<Key, Standing> standings = standings(connection, said);
    var moved = new LinkedHashSet<Key>();
    var days = new HashMap<Day, EloRating>();
    var volumes = new HashMap<Volume, Long>();
    for (Said its : said) {
      for (Board board : its.counts() ? boards(its, boards) : List.<Board>of()) {
        if (board.domain().isEmpty()) {
          volumes.merge(new Volume(board.ensemble(), its.day(), its.kind()), 1L, Long::sum);
        }
        if (!its.isFailure()) {
          for (Map.Entry<Key, Standing> entry : moved(board, its, standings).entrySet()) {
            standings.put(entry.getKey(), entry.getValue());
            moved.add(entry.getKey());
            days.put(new Day(entry.getKey(), entry.getValue().day()), entry.getValue().rating());
          }
        }
      }
    }
    boards.removeAll(known);
    write(connection, boards, moved, standings, days, volumes);
    progress(connection, said.getLast().position());
    return said.size() == most;
  }

  private static Map<Key, Standing> moved(Board board, Said its, Map<Key, Standing> standings) {
    var first = new Key(board, its.member());
    Standing one = standings.getOrDefault(first, Standing.NEW);
    if (!its.isComparison()) {
      return Map.of(first, one.after(one.rating().compared(EloRating.PAR, its.score()), its));
    }
    var second = new Key(board, its.other());
    Standing two = standings.getOrDefault(second, Standing.NEW);
    return Map.of(
        first,
        one.after(one.rating().compared(two.rating(), its.score()), its),
        second,
        two.after(two.rating().compared(one.rating(), 1 - its.score()), its));
  }

  /** Where a piece counts. A domain that would be one too many is none. */
  private static List<Board> boards(Said its, Set<Board> boards) {
    var counted = new ArrayList<Board>();
    for (String ensemble : its.ensemble().isEmpty() ? List.of(ALL) : List.of(ALL, its.ensemble())) {
      for (String domain : its.domain().isEmpty() ? List.of(ALL) : List.of(ALL, its.domain())) {
        var board = new Board(ensemble, domain);
        if (boards.contains(board)
            || domain.isEmpty()
            || boards.stream().filter(b -> b.ensemble().equals(ensemble)).count() <= MOST_DOMAINS) {
          boards.add(board);
          counted.add(board);
        }
      }
    }
    return counted;
  }

  private static long progress(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("select position from router.standing_progress")) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  private static void progress(Connection connection, long position) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            """
            insert into router.standing_progress (position) values (?)
            on conflict (id) do update set position = excluded.position""")) {
      update.setLong(1, position);
      update.executeUpdate();
    }
  }

  private static List<Said> read(Connection connection, long after, int most) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(READ)) {
      select.setLong(1, after);
      select.setInt(2, most);
      var said = new ArrayList<Said>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          said.add(
              new Said(
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getString(6),
                  rows.getDouble(7),
                  rows.getObject(8, LocalDate.class)));
        }
      }
      return said;
    }
  }

  private static Set<String> ensembles(List<Said> said) {
    var ensembles = new TreeSet<>(Set.of(ALL));
    said.forEach(its -> ensembles.add(its.ensemble()));
    return ensembles;
  }

  private static Set<Board> boards(Connection connection, List<Said> said) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select ensemble, domain from router.standing_board where ensemble = any (?)")) {
      select.setArray(1, connection.createArrayOf("text", ensembles(said).toArray()));
      var boards = new HashSet<Board>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          boards.add(new Board(rows.getString(1), rows.getString(2)));
        }
      }
      return boards;
    }
  }

  /** How those stand about whom something is said. */
  private static Map<Key, Standing> standings(Connection connection, List<Said> said)
      throws SQLException {
    var members = new TreeSet<String>();
    said.forEach(its -> members.addAll(List.of(its.member(), its.other())));
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            select ensemble, domain, member, rating, variance, pieces, ratings, quality, day
            from router.standing where ensemble = any (?) and member = any (?)""")) {
      select.setArray(1, connection.createArrayOf("text", ensembles(said).toArray()));
      select.setArray(2, connection.createArrayOf("text", members.toArray()));
      var standings = new HashMap<Key, Standing>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          standings.put(
              new Key(new Board(rows.getString(1), rows.getString(2)), rows.getString(3)),
              new Standing(
                  new EloRating(rows.getDouble(4), rows.getDouble(5)),
                  rows.getLong(6),
                  rows.getLong(7),
                  rows.getDouble(8),
                  rows.getObject(9, LocalDate.class)));
        }
      }
      return standings;
    }
  }

  private static void write(
      Connection connection,
      Collection<Board> fresh,
      Collection<Key> moved,
      Map<Key, Standing> standings,
      Map<Day, EloRating> days,
      Map<Volume, Long> volumes)
      throws SQLException {
    try (PreparedStatement add =
            connection.prepareStatement(
                "insert into router.standing_board (ensemble, domain) values (?, ?)");
        PreparedStatement keep = connection.prepareStatement(KEEP);
        PreparedStatement keepDay = connection.prepareStatement(KEEP_DAY);
        PreparedStatement count = connection.prepareStatement(COUNT)) {
      for (Board board : fresh) {
        add(add, board.ensemble(), board.domain());
      }
      for (Key key : moved) {
        Standing its = standings.get(key);
        add(
            keep,
            key.board().ensemble(),
            key.board().domain(),
            key.member(),
            its.rating().points(),
            its.rating().variance(),
            its.pieces(),
            its.ratings(),
            its.quality(),
            its.day());
      }
      for (Map.Entry<Day, EloRating> entry : days.entrySet()) {
        Key key = entry.getKey().key();
        add(
            keepDay,
            key.board().ensemble(),
            key.board().domain(),
            key.member(),
            entry.getKey().day(),
            entry.getValue().points(),
            entry.getValue().variance());
      }
      for (Map.Entry<Volume, Long> entry : volumes.entrySet()) {
        Volume its = entry.getKey();
        add(count, its.ensemble(), its.day(), its.kind(), entry.getValue());
      }
      for (PreparedStatement each : List.of(add, keep, keepDay, count)) {
        each.executeBatch();
      }
    }
  }

  private static void add(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    statement.addBatch();
  }
}
