package dev.tutti.router.activity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.job.Retention;
import dev.tutti.learning.database.Database;
import dev.tutti.router.testing.Neighbourhood;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted is of 1999, so that nobody else counts with it. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class ActivityTest {

  private static final Instant NOW = Instant.parse("1999-06-30T12:34:56Z");

  @Inject Database database;
  @Inject ActivityTable table;
  @Inject ActivityReport report;

  @BeforeEach
  void forget() throws SQLException {
    try (Connection connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute("delete from router.activity where start < '2000-01-01'");
    }
  }

  private void add(Request... requests) throws SQLException {
    database.within(
        connection -> {
          table.add(connection, List.of(requests));
          return null;
        });
  }

  private static Request request(
      String time, String name, boolean failed, double seconds, String usd, double dearest) {
    return new Request(
        Instant.parse(time),
        10,
        3,
        new BigDecimal(usd),
        new Ending(
            name,
            failed,
            seconds,
            dearest < 0 ? OptionalDouble.empty() : OptionalDouble.of(dearest)));
  }

  @Test
  void eachRequestCountsInItsStepAndUnderItsName() throws SQLException {
    add(
        request("1999-06-30T12:30:00Z", "a", false, 1, "0.10", 0.40),
        request("1999-06-30T12:29:59.999Z", "a", true, 8, "0.05", -1));
    // Counted a second time they add up.
    add(request("1999-06-30T12:34:59Z", "b", false, 1, "0.01", 0.01));
    ActivityReport.Report hour = report.report(Step.FIVE_MINUTES, "", NOW);
    assertEquals(Instant.parse("1999-06-30T11:35:00Z"), hour.from());
    assertEquals(Instant.parse("1999-06-30T12:35:00Z"), hour.to());
    assertEquals(12, hour.steps().size());
    Counts last = hour.steps().getLast().counts();
    assertEquals(Instant.parse("1999-06-30T12:30:00Z"), hour.steps().getLast().start());
    assertEquals(2, last.requests());
    assertEquals(0, last.failures());
    assertEquals(0, new BigDecimal("0.11").compareTo(last.usd()));
    assertEquals(2, last.compared());
    assertEquals(0.41, last.dearestUsd().doubleValue(), 1e-12);
    assertEquals(0.93901, last.seconds(0.95).orElseThrow(), 1e-5);
    Counts before = hour.steps().get(10).counts();
    assertEquals(1, before.requests());
    assertEquals(1, before.failures());
    assertEquals(0, before.compared());
    assertEquals(0, before.comparedUsd().signum());
    assertEquals(0, hour.steps().getFirst().counts().requests());
    assertTrue(hour.steps().getFirst().counts().seconds(0.5).isEmpty());
    assertEquals(3, hour.all().requests());
    assertEquals(30, hour.all().promptTokens().longValue());
    assertEquals(9, hour.all().completionTokens().longValue());
    assertEquals(List.of("a", "b"), hour.ensembles().stream().map(o -> o.name()).toList());
    assertEquals(2, hour.ensembleCount());
    assertEquals(2, hour.ensembles().getFirst().counts().requests());
    ActivityReport.Report one = report.report(Step.FIVE_MINUTES, "b", NOW);
    assertEquals(1, one.all().requests());
    assertEquals(List.of("b"), one.ensembles().stream().map(o -> o.name()).toList());
    assertEquals(0, report.report(Step.FIVE_MINUTES, "c'; --", NOW).all().requests());
  }

  @Test
  void everyPeriodHasItsSteps() throws SQLException {
    add(
        request("1999-06-29T13:00:00Z", "a", false, 1, "1", -1),
        request("1999-06-29T12:59:59Z", "a", false, 1, "1", -1),
        request("1999-06-23T18:00:00Z", "a", false, 1, "1", -1),
        request("1999-06-23T17:59:59Z", "a", false, 1, "1", -1),
        request("1999-06-01T00:00:00Z", "a", false, 1, "1", -1),
        request("1999-05-31T23:59:59Z", "a", false, 1, "1", -1));
    ActivityReport.Report day = report.report(Step.HOUR, "a", NOW);
    assertEquals(24, day.steps().size());
    assertEquals(1, day.all().requests());
    assertEquals(1, day.steps().getFirst().counts().requests());
    ActivityReport.Report week = report.report(Step.QUARTER_DAY, "a", NOW);
    assertEquals(28, week.steps().size());
    assertEquals(Instant.parse("1999-06-23T18:00:00Z"), week.from());
    assertEquals(3, week.all().requests());
    ActivityReport.Report month = report.report(Step.DAY, "a", NOW);
    assertEquals(30, month.steps().size());
    assertEquals(Instant.parse("1999-07-01T00:00:00Z"), month.to());
    assertEquals(5, month.all().requests());
  }

  @Test
  void whoCountsAtTheSameTimeWaitsInNoCircleAndLosesNothing() throws Exception {
    var threads = new ArrayList<Thread>();
    var faults = new ArrayList<Exception>();
    for (int t = 0; t < 4; t++) {
      int first = t;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 10; i++) {
                        // Each in an order of its own.
                        String one = "n" + (first + i) % 3;
                        String other = "n" + (first + 2 * i + 1) % 3;
                        add(
                            request("1999-06-30T12:00:00Z", one, false, 1, "1", -1),
                            request("1999-06-30T12:10:00Z", other, false, 1, "1", -1));
                      }
                    } catch (SQLException e) {
                      synchronized (faults) {
                        faults.add(e);
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), faults);
    ActivityReport.Report day = report.report(Step.HOUR, "", NOW);
    assertEquals(80, day.all().requests());
    assertEquals(80, day.ensembles().stream().mapToLong(o -> o.counts().requests()).sum());
  }

  @Test
  void onlyDaysStay() throws Exception {
    add(
        request("1999-01-01T00:00:00Z", "a", false, 1, "1", -1),
        request("1999-06-29T12:00:00Z", "a", false, 1, "1", -1),
        request("1999-06-25T12:00:00Z", "a", false, 1, "1", -1));
    new Retention(database::connect, "router", OldActivity.rules(), new SimpleMeterRegistry())
        .sweep(NOW);
    assertEquals(1, rows(300));
    assertEquals(2, rows(3_600));
    assertEquals(2, rows(21_600));
    assertEquals(3, rows(86_400));
    for (Step step : Step.values()) {
      Duration told = step.length().multipliedBy(step.told());
      assertTrue(step.kept().isEmpty() || step.kept().get().compareTo(told) > 0, step.toString());
    }
  }

  private int rows(int seconds) throws SQLException {
    try (Connection connection = database.connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select count(*) from router.activity where ensemble = 'a' and start < '2000-01-01' and seconds = "
                    + seconds)) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
