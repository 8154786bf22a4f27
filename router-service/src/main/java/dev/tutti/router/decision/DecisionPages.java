package dev.tutti.router.decision;

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
import java.util.List;
import java.util.Optional;

/**
 * Decisions as they are kept, newest first, for people. Reads the database, on no request's path.
 */
@ApplicationScoped
public class DecisionPages {

  /** Most of a page. */
  public static final int MOST = 200;

  private static final String SELECT =
      """
      select id, time, ensemble, ensemble_version, method, members, team, prompt_tokens,
        completion_tokens, cost_usd, estimated, key
      from router.decision
      where time >= ? and time < ? and (time, id) < (?, ?)
        and (? = '' or ensemble = ?)%s%s
      order by time desc, id desc limit ?""";

  /** An index finds these; it does not where the query leaves open whether it is about a member. */
  private static final String CALLED = " and members @> array[?::text]";

  private static final String OF_TEAM = " and team = ?";

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
   * @param from the first moment that counts
   * @param to the first that does not any more
   */
  public record Filter(String ensemble, String member, Instant from, Instant to) {}

  /**
   * A decision in brief.
   *
   * @param members who was called; empty too for one that was kept before this was
   * @param team that asked
   * @param key id of the key that it asked with; null without one
   * @param usd US dollars that the request cost
   * @param estimated whether its tokens are
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
      boolean estimated) {}

  /**
   * A page.
   *
   * @param next leads to the next one; empty on the last
   */
  public record Page(List<Brief> decisions, Optional<String> next) {}

  /** Where a page begins: below this decision. */
  private record Cursor(Instant time, String id) {

    static Cursor of(String token) {
      try {
        String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        int space = text.indexOf(' ');
        if (space > 0 && text.indexOf('\0') < 0) {
          return new Cursor(
              Instants.parse(text.substring(0, space)).orElseThrow(), text.substring(space + 1));
        }
      } catch (RuntimeException e) {
        // Told below.
      }
      throw Failure.invalid("after", "after is no page; `next` of the page before names it.");
    }

    String token() {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString((time + " " + id).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * One page of what who asks may see.
   *
   * @param size 1 to {@value #MOST}
   * @param after {@code next} of the page before; null for the first
   * @throws FailureException {@link Failure.InvalidArgument} for a page that is none, {@link
   *     Failure.Unavailable} when the database is away
   */
  public Page read(Filter filter, int size, String after) {
    if (size > MOST) {
      throw Failure.invalid("limit", "limit is %d; it takes 1 to %d.".formatted(size, MOST));
    }
    Cursor below = after == null ? new Cursor(filter.to(), "") : Cursor.of(after);
    String ensemble = names.own(filter.ensemble());
    String member = names.own(filter.member());
    Optional<String> team = Caller.current().onlyTeam();
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(
                SELECT.formatted(
                    member.isEmpty() ? "" : CALLED, team.isPresent() ? OF_TEAM : ""))) {
      int parameter = 0;
      select.setTimestamp(++parameter, Timestamp.from(filter.from()));
      select.setTimestamp(++parameter, Timestamp.from(filter.to()));
      select.setTimestamp(++parameter, Timestamp.from(below.time()));
      select.setString(++parameter, below.id());
      select.setString(++parameter, ensemble);
      select.setString(++parameter, ensemble);
      if (!member.isEmpty()) {
        select.setString(++parameter, member);
      }
      if (team.isPresent()) {
        select.setString(++parameter, team.get());
      }
      select.setInt(++parameter, size + 1);
      var found = new ArrayList<Brief>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(brief(rows));
        }
      }
      if (found.size() <= size) {
        return new Page(found, Optional.empty());
      }
      Brief last = found.get(size - 1);
      return new Page(
          found.subList(0, size), Optional.of(new Cursor(last.time(), last.id()).token()));
    } catch (SQLException e) {
      database.failed(e);
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE", "Decisions cannot be listed: the database is out of reach."),
          e);
    }
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
        row.getBoolean(11));
  }
}
