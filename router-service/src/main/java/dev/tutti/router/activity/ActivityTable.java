package dev.tutti.router.activity;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The table {@code router.activity}. Every method works on the caller's connection and leaves the
 * transaction to it.
 */
@ApplicationScoped
public class ActivityTable {

  /** Under which all requests together are counted: no name is empty. */
  static final String ALL = "";

  private static final String ADD =
      """
      insert into router.activity as a (seconds, start, ensemble, requests, failures,
        prompt_tokens, completion_tokens, cost_usd, compared, compared_usd, dearest_usd, latency)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (seconds, ensemble, start) do update set
        requests = a.requests + excluded.requests,
        failures = a.failures + excluded.failures,
        prompt_tokens = a.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = a.completion_tokens + excluded.completion_tokens,
        cost_usd = a.cost_usd + excluded.cost_usd,
        compared = a.compared + excluded.compared,
        compared_usd = a.compared_usd + excluded.compared_usd,
        dearest_usd = a.dearest_usd + excluded.dearest_usd,
        latency = (select array_agg(coalesce(x, 0) + coalesce(y, 0) order by place)
          from unnest(a.latency, excluded.latency) with ordinality as both_of (x, y, place))""";

  private static final String COLUMNS =
      """
      requests, failures, prompt_tokens, completion_tokens, cost_usd, compared, compared_usd,
        dearest_usd, latency""";

  private static final String OF_ONE =
      """
      select %s, start from router.activity
      where seconds = ? and ensemble = ? and start >= ? and start < ?"""
          .formatted(COLUMNS);

  private static final String NAMES =
      """
      select ensemble, count(*) over () from router.activity
      where seconds = ? and start >= ? and start < ? and ensemble <> ''
      group by ensemble order by sum(requests) desc, ensemble limit ?""";

  private static final String OF_SEVERAL =
      """
      select %s, ensemble from router.activity
      where seconds = ? and start >= ? and start < ? and ensemble = any (?)"""
          .formatted(COLUMNS);

  /** What is counted together. */
  private record Place(Step step, String name, Instant start) {

    /** Whoever writes rows of several places takes them in this order: nobody waits in a circle. */
    static final Comparator<Place> ORDER =
        Comparator.comparing(Place::step).thenComparing(Place::name).thenComparing(Place::start);

    static Stream<Place> of(Request request) {
      return Stream.of(Step.values())
          .flatMap(
              step ->
                  Stream.of(ALL, request.ending().name())
                      .map(name -> new Place(step, name, step.start(request.time()))));
    }
  }

  /**
   * The names under which most was asked.
   *
   * @param names most requests first
   * @param count of all
   */
  record Names(List<String> names, int count) {}

  /**
   * Counts requests. To be called last in a transaction: until its end nobody else counts at the
   * same time.
   */
  public void add(Connection connection, Collection<Request> requests) throws SQLException {
    var places = new TreeMap<Place, Counts>(Place.ORDER);
    for (Request request : requests) {
      Counts its = Counts.of(request);
      Place.of(request).forEach(place -> places.merge(place, its, Counts::and));
    }
    try (PreparedStatement add = connection.prepareStatement(ADD)) {
      for (Map.Entry<Place, Counts> entry : places.entrySet()) {
        Place place = entry.getKey();
        Counts its = entry.getValue();
        add.setInt(1, place.step().seconds());
        add.setTimestamp(2, Timestamp.from(place.start()));
        add.setString(3, place.name());
        add.setLong(4, its.requests());
        add.setLong(5, its.failures());
        add.setBigDecimal(6, its.promptTokens());
        add.setBigDecimal(7, its.completionTokens());
        add.setBigDecimal(8, its.usd());
        add.setLong(9, its.compared());
        add.setBigDecimal(10, its.comparedUsd());
        add.setBigDecimal(11, its.dearestUsd());
        add.setArray(
            12, connection.createArrayOf("bigint", Arrays.stream(its.latency()).boxed().toArray()));
        add.addBatch();
      }
      add.executeBatch();
    }
  }

  /** What was asked under a name from one step on, up to another, by their first moments. */
  Map<Instant, Counts> read(Connection connection, Step step, String name, Instant from, Instant to)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(OF_ONE)) {
      select.setInt(1, step.seconds());
      select.setString(2, name);
      select.setTimestamp(3, Timestamp.from(from));
      select.setTimestamp(4, Timestamp.from(to));
      var found = new HashMap<Instant, Counts>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(rows.getTimestamp(10).toInstant(), counts(rows));
        }
      }
      return found;
    }
  }

  /** Under which names something was asked. */
  Names names(Connection connection, Step step, Instant from, Instant to, int most)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(NAMES)) {
      select.setInt(1, step.seconds());
      select.setTimestamp(2, Timestamp.from(from));
      select.setTimestamp(3, Timestamp.from(to));
      select.setInt(4, most);
      var names = new ArrayList<String>();
      int count = 0;
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
          count = rows.getInt(2);
        }
      }
      return new Names(names, count);
    }
  }

  /** What was asked under some names, in their order. */
  Map<String, Counts> read(
      Connection connection, Step step, List<String> names, Instant from, Instant to)
      throws SQLException {
    var found = new LinkedHashMap<String, Counts>();
    names.forEach(name -> found.put(name, Counts.NONE));
    try (PreparedStatement select = connection.prepareStatement(OF_SEVERAL)) {
      select.setInt(1, step.seconds());
      select.setTimestamp(2, Timestamp.from(from));
      select.setTimestamp(3, Timestamp.from(to));
      select.setArray(4, connection.createArrayOf("text", names.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.merge(rows.getString(10), counts(rows), Counts::and);
        }
      }
    }
    return found;
  }

  private static Counts counts(ResultSet row) throws SQLException {
    Long[] latency = (Long[]) row.getArray(9).getArray();
    return new Counts(
        row.getLong(1),
        row.getLong(2),
        row.getBigDecimal(3),
        row.getBigDecimal(4),
        row.getBigDecimal(5),
        row.getLong(6),
        row.getBigDecimal(7),
        row.getBigDecimal(8),
        Arrays.stream(latency).mapToLong(Long::longValue).toArray());
  }
}
