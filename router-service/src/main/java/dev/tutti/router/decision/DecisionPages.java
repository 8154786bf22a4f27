package dev.tutti.router.decision;

import static java.util.stream.Collectors.joining;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.access.Caller;
import dev.tutti.router.database.Instants;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGStatement;

/**
 * Decisions as they are kept, newest first, for people. Reads the database, on no request's path.
 */
@ApplicationScoped
public class DecisionPages {

  private static final String COLUMNS =
      """
      select id, time, ensemble, ensemble_version, method, members, team, prompt_tokens,
        completion_tokens, cost_usd, estimated, key, failed
      from\s""";
  private static final String OF_TIME =
      "router.decision where time >= ? and time < ? and (time, id) < (?, ?)%s";
  private static final String NEWEST = " order by time desc, id desc limit ";
  private static final String CALLED = " members @> array[?::text]";

  private static final String ALL = COLUMNS + OF_TIME + NEWEST + "?";

  /**
   * Of one team, say, and of no other: the same as with "=", for which the database may choose to
   * go through the newest of all until it has enough, as if each team's were spread evenly over
   * time. Only the index that begins with these columns has this order.
   */
  private static final String INDEXED =
      COLUMNS
          + "router.decision where time >= ? and time < ?"
          + " and (%1$s, time, id) < (%2$s, ?, ?) and (%1$s) >= (%2$s)"
          + " order by %3$s, time desc, id desc limit ?";

  /** Columns that an index of their own begins with together, as one of them does alone. */
  private static final List<String> TOGETHER = List.of("ensemble", "team");

  /**
   * Of somebody who was called, the newest of all are looked through first; an index finds all of
   * these, in no order, which would take longest where there are most.
   */
  private static final String CALLED_LATELY =
      COLUMNS
          + "(select * from "
          + OF_TIME
          + NEWEST
          + "20000) as newest where"
          + CALLED
          + NEWEST
          + "?";

  /** No index has this order: going through the newest of all is no choice. */
  private static final String CALLED_EVER =
      COLUMNS
          + OF_TIME
          + " and"
          + CALLED
          + " order by time + interval '0 seconds' desc, id desc limit ?";

  private final Database database;
  private final KnownNames names;

  DecisionPages(Database database, KnownNames names) {
    this.database = database;
    this.names = names;
  }

  /**
   * Which decisions.
   *
   * @param ensemble that decided, or a model that was asked by itself, or an alias; empty for all
   * @param member that was called, or an alias of it; empty for all
   * @param team that asked; empty for all
   * @param key id of the key that was asked with; empty for all
   * @param failed only where that failed; empty for all
   * @param from the first moment that counts
   * @param to the first that does not any more
   */
  public record Filter(
      String ensemble,
      String member,
      String team,
      String key,
      Optional<Failed> failed,
      Instant from,
      Instant to) {}

  /**
   * A decision in brief.
   *
   * @param members who was called; empty too for one that was kept before this was
   * @param team that asked
   * @param key id of the key that it asked with; null without one
   * @param usd US dollars that the request cost
   * @param estimated whether its tokens are
   * @param failed what did; empty where nothing did, and for one that was kept before this was
   */
  public record Brief(
      String id,
      Instant time,
      String ensemble,
      long ensembleVersion,
      String method,
      List<String> members,
      String team,
      String key,
      long promptTokens,
      long completionTokens,
      BigDecimal usd,
      boolean estimated,
      Optional<Failed> failed) {}

  /**
   * A page.
   *
   * @param next where the next one begins; empty on the last
   */
  public record Page(List<Brief> decisions, Optional<Place> next) {}

  /** Where a page begins: below this decision. */
  public record Place(Instant time, String id) {

