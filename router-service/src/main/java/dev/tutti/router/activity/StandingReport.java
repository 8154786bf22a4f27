package dev.tutti.router.activity;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How members compare, as {@link StandingTable} keeps it. Every method works on the caller's
 * connection.
 */
@ApplicationScoped
public class StandingReport {

  /** Most members of a board. */
  public static final int MOST_MEMBERS = 100;

  private static final int MOST_BOARDS = 1_000;

  private static final String MEMBERS =
      """
      select member, rating, variance, pieces, ratings, quality, count(*) over ()
      from router.standing where ensemble = ? and domain = ?
      order by rating desc, member limit ?""";

  /** The last one before the first day stands at its beginning. */
  private static final String HISTORY =
      """
      select m.member, greatest(d.day, a.day), d.rating, d.variance
      from (select ? as ensemble, ? as domain, ?::date as day) as a
      cross join unnest(?) as m (member)
      cross join lateral (
        select coalesce(max(b.day), a.day) as day from router.standing_day b
        where b.ensemble = a.ensemble and b.domain = a.domain and b.member = m.member
          and b.day <= a.day) as first
      join router.standing_day d on d.ensemble = a.ensemble and d.domain = a.domain
        and d.member = m.member and d.day >= first.day
      order by m.member, d.day""";

  private static final String VOLUME =
      """
      select day, sum(pieces) filter (where kind in ('rating', 'correct')),
        sum(pieces) filter (where kind = 'comparison'), sum(pieces) filter (where kind = 'failed')
      from router.feedback_day where ensemble = ? and day >= ? group by day order by day""";

  /**
   * A rating with its 95 % interval.
   *
   * @param points of it
   * @param low 1.96 standard errors less
   * @param high 1.96 standard errors more
   */
  public record Rated(double points, double low, double high) {

    static Rated of(EloRating its) {
      double half = Wilson.Z * Math.sqrt(its.variance());
      return new Rated(its.points(), its.points() - half, its.points() + half);
    }
  }

  /** How somebody stood at the end of a day. */
  public record At(LocalDate day, Rated rating) {}

  /**
   * How somebody stands.
   *
   * @param pieces that went in
   * @param quality empty where its answers were only compared
   * @param history oldest first
   */
  public record Member(
      String name, Rated rating, long pieces, Optional<Wilson> quality, List<At> history) {}

  /** Who stands, highest first, and how many there are. */
  public record Board(List<Member> members, int count) {}

  /** How much was said on a day. */
  public record Volume(LocalDate day, long ratings, long comparisons, long failures) {}

  /** What something was said about, by name. */
  public List<String> ensembles(Connection connection) throws SQLException {
    return texts(
        connection,
        "select ensemble from router.standing_board where domain = '' and ensemble <> ? order by 1 limit %d"
            .formatted(MOST_BOARDS),
        "");
  }

  /** The domains that feedback on it told, by name; of all feedback where it is empty. */
  public List<String> domains(Connection connection, String ensemble) throws SQLException {
    return texts(
        connection,
        "select domain from router.standing_board where domain <> '' and ensemble = ? order by 1",
        ensemble);
  }

  private static List<String> texts(Connection connection, String query, String value)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setString(1, value);
      var texts = new ArrayList<String>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
      }
      return texts;
    }
  }

  /**
   * Who stands how.
   *
   * @param from first day of the history
   */
  public Board board(Connection connection, String ensemble, String domain, LocalDate from)
      throws SQLException {
    var members = new LinkedHashMap<String, Member>();
    int count = 0;
    try (PreparedStatement select = connection.prepareStatement(MEMBERS)) {
      select.setString(1, ensemble);
      select.setString(2, domain);
      select.setInt(3, MOST_MEMBERS);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          count = rows.getInt(7);
          members.put(
              rows.getString(1),
              new Member(
                  rows.getString(1),
                  Rated.of(new EloRating(rows.getDouble(2), rows.getDouble(3))),
                  rows.getLong(4),
                  quality(rows.getLong(5), rows.getDouble(6)),
                  new ArrayList<>()));
        }
      }
    }
    try (PreparedStatement select = connection.prepareStatement(HISTORY)) {
      select.setString(1, ensemble);
      select.setString(2, domain);
      select.setObject(3, from);
      select.setArray(4, connection.createArrayOf("text", members.keySet().toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          members
              .get(rows.getString(1))
              .history()
              .add(
                  new At(
                      rows.getObject(2, LocalDate.class),
                      Rated.of(new EloRating(rows.getDouble(3), rows.getDouble(4)))));
        }
      }
    }
    return new Board(List.copyOf(members.values()), count);
  }

  /** How good the answers of each member of some ensembles were said to be, by ensemble. */
  public Map<String, Map<String, Wilson>> qualities(
      Connection connection, Collection<String> ensembles) throws SQLException {
    var qualities = new HashMap<String, Map<String, Wilson>>();
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            select ensemble, member, ratings, quality from router.standing
            where ensemble = any (?) and domain = '' and ratings > 0""")) {
      select.setArray(1, connection.createArrayOf("text", ensembles.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          qualities
              .computeIfAbsent(rows.getString(1), _ -> new HashMap<>())
              .put(rows.getString(2), Wilson.of(rows.getLong(3), rows.getDouble(4)));
        }
      }
    }
    return qualities;
  }

  /** How much was said about an ensemble, from a day on; about all where it is empty. */
  public List<Volume> volume(Connection connection, String ensemble, LocalDate from)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(VOLUME)) {
      select.setString(1, ensemble);
      select.setObject(2, from);
      var volume = new ArrayList<Volume>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          volume.add(
              new Volume(
                  rows.getObject(1, LocalDate.class),
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getLong(4)));
        }
      }
      return volume;
    }
  }

  private static Optional<Wilson> quality(long ratings, double sum) {
    return ratings == 0 ? Optional.empty() : Optional.of(Wilson.of(ratings, sum));
  }
}
