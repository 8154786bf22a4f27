package dev.tutti.kit.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetentionTest {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  private static EmbeddedPostgres server;

  private final DataSource database = server.getPostgresDatabase();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Jobs jobs = new Jobs(database, "unit", List.of());

  @BeforeAll
  static void startServer() throws IOException {
    server = EmbeddedPostgres.builder().start();
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void makeTables() throws SQLException, IOException {
    try (InputStream sql = Jobs.class.getResourceAsStream("/db/migration/R__job.sql")) {
      execute(
          "drop schema if exists unit cascade; create schema unit; set search_path = unit; "
              + new String(sql.readAllBytes(), StandardCharsets.UTF_8));
    }
    // 45 that ended 40 days ago, one that ended 20 days ago, one that runs since.
    execute(
        """
        insert into unit.job (id, kind, author, parameters, state, unit, created_at, ended_at)
        select 'old' || n, 'k', 'a', '{}', 'SUCCEEDED', 'u', '2026-10-20', '2026-10-20'
        from generate_series(1, 45) n;
        insert into unit.job (id, kind, author, parameters, state, unit, created_at, ended_at) values
          ('young', 'k', 'a', '{}', 'FAILED', 'u', '2026-10-20', '2026-11-09'),
          ('runs', 'k', 'a', '{}', 'RUNNING', 'u', '2026-10-20', null)""");
  }

  private Retention retention(Optional<Duration> kept) {
    return new Retention(
        database::getConnection,
        "unit",
        List.of(new Retention.Rule("jobs", kept, jobs::old)),
        meters);
  }

  @Test
  void whatEndedLongAgoGoesAndWhatRunsStays() throws Exception {
    assertEquals(0, retention(Optional.empty()).sweep(NOW));
    assertEquals(45, retention(Optional.of(Duration.ofDays(30))).sweep(NOW));
    assertEquals(
        45, meters.get("tutti.unit.retention.deleted").tag("what", "jobs").counter().count());
    assertEquals(0, retention(Optional.of(Duration.ofDays(30))).sweep(NOW));
    try (Connection connection = database.getConnection();
        var select = connection.createStatement();
        var rows = select.executeQuery("select string_agg(id, ' ' order by id) from unit.job")) {
      rows.next();
      assertEquals("runs young", rows.getString(1));
    }
  }

  @Test
  void whatFailsIsSaidOnceAndKeepsNothingElse() throws Exception {
    Optional<Duration> kept = Optional.of(Duration.ofDays(30));
    var retention =
        new Retention(
            database::getConnection,
            "unit",
            List.of(
                new Retention.Rule(
                    "refused", kept, () -> (connection, _) -> none(connection, "no.table")),
                new Retention.Rule(
                    "faulty",
                    kept,
                    () ->
                        (_, _) -> {
                          throw new IllegalStateException("A fault");
                        }),
                new Retention.Rule("jobs", kept, jobs::old)),
            meters);
    var said = new ArrayList<String>();
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
              said.add(record.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(Retention.class.getName());
    log.addHandler(handler);
    try {
      assertEquals(45, retention.sweep(NOW));
      assertEquals(0, retention.sweep(NOW));
    } finally {
      log.removeHandler(handler);
    }
    assertEquals(2, said.size(), said.toString());
    for (String what : List.of("refused", "faulty")) {
      assertEquals(
          2, meters.get("tutti.unit.retention.failures").tag("what", what).counter().count());
    }
    assertEquals(
        0, meters.get("tutti.unit.retention.failures").tag("what", "jobs").counter().count());
  }

  private static Retention.Step none(Connection connection, String table) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("delete from " + table);
    }
    return new Retention.Step(0, false);
  }

  @Test
  void oneReplicaAtATime() throws Exception {
    Retention retention = retention(Optional.of(Duration.ofDays(30)));
    try (Connection other = database.getConnection();
        var lock = other.createStatement()) {
      lock.execute("select pg_advisory_lock(hashtextextended('tutti retention unit', 0))");
      assertEquals(0, retention.sweep(NOW));
      // A server gives the locks of a closed connection back some time later.
      lock.execute("select pg_advisory_unlock_all()");
    }
    assertEquals(45, retention.sweep(NOW));
    assertEquals(0, retention.sweep(NOW), "the lock was given back");
  }

  @Test
  void lessThanAnHourIsRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> retention(Optional.of(Duration.ofMinutes(1))));
    assertTrue(e.getMessage().contains("jobs is PT1M"), e.getMessage());
  }

  @Test
  void sizesAreTold() throws Exception {
    var sizes = new TableSizes(database::getConnection, "unit", meters);
    // What was inserted may be told to the server's statistics after they were taken anew.
    double rows = 0;
    for (int i = 0; i < 200 && rows != 47; i++) {
      TimeUnit.MILLISECONDS.sleep(i == 0 ? 0 : 100);
      execute("analyze unit.job");
      sizes.look();
      rows = meters.get("tutti.unit.table.rows").tag("table", "job").gauge().value();
    }
    assertEquals(47, rows);
    assertTrue(meters.get("tutti.unit.table.bytes").tag("table", "job").gauge().value() >= 8_192);
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
