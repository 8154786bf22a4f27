package dev.tutti.decoder.api;

import static dev.tutti.decoder.api.GenerationApiTest.gac;
import static dev.tutti.decoder.api.GenerationApiTest.single;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.testing.MetricsRules;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodServiceGrpc.MethodServiceBlockingStub;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Snapshot;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that leave, that are too many, and what operators see. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(60)
class CallersTest {

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @GrpcClient("self")
  MethodServiceBlockingStub methods;

  @Inject SessionLimit limit;
  @Inject ModelPool pool;
  @Inject KnownModels models;

  @TestHTTPResource(value = "/", management = true)
  URI operators;

  private final List<ClientStream<GenerateResponse>> open = new ArrayList<>();

  @BeforeEach
  void registryIsThere() throws InterruptedException {
    ScriptedRegistry.current().await(models);
  }

  @AfterEach
  void everyoneLeaves() {
    open.forEach(ClientStream::close);
    until(() -> limit.running() == 0 && limit.queued() == 0);
  }

  /** Writes for a long time. */
  private static GenerateRequest endless() {
    return single("endless", "a", 0).toBuilder()
        .setSampling(Sampling.newBuilder().setTemperature(0).setMaxTokens(90_000))
        .build();
  }

  private ClientStream<GenerateResponse> start(GenerateRequest request) {
    var stream = ClientStream.open(() -> decoder.generate(request));
    open.add(stream);
    return stream;
  }

  private static void until(BooleanSupplier holds) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void aCallerThatLeavesFreesItsSession() {
    var stream = start(endless());
    stream.next();
    assertEquals(1, limit.running());
    stream.close();
    until(() -> limit.running() == 0);
  }

  @Test
  void anEnsemblesCallerThatLeavesFreesAllItsSessions() {
    var stream =
        start(
            GenerateRequest.newBuilder()
                .setRecipe(gac("endless", "endless-too"))
                .addAllMessages(endless().getMessagesList())
                .build());
    stream.next();
    assertEquals(2, limit.running());
    stream.close();
    until(() -> limit.running() == 0);
  }

  @Test
  void aDeadlineFreesTheSession() {
    var hurried = decoder.withDeadlineAfter(150, TimeUnit.MILLISECONDS);
    var events = hurried.generate(endless());
    assertThrows(StatusRuntimeException.class, () -> events.forEachRemaining(event -> {}));
    until(() -> limit.running() == 0);
  }

  /** Four run, one waits, the sixth is sent away and told when to come back. */
  @Test
  void sessionsAndQueueAreBounded() {
    for (int i = 0; i < 4; i++) {
      start(endless()).next();
    }
    assertEquals(4, limit.running());
    var waiting = start(endless());
    until(() -> limit.queued() == 1);
    var refused =
        assertThrows(StatusRuntimeException.class, () -> decoder.generate(endless()).next());
    var exhausted =
        assertInstanceOf(Failure.ResourceExhausted.class, FailureStatus.fromThrowable(refused));
    assertEquals("SESSIONS_EXHAUSTED", exhausted.reason());
    assertTrue(exhausted.retryAfter().toMillis() >= 100);
    open.getFirst().close();
    waiting.next();
    assertEquals(4, limit.running());
  }

  @Test
  void whoLeavesTheQueueIsForgotten() {
    for (int i = 0; i < 4; i++) {
      start(endless()).next();
    }
    var waiting = start(endless());
    until(() -> limit.queued() == 1);
    waiting.close();
    until(() -> limit.queued() == 0);
    assertEquals(4, limit.running());
  }

