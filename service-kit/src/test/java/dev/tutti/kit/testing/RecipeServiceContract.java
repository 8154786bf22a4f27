package dev.tutti.kit.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.http.TestHTTPResource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What holds for every service that answers resolved ensembles, over gRPC, with decoder-service and
 * router-service played by scripts. A subclass is a {@code @QuarkusTest} with {@link
 * NeighbourPorts} for the clients {@code decoder,router}.
 */
public abstract class RecipeServiceContract {

  private static final Metadata.Key<String> TRACE =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  /** Plays decoder-service; answers by {@link #model} unless a test says otherwise. */
  protected static ScriptedGeneration decoder;

  /** Plays router-service. */
  protected static ScriptedGeneration router;

  /** To the service under test. */
  protected static ManagedChannel channel;

  private static GenerationServiceBlockingStub stub;

  @TestHTTPResource(value = "/", management = true)
  URI operators;

  /** Answers as the model that is asked. */
  protected abstract void model(GenerateRequest request, EventSink<GenerateResponse> sink);

  /** A good recipe over models that {@link #model} knows: at least two, all of which are asked. */
  protected abstract Recipe.Builder recipe();

  /** Beginnings of lines that the metrics have once {@link #recipe} was answered. */
  protected abstract List<String> metrics();

  /** How many of {@link #recipe}'s members are at work together. */
  protected abstract int membersAtOnce();

  /** Whether a recipe may name a member again. */
  protected boolean takesAMemberTwice() {
    return false;
  }

  @BeforeAll
  static void start() {
    decoder = NeighbourPorts.start("decoder", (request, sink) -> {});
    router = NeighbourPorts.start("router", (request, sink) -> {});
    channel = NeighbourPorts.service();
    stub = GenerationServiceGrpc.newBlockingStub(channel);
  }

  @BeforeEach
  void forget() {
    decoder.forget();
    decoder.script(this::model);
    router.forget();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    decoder.close();
    router.close();
  }

  /** A model that writes text and gives log-probabilities. */
  protected static Member.Builder member(String model) {
    return Member.newBuilder()
        .setModel(model)
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .addCapabilities(Capability.CAPABILITY_LOGPROBS);
  }

  /** A request with the id r-1. */
  protected static GenerateRequest.Builder ask(Recipe.Builder recipe) {
    return GenerateRequest.newBuilder()
        .setRequestId("r-1")
        .setRecipe(recipe)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("7+7="));
  }

  /** A call of the service under test, with this many seconds. */
  protected static ClientStream<GenerateResponse> open(
      GenerateRequest.Builder request, int seconds) {
    return ClientStream.open(
        () -> stub.withDeadlineAfter(seconds, TimeUnit.SECONDS).generate(request.build()));
  }

  /** All that it answers. */
  protected static List<GenerateResponse> events(GenerateRequest.Builder request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = open(request, 20)) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }

  /** The completion that it answers; its text is the deltas joined. */
  protected static Completion complete(GenerateRequest.Builder request) {
    List<GenerateResponse> events = events(request);
    Completion completion = events.getLast().getCompletion();
    assertEquals(
        events.stream().map(e -> e.getDelta().getText()).collect(Collectors.joining()),
        completion.getText());
    return completion;
  }

  /** How it fails. */
  protected static Failure failure(GenerateRequest.Builder request) {
    return assertThrows(FailureException.class, () -> events(request)).failure();
  }

  /** It is refused, for this field, before anybody is asked. */
  protected static void assertRefused(GenerateRequest.Builder request, String field) {
    Failure failure = failure(request);
    assertEquals(field, assertInstanceOf(Failure.InvalidArgument.class, failure).field());
    assertEquals(List.of(), decoder.requests());
  }

  /** One setting. */
  protected static Struct setting(String name, double value) {
    return Struct.newBuilder()
        .putFields(name, Value.newBuilder().setNumberValue(value).build())
        .build();
  }

  /** Waits until the caller leaves; for scripts. */
  protected static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new CancelledException();
    }
  }

  @Test
  void badRequestsAreRefusedWithTheirField() {
    assertRefused(ask(recipe()).setName("a"), "target");
    assertRefused(ask(recipe()).setMember(member("a")), "target");
    assertRefused(ask(recipe()).clearMessages(), "messages");
    assertRefused(ask(recipe()).setDepth(9), "depth");
    assertRefused(ask(recipe().setMethod("none")), "recipe.method");
    assertRefused(ask(recipe().clearMembers()), "recipe.members");
    if (!takesAMemberTwice()) {
      Member twice = recipe().getMembers(0);
      int place = recipe().getMembersCount();
      assertRefused(ask(recipe().addMembers(twice)), "recipe.members[%d]".formatted(place));
    }
    assertRefused(ask(recipe().setSettings(setting("x", 1))), "recipe.settings.x");
    assertRefused(
        ask(recipe()).setSampling(Sampling.newBuilder().setTemperature(-1)),
        "sampling.temperature");
  }

  @Test
  void anIdIsDrawnWhereThereIsNoneAndPassedOn() {
    String drawn = complete(ask(recipe()).clearRequestId()).getDecision().getId();
    assertFalse(drawn.isEmpty());
    decoder.requests().forEach(request -> assertEquals(drawn, request.getRequestId()));
  }

  @Test
  void theTraceReachesEveryMember() {
    Metadata headers = new Metadata();
    headers.put(TRACE, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .generate(ask(recipe()).build())
        .forEachRemaining(e -> {});
    assertEquals(recipe().getMembersCount(), decoder.headers().size());
    for (Metadata received : decoder.headers()) {
      String trace = received.get(TRACE);
      assertTrue(trace.startsWith("00-0af7651916cd43dd8448eb211c80319c-"), trace);
    }
  }

  @Test
  void aCallerThatLeavesFreesWhoeverIsAtWork() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(membersAtOnce());
    CountDownLatch freed = new CountDownLatch(membersAtOnce());
    decoder.script(
        (request, sink) -> {
          started.countDown();
          try {
            hang();
          } finally {
            freed.countDown();
          }
        });
    try (var stream = open(ask(recipe()), 20)) {
      assertEquals("asking", stream.next().getProgress().getStage());
      assertTrue(started.await(10, TimeUnit.SECONDS));
    }
    assertTrue(freed.await(2, TimeUnit.SECONDS), freed.getCount() + " members are still at work");
  }

  @Test
  void probesAndMetricsAnswer() throws Exception {
    complete(ask(recipe()));
    for (String probe : List.of("started", "live", "ready")) {
      HttpResponse<String> response = get("health/" + probe);
      // Ready once it is known that nothing was learned, which takes a moment without a database.
      for (int i = 0; i < 600 && response.statusCode() == 503; i++) {
        Thread.sleep(50);
        response = get("health/" + probe);
      }
      assertEquals(200, response.statusCode());
      assertTrue(response.body().contains("UP"), response.body());
    }
    String metrics = get("metrics").body();
    MetricsRules.check(metrics);
    for (String name : metrics()) {
      assertTrue(metrics.contains("\n" + name), () -> name + " is not in\n" + metrics);
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(operators.resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
