package dev.tutti.cascade.study;

import dev.tutti.cascade.method.student.Example;
import dev.tutti.cascade.method.student.NeuralCache.Totals;
import dev.tutti.cascade.method.student.Observation;
import dev.tutti.learning.database.Floats;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Observations in the database. Each method is a part of the caller's transaction. */
final class ObservationTable {

  /** So many desks of an ensemble are kept; those that were not learned at for longest go. */
  static final int MOST_DESKS = 32;

  /** Days after which a desk goes at which nothing was learned. */
  private static final int UNUSED_DAYS = 90;

  private static final String GONE =
      ", gone as (delete from cascade.observation its using old where its.team = old.team and"
          + " its.ensemble = old.ensemble and its.basis = old.basis) delete from"
          + " cascade.observation_list its using old where its.team = old.team and its.ensemble ="
          + " old.ensemble and its.basis = old.basis";

  /**
   * How far a list is.
   *
   * @param steps observations so far
   * @param gone what is counted of the first ones that are no longer kept
   * @param epoch another one: it was begun anew
   */
  record Place(long steps, Totals gone, long epoch) {}

  /** Observations from a position on; the first is the one after it, where there is any. */
  record Part(long first, List<Observation> observations) {}

  /**
   * Appends one.
   *
   * @return its position
   */
  long append(Connection connection, Desk desk, Observation observation) throws SQLException {
    long position;
    try (PreparedStatement next =
        connection.prepareStatement(
            "insert into cascade.observation_list as its (team, ensemble, basis, steps, gone_steps,"
                + " gone_asked, epoch) values (?, ?, ?, 1, 0, 0, extract(epoch from"
                + " clock_timestamp()) * 1000000) on conflict (team, ensemble, basis) do update set"
                + " steps = its.steps + 1, used_at = clock_timestamp() returning steps")) {
      set(next, desk);
      try (ResultSet row = next.executeQuery()) {
        row.next();
        position = row.getLong(1);
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into cascade.observation (team, ensemble, basis, position, need, embedding,"
                + " answer, asked, share) values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      set(insert, desk);
      insert.setLong(4, position);
      insert.setDouble(5, observation.need());
      insert.setBytes(
          6, observation.example().map(its -> Floats.bytes(its.embedding())).orElse(null));
      insert.setString(7, observation.example().map(Example::answer).orElse(null));
      insert.setBoolean(8, observation.asked());
      insert.setInt(9, observation.share());
      insert.executeUpdate();
    }
    return position;
  }

  /**
   * Deletes desks of this one's ensemble beyond {@value #MOST_DESKS}, and those at which nobody
   * learned for long; not at which somebody learns at this moment, for whom nobody waits.
   */
  void bound(Connection connection, Desk desk) throws SQLException {
    String old =
        "with old as (select team, ensemble, basis from cascade.observation_list where team = ? and"
            + " ensemble = ? and basis <> ? order by used_at desc, basis offset ? for update skip"
            + " locked)";
    try (PreparedStatement most = connection.prepareStatement(old + GONE);
        PreparedStatement unused =
            connection.prepareStatement(
                "with old as (select team, ensemble, basis from cascade.observation_list where"
                    + " used_at < now() - make_interval(days => ?) for update skip locked)"
                    + GONE)) {
      set(most, desk);
      most.setInt(4, MOST_DESKS - 1);
      most.executeUpdate();
      unused.setInt(1, UNUSED_DAYS);
      unused.executeUpdate();
    }
  }

  /** Deletes the first ones, so that so many answers stay with all that came after them. */
  void trim(Connection connection, Desk desk, int answers) throws SQLException {
    try (PreparedStatement trim =
        connection.prepareStatement(
            "with cut as (select position from cascade.observation where team = ? and ensemble = ?"
                + " and basis = ? and answer is not null order by position desc offset ? limit 1),"
                + " gone as (delete from cascade.observation where team = ? and ensemble = ? and"
                + " basis = ? and position <= (select position from cut) returning asked, share)"
                + " update cascade.observation_list set gone_steps = gone_steps + (select count(*)"
                + " from gone), gone_asked = gone_asked + (select count(*) from gone where asked),"
                + " gone_share = gone_share + (select coalesce(sum(share), 0) from gone) where team"
                + " = ? and ensemble = ? and basis = ?")) {
      set(trim, desk);
      trim.setInt(4, answers);
      for (int i = 0; i < 2; i++) {
        trim.setString(5 + 3 * i, desk.team());
        trim.setString(6 + 3 * i, desk.ensemble());
        trim.setString(7 + 3 * i, desk.basis());
      }
      trim.executeUpdate();
    }
  }

  Optional<Place> place(Connection connection, Desk desk) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select steps, gone_steps, gone_asked, gone_share, epoch from"
                + " cascade.observation_list where team = ? and ensemble = ? and basis = ?")) {
      set(select, desk);
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Place(
                    row.getLong(1),
                    new Totals(row.getLong(2), row.getLong(3), row.getLong(4)),
                    row.getLong(5)))
            : Optional.empty();
      }
    }
  }

  Part after(Connection connection, Desk desk, long position, long upTo) throws SQLException {
    var observations = new ArrayList<Observation>();
    long first = 0;
    try (PreparedStatement select =
        connection.prepareStatement(
            "select position, need, embedding, answer, asked, share from cascade.observation where"
                + " team = ? and ensemble = ? and basis = ? and position > ? and position <= ?"
                + " order by position")) {
      set(select, desk);
      select.setLong(4, position);
      select.setLong(5, upTo);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          first = observations.isEmpty() ? row.getLong(1) : first;
          String answer = row.getString(4);
          byte[] embedding = row.getBytes(3);
          observations.add(
              new Observation(
                  row.getDouble(2),
                  row.getBoolean(5),
                  row.getInt(6),
                  answer == null
                      ? Optional.empty()
                      : Optional.of(new Example(Floats.floats(embedding), answer))));
        }
      }
    }
    return new Part(first, observations);
  }

  /**
   * Forgets all that was learned from, of all students of an ensemble.
   *
   * @return how many observations there were
   */
  int forget(Connection connection, String team, String ensemble) throws SQLException {
    try (PreparedStatement anew =
            connection.prepareStatement(
                "update cascade.observation_list set steps = 0, gone_steps = 0, gone_asked = 0,"
                    + " gone_share = 0, epoch = epoch + 1 where team = ? and ensemble = ?");
        PreparedStatement delete =
            connection.prepareStatement(
                "delete from cascade.observation where team = ? and ensemble = ?")) {
      for (PreparedStatement each : List.of(anew, delete)) {
        each.setString(1, team);
        each.setString(2, ensemble);
      }
      anew.executeUpdate();
      return delete.executeUpdate();
    }
  }

  /** Ensembles whose students learned from what a team asked. */
  Set<String> ensembles(Connection connection, String team) throws SQLException {
    var ensembles = new HashSet<String>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select distinct ensemble from cascade.observation_list where team = ?")) {
      select.setString(1, team);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          ensembles.add(row.getString(1));
        }
      }
    }
    return ensembles;
  }

  private static void set(PreparedStatement statement, Desk desk) throws SQLException {
    statement.setString(1, desk.team());
    statement.setString(2, desk.ensemble());
    statement.setString(3, desk.basis());
  }
}
