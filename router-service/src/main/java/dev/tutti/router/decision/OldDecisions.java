package dev.tutti.router.decision;

import dev.tutti.kit.job.Retention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A pass over decisions that were kept long enough. Those about which something was said, or about
 * one within ({@link Nested}), stay as long as that: evaluations need both. What the others used
 * and cost is added to {@code router.spend}, and {@code router.key_spend}, in the transaction that
 * deletes them.
 */
public final class OldDecisions implements Retention.Sweep {

  private static final int LOOKED_AT = 500;

  private static final String OLDEST =
      """
      select time, id from router.decision
      where time < ? and (time, id) > (?, ?) order by time, id limit ?""";

  /**
   * After a dot comes a slash: what lies between begins with the id and a dot. It is one within
   * where its team is the same, which is asked as a range: two teams that are equal the planner
   * would join by hashing all that they have.
   */
  private static final String DELETE =
      """
      with gone as (
        delete from router.decision d where d.id = any (?)
          and not exists (select from router.feedback f where f.decision = d.id)
          and not exists (select from router.feedback f
            where f.decision ~>=~ (d.id || '.') and f.decision ~<~ (d.id || '/')
              and f.team between d.team and d.team)
        returning time, ensemble, team, key, estimated, prompt_tokens, completion_tokens, cost_usd),
      added as (
        insert into router.spend as s (hour, ensemble, team, requests, estimated, prompt_tokens,
          completion_tokens, cost_usd)
        select date_trunc('hour', time, 'UTC'), ensemble, team, count(*),
          count(*) filter (where estimated), sum(prompt_tokens), sum(completion_tokens),
          sum(cost_usd)
        from gone group by 1, 2, 3
        on conflict (hour, ensemble, team) do update set %1$s),
      added_to_keys as (
        insert into router.key_spend as s (hour, ensemble, team, key, requests, estimated,
          prompt_tokens, completion_tokens, cost_usd)
        select date_trunc('hour', time, 'UTC'), ensemble, team, key, count(*),
          count(*) filter (where estimated), sum(prompt_tokens), sum(completion_tokens),
          sum(cost_usd)
        from gone where key is not null group by 1, 2, 3, 4
        on conflict (hour, ensemble, team, key) do update set %1$s)
      select count(*) from gone"""
          .formatted(
              """
              requests = s.requests + excluded.requests,
              estimated = s.estimated + excluded.estimated,
              prompt_tokens = s.prompt_tokens + excluded.prompt_tokens,
              completion_tokens = s.completion_tokens + excluded.completion_tokens,
              cost_usd = s.cost_usd + excluded.cost_usd""");

  private Timestamp lastTime = Timestamp.from(Instant.EPOCH);
  private String lastId = "";

  @Override
  public Retention.Step next(Connection connection, Instant before) throws SQLException {
    List<String> ids = oldest(connection, before);
    return new Retention.Step(ids.isEmpty() ? 0 : delete(connection, ids), ids.size() == LOOKED_AT);
  }

  private List<String> oldest(Connection connection, Instant before) throws SQLException {
    var ids = new ArrayList<String>();
    try (PreparedStatement select = connection.prepareStatement(OLDEST)) {
      select.setTimestamp(1, Timestamp.from(before));
      select.setTimestamp(2, lastTime);
      select.setString(3, lastId);
      select.setInt(4, LOOKED_AT);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          lastTime = rows.getTimestamp(1);
          lastId = rows.getString(2);
          ids.add(lastId);
        }
      }
    }
    return ids;
  }

  /** Deletes those of them of which nothing was said; what they used and cost is added up. */
  static int delete(Connection connection, List<String> ids) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      delete.setArray(1, connection.createArrayOf("text", ids.toArray()));
      try (ResultSet rows = delete.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }
}
