package dev.tutti.router.api.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.RouteRequest;
import dev.tutti.router.v1.RouterServiceGrpc;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.agroal.api.AgroalDataSource;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The router as the other services see it. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class GrpcTest {

  private ManagedChannel channel;

  @BeforeEach
  void open() {
    Neighbourhood.calm();
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
  }

  @Test
  void aModelByNameHasNoDecisionOfItsOwn() {
    List<GenerateResponse> events = generate(named("anna"));
    assertEquals(4, events.size());
    assertEquals("I ", events.getFirst().getDelta().getText());
    Completion completion = events.getLast().getCompletion();
    assertEquals("I am anna", completion.getText());
    assertEquals("anna", completion.getAuthor());
    assertFalse(completion.hasDecision());
  }

  @Test
  void aRoutingEnsembleByNameSumsAndDecides() {
    Completion completion =
        generate(named("blend").setRequestId("mine-1").setSampling(seed(4)))
            .getLast()
            .getCompletion();
    String member = completion.getAuthor();
    assertEquals("mine-1", completion.getDecision().getId());
    assertEquals("blend", completion.getDecision().getEnsemble());
    assertEquals(3, completion.getUsage().getPromptTokens());
    assertEquals(1, completion.getUsage().getMembersCount());
    assertEquals(member, completion.getUsage().getMembers(0).getMember());
    assertEquals(0.25, completion.getUsage().getMembers(0).getCostUsd());
    assertTrue(completion.getTiming().hasTotal() && completion.getTiming().hasFirstToken());
    GenerateRequest asked = Neighbourhood.decoder.requests().getFirst();
    assertEquals(1, asked.getDepth());
    assertEquals("mine-1", asked.getRequestId());
    assertEquals(4, asked.getSampling().getSeed());
    assertEquals(200, Http.get("/v1/decisions/mine-1").status());
  }

  @Test
  void aNestedCallIsAnsweredAndItsDecisionIsTheCallersToKeep() {
    generate(named("blend").setRequestId("nested-1").setDepth(3));
    assertEquals(4, Neighbourhood.decoder.requests().getFirst().getDepth());
    assertEquals(404, Http.get("/v1/decisions/nested-1").status());
  }

  @Test
  void aRecipeOfTheFamilyNeedsNoRegistration() {
    Recipe.Builder recipe =
        Recipe.newBuilder().setEnsemble("new").setMethod("blending").addMembers(member("carl"));
    Completion completion = generate(request().setRecipe(recipe)).getLast().getCompletion();
    assertEquals("I am carl", completion.getText());
    String metrics = Http.operators("/metrics").body();
    assertTrue(metrics.contains("requests_total{name=\"recipe\",outcome=\"ok\"}"), metrics);
    assertFalse(metrics.contains("name=\"new\""), "a series for a name that nobody registered");
    recipe.setMethod("majority-vote");
    assertRefused(request().setRecipe(recipe), "recipe.method");
    recipe
        .setMethod("blending")
        .setSettings(
            Struct.newBuilder().putFields("x", Value.newBuilder().setNumberValue(1).build()));
    assertRefused(request().setRecipe(recipe), "recipe.settings.x");
  }

  @Inject AgroalDataSource database;

  /** What each cost is in the report on spend, whoever else had its id. */
  @Test
  void anIdThatIsUsedTwiceLosesNoDecision() throws SQLException {
    Recipe.Builder recipe =
        Recipe.newBuilder().setEnsemble("twice").setMethod("blending").addMembers(member("carl"));
    generate(request().setRequestId("twice-1").setRecipe(recipe));
    generate(request().setRequestId("twice-1").setRecipe(recipe));
    awaitKept("twice", 2);
    assertEquals(200, Http.get("/v1/decisions/twice-1").status());
    // As if it was from before this replica's start.
    try (Connection connection = database.getConnection();
        Statement rename = connection.createStatement()) {
      rename.execute("update router.decision set id = 'twice-2' where id = 'twice-1'");
    }
    generate(request().setRequestId("twice-2").setRecipe(recipe));
    awaitKept("twice", 3);
  }

  private static void awaitKept(String ensemble, int decisions) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (Http.get("/v1/decisions?ensemble=" + ensemble).json().path("data").size() < decisions) {
      assertTrue(System.nanoTime() < end, "waited 20 s");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Its budget would be another one of the same ledger. */
  @Test
  void aRecipeThatIsSentHasNoAccountWhateverItSays() {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble("paced-inner")
            .setVersion(5)
            .setMethod("blending")
            .addMembers(member("carl"));
    recipe.getBudgetBuilder().setUsdPerDay(1e12);
    Decision decision =
        generate(request().setRecipe(recipe)).getLast().getCompletion().getDecision();
    assertFalse(decision.getInputs().containsFields("usd_left"), decision.toString());
    assertEquals(0, decision.getEnsembleVersion());
  }

  @Test
  void whatIsWrongIsRefusedByField() {
    assertRefused(request(), "target");
    assertRefused(request().setMember(member("anna")), "target");
    assertRefused(named("anna").clearMessages(), "messages");
    assertRefused(named("anna").setDepth(9), "depth");
    assertRefused(
        named("anna").setSampling(Sampling.newBuilder().setTemperature(Double.NaN)),
        "sampling.temperature");
    var missing = assertInstanceOf(Failure.NotFound.class, failure(named("nobody")));
    assertEquals("MODEL_NOT_FOUND", missing.reason());
    assertEquals("name", missing.field());
  }

  @Test
  void progressPassesThrough() {
    Neighbourhood.cascade.script(
        (request, sink) -> {
          var progress = GenerateResponse.newBuilder();
          progress.getProgressBuilder().setStage("deferred").setMember("anna");
          sink.emit(progress.build());
          Neighbourhood.echo(request, sink);
        });
    assertEquals("deferred", generate(named("steps")).getFirst().getProgress().getStage());
  }

  @Test
  void aCallersDeadlineReachesTheMember() throws InterruptedException {
    var over = new CountDownLatch(1);
    Neighbourhood.decoder.script(
        (request, sink) -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            over.countDown();
            throw new CancelledException();
          }
        });
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                GenerationServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                    .generate(named("blend").build())
                    .hasNext());
    assertInstanceOf(Failure.DeadlineExceeded.class, FailureStatus.fromThrowable(e));
    assertTrue(over.await(10, TimeUnit.SECONDS));
    assertEquals(1, Neighbourhood.decoder.requests().size(), "no time is left for the next");
  }

  @Test
  void routeDecidesOnly() {
    var response =
        RouterServiceGrpc.newBlockingStub(channel)
            .route(
                RouteRequest.newBuilder()
                    .setName("blend")
                    .setSeed(4)
                    .addMessages(message())
                    .build());
    assertEquals(response.getMember(), response.getRanked(0));
    assertEquals(2, response.getRankedCount());
    assertEquals(
        response.getMember(),
        generate(named("blend").setSampling(seed(4))).getLast().getCompletion().getAuthor());
    assertEquals("blend", response.getDecision().getEnsemble());
  }

  @Test
  void methodsAreListedAndRecipesValidated() {
    var stub = MethodServiceGrpc.newBlockingStub(channel);
    var methods = stub.list(ListRequest.getDefaultInstance()).getMethodsList();
    assertEquals(RouterCatalog.METHODS.describe(), methods);
    var blending = methods.stream().filter(m -> m.getName().equals("blending")).findFirst();
    assertEquals(List.of(Capability.CAPABILITY_GENERATION), blending.orElseThrow().getNeedsList());
    assertTrue(blending.orElseThrow().getNestable());
    var recipe = Recipe.newBuilder().setEnsemble("e").setMethod("blending");
    var violations =
        stub.validate(ValidateRequest.newBuilder().setRecipe(recipe).build()).getViolationsList();
    assertEquals("members", violations.getFirst().getField());
    recipe.addMembers(member("a")).addMembers(Member.newBuilder().setModel("b"));
    violations =
        stub.validate(ValidateRequest.newBuilder().setRecipe(recipe).build()).getViolationsList();
    assertEquals("members[1]", violations.getFirst().getField());
    assertTrue(violations.getFirst().getDescription().contains("GENERATION"));
  }

  private void assertRefused(GenerateRequest.Builder request, String field) {
    var failure = assertInstanceOf(Failure.InvalidArgument.class, failure(request));
    assertEquals(field, failure.field(), failure.message());
  }

  private Failure failure(GenerateRequest.Builder request) {
    return FailureStatus.fromThrowable(
        assertThrows(StatusRuntimeException.class, () -> generate(request)));
  }

  private List<GenerateResponse> generate(GenerateRequest.Builder request) {
    var events = new ArrayList<GenerateResponse>();
    GenerationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .generate(request.build())
        .forEachRemaining(events::add);
    assertTrue(events.getLast().hasCompletion());
    return events;
  }

  private static GenerateRequest.Builder named(String name) {
    return request().setName(name);
  }

  private static GenerateRequest.Builder request() {
    return GenerateRequest.newBuilder().addMessages(message());
  }

  private static Message message() {
    return Message.newBuilder().setRole(Role.ROLE_USER).setContent("Who?").build();
  }

  private static Member member(String name) {
    return Member.newBuilder()
        .setModel(name)
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .build();
  }

  private static Sampling seed(long seed) {
    return Sampling.newBuilder().setSeed(seed).build();
  }
}
