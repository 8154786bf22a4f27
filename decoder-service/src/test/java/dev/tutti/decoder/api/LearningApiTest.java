package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.learning.v1.LearningServiceGrpc.LearningServiceBlockingStub;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartFitRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the decoder learns, over gRPC, with a database that comes and goes. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@WithTestResource(GatedPostgres.class)
class LearningApiTest {

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @GrpcClient("self")
  LearningServiceBlockingStub learning;

  @GrpcClient("self")
  JobServiceBlockingStub jobs;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject KnownModels models;

  @BeforeEach
  void registryAndDatabaseAreThere() throws InterruptedException {
    ScriptedRegistry.current().await(models);
    await(() -> !health().contains("degraded"));
  }

  @Test
  void aFitOfWhatIsNotFittedIsRefused() {
    Struct parameters =
        Struct.newBuilder()
            .putFields("artifact", text("x"))
            .putFields("method", text("gac"))
            .putFields("dataset", text("sums"))
            .build();
    StatusRuntimeException refused =
        refused(
            () ->
                learning.startFit(StartFitRequest.newBuilder().setParameters(parameters).build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertTrue(
        refused.getMessage().contains("method is 'gac'; those that can be fitted:"),
        refused.getMessage());
  }

  @Test
  void jobsAreKept() {
    StatusRuntimeException refused =
        refused(() -> jobs.get(GetRequest.newBuilder().setId("nowhere").build()));
    assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
  }

  @Test
  void whatItHasNotIsUnimplemented() {
    StatusRuntimeException refused =
        refused(() -> learning.startEvaluation(StartEvaluationRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNIMPLEMENTED, refused.getStatus().getCode());
  }

  @Test
  void itAnswersWithoutTheDatabaseAndSaysSo() {
    assertEquals(
        0, learning.listArtifacts(ListArtifactsRequest.getDefaultInstance()).getArtifactsCount());
    GatedPostgres.gate.shut();
    try {
      await(() -> health().contains("degraded"));
      assertTrue(health().contains("\"status\": \"UP\""), health());
      assertEquals("efgh", answer());
      StatusRuntimeException refused =
          refused(() -> learning.listArtifacts(ListArtifactsRequest.getDefaultInstance()));
      assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
      assertEquals("DATABASE_UNREACHABLE", FailureStatus.fromThrowable(refused).reason());
    } finally {
      GatedPostgres.gate.open();
    }
    await(() -> !health().contains("degraded"));
  }

  private String answer() {
    Iterator<GenerateResponse> events =
        decoder.generate(GenerationApiTest.single("counting", "cd", 0));
    GenerateResponse last = events.next();
    while (events.hasNext()) {
      last = events.next();
    }
    return last.getCompletion().getText();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static StatusRuntimeException refused(Executable call) {
    return assertThrows(StatusRuntimeException.class, call);
  }

  private String health() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 60 s");
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
