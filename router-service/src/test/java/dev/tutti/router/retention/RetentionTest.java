package dev.tutti.router.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.Retention;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.OldArtifacts;
import dev.tutti.learning.database.Database;
import dev.tutti.router.access.Caller;
import dev.tutti.router.decision.OldDecisions;
import dev.tutti.router.decision.SpendReport;
import dev.tutti.router.decision.SpendReport.By;
import dev.tutti.router.testing.Neighbourhood;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes is from 1999, so that nobody else misses it. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class RetentionTest {

  private static final Instant NOW = Instant.parse("2000-06-01T00:00:00Z");
  private static final Instant FROM = Instant.parse("1999-01-01T00:00:00Z");

  @Inject AgroalDataSource database;
  @Inject Database migrated;
  @Inject SpendReport spend;
  @Inject Artifacts artifacts;
  @Inject OldArtifacts oldArtifacts;

  @BeforeEach
  void clear() throws SQLException {
    migrated.connect().close();
    execute("delete from router.decision where time < '2000-06-01'");
    execute("delete from router.feedback where ensemble = 'past'");
    execute("delete from router.spend");
    execute("delete from router.key_spend");
  }

  @AfterEach
  void forgetVersions() throws SQLException {
    execute("delete from router.artifact_change where name = 'past'");
    execute("delete from router.artifact where name = 'past'");
  }

  private long sweep(Supplier<Retention.Sweep> sweep) throws Exception {
    return new Retention(
            database::getConnection,
            "router",
            List.of(new Retention.Rule("things", Optional.of(Duration.ofDays(90)), sweep)),
            new SimpleMeterRegistry())
        .sweep(NOW);
  }

  /** 1,300 decisions, one a minute; something was said about every one of the first 600. */
  @Test
  void decisionsGoUnlessSomethingWasSaidAndWhatTheyCostStays() throws Exception {
    execute(
        """
        insert into router.decision (id, time, ensemble, ensemble_version, method, document, team,
          key, prompt_tokens, completion_tokens, cost_usd, estimated)
        select 'past-' || n, timestamptz '1999-12-31T12:00:00Z' + n * interval '1 minute',
          case when n % 3 = 0 then 'past' else 'bygone' end, 1, 'knn', '',
          case when n % 2 = 0 then 'none' else 'search' end, case n % 4 when 1 then 'k1' when 3 then 'k' || n % 5 end, n, 1,
          n * 0.000000000001, n % 10 = 0
        from generate_series(1, 1300) n;
        insert into router.decision (id, time, ensemble, ensemble_version, method, document)
        values ('young', '2000-05-01', 'past', 1, 'knn', '');
        insert into router.feedback (key, content, decision, ensemble, ensemble_version, method, team,
          kind, member, score, source, pool)
        select 'past-' || n, '', 'past-' || n, 'past', 1, 'none',
          case when n % 2 = 0 then 'none' else 'search' end, 'rating', 'a', 1, 'person', '{}'
        from generate_series(1, 600) n""");
    List<List<SpendReport.Line>> before = reports();
    assertEquals(700, sweep(OldDecisions::new));
    assertEquals(before, reports());
    assertEquals(601, count("select count(*) from router.decision where time < '2000-06-01'"));
    assertTrue(count("select count(*) from router.spend") < 100);
    assertTrue(count("select count(*) from router.key_spend") > 0);
    // What was said goes, and then the decision.
    execute("delete from router.feedback where ensemble = 'past'");
    assertEquals(600, sweep(OldDecisions::new));
    assertEquals(0, sweep(OldDecisions::new));
    assertEquals(before, reports());
    assertEquals(1, count("select count(*) from router.decision where time < '2000-06-01'"));
  }

  @Test
  void aDecisionStaysAboutAPartOfWhichSomethingWasSaid() throws Exception {
    execute(
        """
        insert into router.decision (id, time, ensemble, ensemble_version, method, document)
        select id, '1999-12-31', 'past', 1, 'knn', '' from unnest(array['past-1', 'past-10', 'past']) id;
        insert into router.feedback (key, content, decision, ensemble, ensemble_version, method, kind,
          member, score, source, pool)
        values ('past', '', 'past-1.2.1', 'past', 1, 'none', 'rating', 'a', 1, 'person', '{}')""");
    assertEquals(2, sweep(OldDecisions::new));
    assertEquals(1, count("select count(*) from router.decision where id = 'past-1'"));
    execute("delete from router.feedback where ensemble = 'past'");
    assertEquals(1, sweep(OldDecisions::new));
  }

  private List<List<SpendReport.Line>> reports() throws Exception {
    return Caller.PLATFORM.call(
        () -> Stream.of(By.values()).map(by -> spend.report(FROM, NOW, by)).toList());
  }

  @Test
  void versionsGoThatNobodyNeeds() throws Exception {
    execute(
        """
        insert into router.artifact (name, version, method, document, provenance, metrics, held_out,
          created_at, created_by)
        select 'past', n, 'knn', '', '{}', '{}', '', timestamptz '1999-01-01' + n * interval '1 day', 'ada'
        from generate_series(1, 12) n""");
    change("ACTIVATE", 1);
    change("ACTIVATE", 2);
    change("ACTIVATE", 3);
    change("SHADOW", 4);
    change("ACTIVATE", 5);
    change("ROLL_BACK", 3);
    execute(
        """
        insert into router.job (id, kind, author, parameters, state, unit, not_before)
        values ('past', 'evaluate', 'ada', '{}', 'QUEUED', 'decision', 'infinity')""");
    assertEquals(0, sweep(() -> oldArtifacts), "an evaluation may need any");
    execute("delete from router.job where id = 'past'");
    assertEquals(8, sweep(() -> oldArtifacts));
    // Before the active one, the active one, the one in shadow, the newest.
    assertEquals(
        List.of(12, 4, 3, 2),
        artifacts.find("past").versions().stream().map(v -> v.version()).toList());
    assertEquals(6, artifacts.find("past").changes().size());
    artifacts.rollBack("past", "ada");
    var e = assertThrows(FailureException.class, () -> artifacts.rollBack("past", "ada"));
    assertTrue(e.failure() instanceof Failure.NotFound, e.failure().toString());
    assertFalse(artifacts.find("past").versions().isEmpty());
  }

  private void change(String action, int version) throws SQLException {
    execute(
        "insert into router.artifact_change (name, action, version, author) values ('past', '%s', %d, 'ada')"
            .formatted(action, version));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long count(String query) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