  @Test
  void aModelThatTheRegistryTakesAwayIsRefusedAndCanComeBack() throws InterruptedException {
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = models.state().revision();
    decoder.generate(single("counting", "a", 0)).forEachRemaining(event -> {});
    var retired = Snapshot.newBuilder().setRevision(revision + 1);
    retired.addModels(ScriptedRegistry.model("counting", Lifecycle.LIFECYCLE_RETIRED));
    registry.say(retired.build());
    registry.await(models);
    until(
        () -> {
          try {
            decoder.generate(single("counting", "a", 0)).next();
            return false;
          } catch (StatusRuntimeException e) {
            return FailureStatus.fromThrowable(e).reason().equals("MODEL_NOT_SERVED");
          }
        });
    until(() -> pool.state().loaded() == 0);
    registry.say(registry.standard(revision + 2));
    registry.await(models);
    decoder.generate(single("counting", "a", 0)).forEachRemaining(event -> {});
  }

  @Test
  void withoutTheRegistryKnownModelsAnswerAndReadinessSaysDegraded() throws Exception {
    ScriptedRegistry registry = ScriptedRegistry.current();
    decoder.generate(single("counting", "a", 0)).forEachRemaining(event -> {});
    registry.leave();
    until(() -> !models.state().connected());
    String ready = get("health/ready");
    assertTrue(ready.contains("\"status\": \"UP\""), ready);
    assertTrue(ready.contains("\"state\": \"degraded\""), ready);
    assertTrue(ready.contains("out of reach"), ready);
    decoder.generate(single("counting", "a", 0)).forEachRemaining(event -> {});
    registry.comeBack();
    until(() -> models.state().connected());
    assertTrue(get("health/ready").contains("\"state\": \"connected\""));
  }

  @Test
  void operatorsSeeHealthAndMetrics() throws Exception {
    decoder.generate(single("counting", "a", 0)).forEachRemaining(event -> {});
    assertThrows(
        StatusRuntimeException.class, () -> decoder.generate(single("corrupt", "a", 0)).next());
    String ready = get("health/ready");
    assertTrue(ready.contains("\"status\": \"UP\""), ready);
    assertTrue(ready.contains("\"state\": \"connected\""), ready);
    assertTrue(ready.contains("failed.corrupt"), ready);
    assertTrue(get("health/live").contains("UP"));
    assertTrue(get("health/started").contains("UP"));
    String metrics = get("metrics");
    MetricsRules.check(metrics);
    for (String name :
        List.of(
            "tutti_decoder_sessions_running",
            "tutti_decoder_sessions_queued",
            "tutti_decoder_models_loaded",
            "tutti_decoder_models_bytes",
            "tutti_decoder_load_failures_total",
            "tutti_decoder_first_token_seconds_count{target=\"counting\"",
            "tutti_decoder_steps_total{target=\"counting\"",
            "tutti_decoder_tokens_total{kind=\"completion\",model=\"counting\"")) {
      assertTrue(metrics.contains(name), name + " in\n" + metrics);
    }
  }

  private String get(String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(operators.resolve(path)).build(), BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void methodsAreListedAndRecipesValidated() {
    var gac =
        methods.list(ListRequest.getDefaultInstance()).getMethodsList().stream()
            .filter(method -> method.getName().equals("gac"))
            .findFirst()
            .orElseThrow();
    assertEquals("threshold", gac.getSettings(0).getName());
    assertEquals(
        0,
        methods
            .validate(ValidateRequest.newBuilder().setRecipe(gac("a", "b")).build())
            .getViolationsCount());
    var violations =
        methods
            .validate(
                ValidateRequest.newBuilder()
                    .setRecipe(gac("a", "b").toBuilder().setMethod("nope"))
                    .build())
            .getViolationsList();
    assertEquals("method", violations.getFirst().getField());
    var speculative = gac("adder-weak-1", "adder-bpe-1").toBuilder().setMethod("speculative");
    assertEquals(
        "'adder-bpe-1' has another vocabulary than 'adder-weak-1'; speculative takes members of one"
            + " vocabulary.",
        methods
            .validate(ValidateRequest.newBuilder().setRecipe(speculative).build())
            .getViolations(0)
            .getDescription());
  }
}
