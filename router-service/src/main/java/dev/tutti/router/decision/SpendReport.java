package dev.tutti.router.decision;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.router.access.Caller;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Sums over what calls cost. Reads the database, on no request's path. */
@ApplicationScoped
public class SpendReport {

  /** Most lines of a report. */
  public static final int MOST = 1_000;

  private final AgroalDataSource database;

  SpendReport(AgroalDataSource database) {
    this.database = database;
  }

  /** What the lines of a report are. */
  public enum By {
    /** A model or an ensemble a line. */
    ENSEMBLE("ensemble"),
    /** A team a line. */
    TEAM("team"),
    /** A key a line, by its id; "" without one. */
    KEY("key"),
    /** A day of UTC a line. */
    DAY("to_char(time at time zone 'UTC', 'YYYY-MM-DD')");

    private final String expression;

    By(String expression) {
      this.expression = expression;
    }
  }

  /**
   * One line.
   *
   * @param key what it is about
   * @param requests that were answered or failed half way
   * @param estimated of these, those whose tokens were estimated
   * @param promptTokens tokens read
   * @param completionTokens tokens written
   * @param usd US dollars, exact
   */
  public record Line(
      String key,
      long requests,
      long estimated,
      long promptTokens,
      long completionTokens,
      BigDecimal usd) {}

  /**
   * A report on what who asks may see, dearest first, at most {@value #MOST} lines. Of decisions
   * that are deleted, those of an hour count at its beginning.
   *
   * @param from the first moment that counts
   * @param to the first that does not any more
   * @throws FailureException ({@link Failure.Unavailable}) when the database is away
   */
  public List<Line> report(Instant from, Instant to, By by) {
    // One of a few constants; values are parameters.
    String query =
        """
        select %s as key, sum(requests)::bigint, sum(estimated)::bigint,
          least(sum(prompt_tokens), 9223372036854775807),
          least(sum(completion_tokens), 9223372036854775807), sum(cost_usd)
        from (
          select ensemble, team, coalesce(key, '') as key, time, 1 as requests, estimated::int as estimated, prompt_tokens,
            completion_tokens, cost_usd
          from router.decision
          union all
          select ensemble, team, '', hour, requests, estimated, prompt_tokens, completion_tokens,
            cost_usd
          from router.spend
          union all
          select ensemble, team, key, hour, requests, estimated, prompt_tokens, completion_tokens,
            cost_usd
          from router.key_spend
          union all
          select ensemble, team, '', hour, -requests, -estimated, -prompt_tokens,
            -completion_tokens, -cost_usd
          from router.key_spend) as line
        where time >= ? and time < ? and (? = '' or team = ?)
        group by 1 having sum(requests) > 0 order by 6 desc, 1 limit %d"""
            .formatted(by.expression, MOST);
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(query)) {
      select.setTimestamp(1, Timestamp.from(from));
      select.setTimestamp(2, Timestamp.from(to));
      String team = Caller.current().onlyTeam().orElse("");
      select.setString(3, team);
      select.setString(4, team);
      try (ResultSet rows = select.executeQuery()) {
        var lines = new ArrayList<Line>();
        while (rows.next()) {
          lines.add(
              new Line(
                  rows.getString(1),
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getLong(4),
                  rows.getLong(5),
                  rows.getBigDecimal(6).stripTrailingZeros()));
        }
        return lines;
      }
    } catch (SQLException e) {
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE",
              "What was spent cannot be told: the database is out of reach."),
          e);
    }
  }
}
