package dev.tutti.registry.dataset;

import static dev.tutti.registry.testing.Datasets.line;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.job.JobRunner;
import dev.tutti.kit.job.Jobs;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.DatasetServiceGrpc;
import dev.tutti.registry.v1.DescribeRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

/** What imports live through: cancellation, the loss of their replica, the loss of the database. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class ImportLifeTest {

  private static final int LINES = 8_000;

  @Inject DataSource database;

  /** Some 30 chunks. */
  private static String manyLines() {
    var lines = new StringBuilder();
    String filling = "y".repeat(800);
    for (int i = 0; i < LINES; i++) {
      lines.append(line("q%05d".formatted(i), "train", i % 2).replace("What", filling + " What"));
    }
    return lines.toString();
  }

  /** Holds a dataset's row, so that imports to it stop before their next chunk. */
  private static Connection hold(String dataset) throws SQLException {
    Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery(
          "select 1 from registry.dataset where name = '%s' for update".formatted(dataset));
    }
    return connection;
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private static long count(String sql) {
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long queries(String dataset) {
    return count(
        "select count(*) from registry.dataset_query where dataset = '%s'".formatted(dataset));
  }

  /** An import that has committed something and now waits for the dataset's row. */
  private record Halfway(String job, Connection held) implements AutoCloseable {

    static Halfway of(String dataset) throws SQLException {
      Datasets.take(dataset, "", line("first", "train", 1));
      Connection held = hold(dataset);
      String job = Datasets.start(dataset, "", manyLines());
      // Told before the first chunk is written, which waits for the row.
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> Rest.get("jobs/" + job).json().path("done").asLong() > 0);
      held.close();
      await().pollInterval(Duration.ofMillis(5)).until(() -> queries(dataset) > 1);
      Connection again = hold(dataset);
      long queries = queries(dataset);
      assertTrue(queries < LINES, queries + " queries");
      return new Halfway(job, again);
    }

    @Override
    public void close() throws SQLException {
      held.close();
    }
  }

  @Test
  void aCancelledImportKeepsWhatItCommitted() throws SQLException {
    String job;
    try (var halfway = Halfway.of("cancelled")) {
      job = halfway.job();
      JsonNode asked = Rest.post("jobs/" + job + "/cancel", null).expect(200).json();
      assertTrue(asked.path("cancel_requested").asBoolean(), asked.toString());
    }
    JsonNode ended = Datasets.end(job);
    assertEquals("cancelled", ended.path("state").asText(), ended.toString());
    long queries = Rest.get("datasets/cancelled").json().path("queries").asLong();
    assertEquals(queries("cancelled"), queries);
    assertTrue(queries < LINES, queries + " queries");
    // Its body is cleared away by the next import.
    Datasets.take("cancelled-next", "", line("first", "train", 1));
    assertEquals(
        0, count("select count(*) from registry.import_upload where dataset = 'cancelled'"));
  }

  @Test
  void whatAJobTookOverIsNotReportedByAnother() throws SQLException {
    String job;
    try (var halfway = Halfway.of("taken")) {
      job = halfway.job();
      Rest.post("jobs/" + job + "/cancel", null).expect(200);
    }
    assertEquals("cancelled", Datasets.end(job).path("state").asText());
    ManagedChannel channel = DatasetReadTest.channel();
    try {
      var stub = JobServiceGrpc.newBlockingStub(channel);
      Job cancelled = stub.get(GetRequest.newBuilder().setId(job).build()).getJob();
      Job again =
          stub.start(
                  StartRequest.newBuilder()
                      .setKind(cancelled.getKind())
                      .setParameters(cancelled.getParameters())
                      .build())
              .getJob();
      JsonNode ended = Datasets.end(again.getId());
      assertEquals("failed", ended.path("state").asText(), ended.toString());
      assertEquals("parameters.upload", ended.at("/error/field").asText());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void bodiesThatStoppedArrivingDoNotShutOthersOut() throws SQLException {
    execute(
        "insert into registry.import_upload (id, dataset, updated_at)"
            + " select 'lost-' || n, 'lost', now() - interval '61 minutes' from generate_series(1, 32) n");
    execute(
        "insert into registry.import_upload (id, dataset, updated_at)"
            + " values ('slow', 'slow', now() - interval '59 minutes')");
    Datasets.take("after-the-lost", "", line("first", "train", 1));
    assertEquals(0, count("select count(*) from registry.import_upload where dataset = 'lost'"));
    assertEquals(1, count("select count(*) from registry.import_upload where id = 'slow'"));
    execute("delete from registry.import_upload where id = 'slow'");
  }

  @Test
  void aFaultOfTheDatabaseDoesNotTellWhatWasWritten() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into registry.import_refusal (job, line, field, reason) values (?, 1, ?, ?)")) {
      insert.setString(1, "nobody's");
      insert.setString(2, "confidential");
      insert.setString(3, "confidential");
      insert.addBatch();
      SQLException fault = assertThrows(SQLException.class, insert::executeBatch);
      for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
        assertFalse(cause.toString().contains("confidential"), cause.toString());
        assertFalse(cause.toString().contains("nobody"), cause.toString());
      }
    }
  }

  @Test
  void importsToOneDatasetAtOnceComeOneAfterTheOther() {
    String lines = manyLines();
    String first = Datasets.start("shared", "", lines);
    String second = Datasets.start("shared", "", lines);
    JsonNode one = Datasets.end(first).path("result");
    JsonNode two = Datasets.end(second).path("result");
    assertEquals(
        LINES, one.path("imported").asInt() + two.path("imported").asInt(), one + " " + two);
    assertEquals(LINES, one.path("unchanged").asInt() + two.path("unchanged").asInt());
    JsonNode dataset = Rest.get("datasets/shared").json();
    assertEquals(LINES, dataset.path("queries").asInt());
    assertEquals(LINES, dataset.at("/members/0/outcomes").asInt());
  }

  @Test
  void aDatasetIsNotDeletedWhileAnImportRuns() throws SQLException {
    String job;
    try (var halfway = Halfway.of("busy")) {
      job = halfway.job();
      Rest.send("DELETE", "datasets/busy", null, "If-Match", "*")
          .expectProblem(409, "busy", null, job);
    }
    assertEquals("succeeded", Datasets.end(job).path("state").asText());
    Rest.send("DELETE", "datasets/busy", null, "If-Match", "*").expect(204);
    assertEquals(0, queries("busy"));
  }

  @Test
  void aDatasetThatIsDeletedAsItsImportBeginsIsMadeAnew() throws Exception {
    Datasets.take("renewed", "", line("first", "train", 1));
    Connection deleting = hold("renewed");
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl())) {
      connection.setAutoCommit(false);
      var begun =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return DatasetChange.begin(connection, "renewed", CostUnit.COST_UNIT_RELATIVE)
                      .costUnit();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      await().until(() -> count("select count(*) from pg_locks where not granted") > 0);
      try (Statement delete = deleting.createStatement()) {
        delete.executeUpdate("delete from registry.dataset where name = 'renewed'");
      }
      deleting.commit();
      assertEquals(CostUnit.COST_UNIT_RELATIVE, begun.get(10, TimeUnit.SECONDS));
      connection.rollback();
    } finally {
      deleting.close();
    }
  }

  @Test
  void anotherReplicaGoesOnWhereOneWasLost() throws SQLException {
    String job;
    Surroundings surroundings = Surroundings.open();
    try (var halfway = Halfway.of("handed")) {
      job = halfway.job();
      surroundings.cutDatabase();
    }
    var database = new PGSimpleDataSource();
    database.setUrl(Surroundings.databaseUrl());
    var jobs = new Jobs(database, "registry", List.of(new ImportHandler(new Uploads(database))));
    try (var other = new JobRunner(jobs, 1, Duration.ofSeconds(2), new SimpleMeterRegistry())) {
      other.start();
      await().atMost(Duration.ofSeconds(30)).until(() -> Jobs.hasEnded(jobs.get(job)));
    } finally {
      surroundings.restoreDatabase();
    }
    await().atMost(Duration.ofSeconds(15)).until(() -> Rest.get("jobs/" + job).status() == 200);
    JsonNode ended = Rest.get("jobs/" + job).json();
    assertEquals("succeeded", ended.path("state").asText(), ended.toString());
    assertEquals(2, ended.path("attempts").asInt());
    JsonNode report = ended.path("result");
    assertEquals(LINES, report.path("lines").asInt(), report.toString());
    assertEquals(LINES, report.path("imported").asInt());
    JsonNode dataset = Rest.get("datasets/handed").json();
    assertEquals(LINES + 1, dataset.path("queries").asInt());
    assertEquals(LINES + 1, dataset.at("/members/0/outcomes").asInt());
    assertEquals((LINES / 2.0 + 1) / (LINES + 1), dataset.at("/members/1/mean_score").asDouble());
    assertEquals(0, count("select count(*) from registry.import_chunk"));
  }

  @Test
  void withoutTheDatabaseNothingIsTakenAndAfterwardsTheImportGoesOn() throws Exception {
    Surroundings surroundings = Surroundings.open();
    String job;
    try (var halfway = Halfway.of("outlived")) {
      job = halfway.job();
      surroundings.cutDatabase();
    }
    try {
      Rest.get("datasets").expectProblem(503, "unavailable", null, "database");
      Rest.get("datasets/outlived").expect(503);
      Rest.get("jobs/" + job).expect(503);
      Datasets.post("outlived/imports", line("x", "train", 1).getBytes(StandardCharsets.UTF_8))
          .expectProblem(503, "unavailable", null, "database");
      ManagedChannel channel = DatasetReadTest.channel();
      try {
        StatusRuntimeException lost =
            assertThrows(
                StatusRuntimeException.class,
                () ->
                    DatasetServiceGrpc.newBlockingStub(channel)
                        .describe(DescribeRequest.newBuilder().setName("outlived").build()));
        assertEquals(
            "DATABASE_UNREACHABLE",
            ((Failure.Unavailable) FailureStatus.fromThrowable(lost)).reason());
      } finally {
        channel.shutdownNow();
      }
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> Rest.metric("tutti_job_database_reachable") == 0);
    } finally {
      surroundings.restoreDatabase();
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> Rest.get("jobs/" + job).status() == 200);
    assertEquals("succeeded", Datasets.end(job).path("state").asText());
    assertEquals(LINES + 1, Rest.get("datasets/outlived").json().path("queries").asInt());
    assertEquals(1, Rest.metric("tutti_job_database_reachable"));
  }
}
