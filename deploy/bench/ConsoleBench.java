import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Fills the databases of a running Tutti for {@code deploy/bench/console}, which explains what
 * with: {@code ConsoleBench DECISIONS}. Where PostgreSQL is, TUTTI_POSTGRES_URL tells.
 */
public final class ConsoleBench {

  private ConsoleBench() {}

  public static void main(String[] args) throws SQLException {
    long decisions = Long.parseLong(args[0]);
    long start = System.nanoTime();
    try (Connection database = DriverManager.getConnection(System.getenv("TUTTI_POSTGRES_URL"));
        Statement statement = database.createStatement()) {
      // As the sample that was registered first, under other names.
      statement.execute(
          """
          create temp table sample as
            select * from registry.entry where kind = 'MODEL' order by name limit 1""");
      for (String table : new String[] {"entry", "entry_version"}) {
        boolean versions = table.equals("entry_version");
        statement.execute(
            """
            insert into registry.%s (name, kind, version%s, document)
            select 'bench/model-' || n, kind, 1%s,
              jsonb_set(jsonb_set(jsonb_set(document, '{name}', to_jsonb('bench/model-' || n)),
                '{version}', '1'), '{aliases}', '[]')
            from sample, generate_series(1, 5000) n"""
                .formatted(
                    table, versions ? "" : ", lifecycle", versions ? "" : ", lifecycle"));
      }
      statement.execute("update registry.registry_revision set revision = revision + 1");
      statement.execute(
          """
          insert into registry.audit_log
            (revision, at, author, action, kind, name, version_before, version_after, trace_id)
          select 1, now() - n * interval '1 minute', case when n % 10 = 0 then 'bench' else 'ada' end,
            'CREATE', 'model', 'bench/model-' || (n % 5000 + 1), null, 1, md5(n::text)
          from generate_series(1, 10000) n""");
      // One every three seconds back from now; whoever is called as `gone` was so long ago.
      statement.execute(
          """
          create temp table real as
            select row_number() over (order by time) - 1 as place, count(*) over () as places, d.*
            from router.decision d""");
      statement.execute(
          """
          insert into router.decision (id, time, ensemble, ensemble_version, method, document, team,
            prompt_tokens, completion_tokens, cost_usd, estimated, members, key, failed)
          select 'bench-' || n, now() - n * interval '3 seconds', 'bench-' || (n %% 200), 1, method,
            document, 'team-' || (n %% 5), 20, 8, n %% 1000 * 0.000001, false,
            members || case when n > %1$d * 9 / 10 then array['gone'] else array[]::text[] end
              || case when n %% 5003 = 0 then array['seldom'] else array[]::text[] end,
            'key-' || (n %% 50),
            case when n %% 100 = 0 then 'request' when n %% 100 in (31, 62, 93) then 'member' end
          from generate_series(1, %1$d) n join real on real.place = n %% real.places"""
              .formatted(decisions));
      statement.execute(
          """
          insert into router.feedback (key, content, time, decision, ensemble, ensemble_version, method,
            kind, member, score, source, pool, team, position)
          select 'bench-' || n, '', now(), 'bench-' || n * 20, 'bench-' || (n * 20 % 200), 1, 'none',
            'rating', 'bench', 0.5, 'person', array['bench'], 'team-0', -n
          from generate_series(1, 20000) n""");
      // As they are summed up while they are kept; five minutes stay for two days.
      statement.execute(
          """
          insert into router.activity (seconds, start, ensemble, requests, failures, prompt_tokens,
            completion_tokens, cost_usd, compared, compared_usd, dearest_usd, latency)
          select seconds, date_bin(seconds * interval '1 second', time, timestamptz 'epoch'), name,
            count(*), count(*) filter (where failed = 'request'), sum(prompt_tokens),
            sum(completion_tokens), sum(cost_usd), count(*), sum(cost_usd), 2 * sum(cost_usd),
            array_fill(0::bigint, array[35]) || count(*)
          from router.decision, unnest(array[300, 3600, 21600, 86400]) as seconds,
            lateral (values (''), (ensemble)) as names (name)
          where id like 'bench-%' and (seconds > 300 or time > now() - interval '2 days')
          group by 1, 2, 3
          on conflict (seconds, ensemble, start) do nothing""");
      // 200 boards of 20 members, and one of all, over a year.
      statement.execute(
          """
          create temp table board as
            select case when e = 0 then '' else 'bench-' || e - 1 end as ensemble, 'member-' || m as member
            from generate_series(0, 200) e, generate_series(1, 20) m;
          insert into router.standing_board (ensemble, domain)
          select distinct ensemble, '' from board on conflict do nothing;
          insert into router.standing (ensemble, domain, member, rating, variance, pieces, ratings,
            quality, day)
          select ensemble, '', member, 1000, 2800, 900, 900, 450, now() from board;
          insert into router.standing_day (ensemble, domain, member, day, rating, variance)
          select ensemble, '', member, now() - d * interval '1 day', 1000 + d % 37, 2800
          from board, generate_series(0, 365) d;
          insert into router.feedback_day (ensemble, day, kind, pieces)
          select distinct ensemble, (now() - d * interval '1 day')::date, 'rating', 55
          from board, generate_series(0, 365) d on conflict do nothing""");
      for (String table : new String[] {"activity", "standing", "standing_day", "feedback_day"}) {
        statement.execute("vacuum analyze router." + table);
      }
      statement.execute("vacuum analyze router.decision");
      statement.execute("vacuum analyze router.feedback");
      statement.execute("analyze registry.entry");
      statement.execute("analyze registry.audit_log");
      try (ResultSet row =
          statement.executeQuery(
              """
              select pg_size_pretty(pg_table_size('router.decision')),
                pg_size_pretty(pg_indexes_size('router.decision')),
                (select count(*) from router.decision),
                to_char(min(time) at time zone 'UTC' + interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
              from router.decision""")) {
        row.next();
        System.out.printf(
            "filled in %d s: %,d decisions, table %s, indexes %s%n",
            (System.nanoTime() - start) / 1_000_000_000L,
            row.getLong(3),
            row.getString(1),
            row.getString(2));
        System.out.println("a time far down: " + row.getString(4));
      }
    }
  }
}