    /** The place that a page named; empty where the text is none. */
    public static Optional<Place> of(String token) {
      try {
        String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        int space = text.indexOf(' ');
        return space > 0 && text.indexOf('\0') < 0
            ? Instants.parse(text.substring(0, space))
                .map(time -> new Place(time, text.substring(space + 1)))
            : Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }

    /** It as a page names it. */
    public String token() {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString((time + " " + id).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * What a column must be. Each is in the query only where it is asked for: an index does not find
   * what a query leaves open.
   */
  private record Condition(String column, String value) {}

  /**
   * One page of what who asks may see.
   *
   * @param size at least 1
   * @param after {@code next} of the page before; empty for the first
   * @throws FailureException {@link Failure.InvalidArgument} for a text that is none, {@link
   *     Failure.Unavailable} when the database is away
   */
  public Page read(Filter filter, int size, Optional<Place> after) {
    List<Condition> conditions = conditions(filter);
    String member = names.own(text("member", filter.member()));
    Place below = after.orElse(new Place(filter.to(), ""));
    try (Connection connection = database.connect()) {
      List<Brief> found =
          isIndexed(conditions) && member.isEmpty()
              ? indexed(connection, conditions, filter, below, size + 1)
              : ofAll(connection, conditions, member, filter, below, size + 1);
      if (found.size() <= size) {
        return new Page(found, Optional.empty());
      }
      Brief last = found.get(size - 1);
      return new Page(found.subList(0, size), Optional.of(new Place(last.time(), last.id())));
    } catch (SQLException e) {
      database.failed(e);
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE", "Decisions cannot be listed: the database is out of reach."),
          e);
    }
  }

  private static boolean isIndexed(List<Condition> conditions) {
    return conditions.size() == 1
        || conditions.stream().map(Condition::column).toList().equals(TOGETHER);
  }

  private static List<Brief> indexed(
      Connection connection, List<Condition> conditions, Filter filter, Place below, int most)
      throws SQLException {
    List<String> columns = conditions.stream().map(Condition::column).toList();
    List<String> values = conditions.stream().map(Condition::value).toList();
    var parameters =
        new ArrayList<Object>(List.of(Timestamp.from(filter.from()), Timestamp.from(filter.to())));
    parameters.addAll(values);
    parameters.add(Timestamp.from(below.time()));
    parameters.add(below.id());
    parameters.addAll(values);
    parameters.add(most);
    return select(
        connection,
        INDEXED.formatted(
            String.join(", ", columns),
            String.join(", ", Collections.nCopies(columns.size(), "?")),
            String.join(" desc, ", columns) + " desc"),
        parameters);
  }

  private static List<Brief> ofAll(
      Connection connection,
      List<Condition> conditions,
      String member,
      Filter filter,
      Place below,
      int most)
      throws SQLException {
    String others =
        conditions.stream().map(c -> " and %s = ?".formatted(c.column())).collect(joining());
    var parameters =
        new ArrayList<Object>(
            List.<Object>of(
                Timestamp.from(filter.from()),
                Timestamp.from(filter.to()),
                Timestamp.from(below.time()),
                below.id()));
    conditions.forEach(c -> parameters.add(c.value()));
    if (member.isEmpty()) {
      parameters.add(most);
      return select(connection, ALL.formatted(others), parameters);
    }
    parameters.add(member);
    parameters.add(most);
    List<Brief> lately = select(connection, CALLED_LATELY.formatted(others), parameters);
    return lately.size() == most
        ? lately
        : select(connection, CALLED_EVER.formatted(others), parameters);
  }

  private static List<Brief> select(Connection connection, String query, List<Object> parameters)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(query)) {
      // Planned each time: a plan for whatever is asked takes any span of time for a short one.
      select.unwrap(PGStatement.class).setPrepareThreshold(0);
      for (int i = 0; i < parameters.size(); i++) {
        select.setObject(i + 1, parameters.get(i));
      }
      var found = new ArrayList<Brief>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(brief(rows));
        }
      }
      return found;
    }
  }

  private List<Condition> conditions(Filter filter) {
    var conditions = new ArrayList<Condition>();
    add(conditions, "ensemble", names.own(text("ensemble", filter.ensemble())));
    add(conditions, "team", text("team", filter.team()));
    add(conditions, "key", text("key", filter.key()));
    add(conditions, "failed", filter.failed().map(Failed::word).orElse(""));
    add(conditions, "team", Caller.current().onlyTeam().orElse(""));
    return conditions.stream().distinct().toList();
  }

  private static void add(List<Condition> conditions, String column, String value) {
    if (!value.isEmpty()) {
      conditions.add(new Condition(column, value));
    }
  }

  /** PostgreSQL takes no U+0000, and would refuse the query. */
  private static String text(String field, String value) {
    if (value.indexOf(0) >= 0) {
      throw Failure.invalid(field, field + " holds U+0000, which is no text.");
    }
    return value;
  }

  private static Brief brief(ResultSet row) throws SQLException {
    Array members = row.getArray(6);
    return new Brief(
        row.getString(1),
        row.getTimestamp(2).toInstant(),
        row.getString(3),
        row.getLong(4),
        row.getString(5),
        members == null ? List.of() : Arrays.asList((String[]) members.getArray()),
        row.getString(7),
        row.getString(12),
        row.getLong(8),
        row.getLong(9),
        row.getBigDecimal(10).stripTrailingZeros(),
        row.getBoolean(11),
        Optional.ofNullable(row.getString(13)).flatMap(Failed::of));
  }
}
