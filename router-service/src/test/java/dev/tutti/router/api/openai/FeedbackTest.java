package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.Drain;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.Comparison;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.router.v1.GiveRequest;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListLearnersRequest;
import dev.tutti.router.v1.RebuildLearnerRequest;
import dev.tutti.router.v1.RebuildLearnerResponse;
import dev.tutti.type.v1.Capability;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Feedback, from a client to the next decision. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class FeedbackTest {

  @BeforeAll
  static void learnersAreRegistered() {
    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder()
            .addEnsembles(
                Neighbourhood.ensemble("elo", Family.FAMILY_ROUTER, "eagle", "anna", "bert"))
            .addEnsembles(
                Neighbourhood.ensemble("duel", Family.FAMILY_ROUTER, "eagle", "anna", "bert"))
            .addEnsembles(
                Neighbourhood.ensemble("ucb", Family.FAMILY_ROUTER, "metallm", "anna", "bert"))
            .addEnsembles(
                Neighbourhood.ensemble("pick", Family.FAMILY_ROUTER, "pickllm", "anna", "bert"))
            .build());
    await(() -> Http.chat("pick").status() == 200);
  }

  @AfterAll
  static void asBefore() {
    Neighbourhood.registry.tell(Neighbourhood.usual());
  }

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @ParameterizedTest
  @CsvSource({"elo, rating", "ucb, mean_reward", "pick, value"})
  void whatIsSaidIsLearned(String ensemble, String number) {
    Http.Answer answer = Http.chat(ensemble);
    String member = answer.body().contains("anna") ? "anna" : "bert";
    long observed = Admin.learner(ensemble).getObserved();
    Http.Answer given = give(answer, "\"correct\": true");
    assertEquals(200, given.status(), given.body());
    assertEquals("feedback", given.json().at("/object").asText());
    assertEquals(ensemble, given.json().at("/ensemble").asText());
    assertEquals(member, given.json().at("/member").asText());
    await(
        () ->
            Admin.learner(ensemble).getObserved() > observed
                && nothingWaits(Admin.learner(ensemble)));
    Learner learner = Admin.learner(ensemble);
    Map<String, Double> arm =
        learner.getArmsList().stream()
            .filter(its -> its.getMember().equals(member))
            .findFirst()
            .orElseThrow()
            .getValuesMap();
    assertTrue(arm.containsKey(number), learner.toString());
    assertTrue(arm.get("observations") >= 1);
    assertTrue(learner.getPosition() >= 1);
    assertFalse(learner.getBasis().isEmpty());
  }

  /** Whoever sends one chooses its pool; what is said of it is kept, and refused by the learner. */
  @Test
  void aRecipeThatIsSentUnderItsNameTeachesAnEnsembleNothing() {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("elo").setVersion(5).setMethod("eagle");
    for (String member : List.of("anna", "bert")) {
      recipe.addMembersBuilder().setModel(member).addCapabilities(Capability.CAPABILITY_GENERATION);
    }
    await(() -> nothingWaits(Admin.learner("elo")));
    Learner before = Admin.learner("elo");
    Admin.generate(
        "",
        GenerateRequest.newBuilder()
            .setRequestId("sent")
            .setRecipe(recipe)
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("Who?"))
            .build());
    Http.Answer given =
        Http.post("/v1/feedback", "{\"decision\": \"sent\", \"rating\": 1, \"member\": \"anna\"}");
    assertEquals(200, given.status(), given.body());
    assertEquals("elo", given.json().at("/ensemble").asText());
    await(() -> keptOf("sent").at("/0").has("refused"));
    await(() -> nothingWaits(Admin.learner("elo")));
    assertEquals(before.getObserved(), Admin.learner("elo").getObserved());
    assertEquals(before.getArmsList(), Admin.learner("elo").getArmsList());
  }

  /** Nobody else says anything about this ensemble: other ratings would move the two too. */
  @Test
  void theNextDecisionKnowsIt() {
    for (int i = 0; i < 3; i++) {
      Http.Answer given =
          give(Http.chat("duel"), "\"comparison\": {\"winner\": \"bert\", \"loser\": \"anna\"}");
      assertEquals(200, given.status(), given.body());
    }
    await(() -> Admin.learner("duel").getObserved() == 3);
    JsonNode candidates =
        Http.get("/v1/decisions/" + Http.chat("duel").header("x-tutti-decision-id"))
            .json()
            .at("/candidates");
    assertTrue(
        candidates.at("/1/score").asDouble() > candidates.at("/0/score").asDouble(),
        candidates.toString());
    // Exploration's share is in the propensities.
    assertEquals(0.975, candidates.at("/1/propensity").asDouble(), 1e-9);
    assertEquals(0.025, candidates.at("/0/propensity").asDouble(), 1e-9);
  }

  @Test
  void theSameKeyGetsTheSameAnswerAndCountsOnce() {
    Http.Answer answer = Http.chat("pick");
    String key = "k-" + UUID.randomUUID();
    Http.Answer first = give(answer, "\"rating\": 0.5, \"key\": \"%s\"".formatted(key));
    for (int i = 0; i < 3; i++) {
      Http.Answer again = give(answer, "\"rating\": 0.5, \"key\": \"%s\"".formatted(key));
      assertEquals(200, again.status());
      assertEquals(first.body(), again.body());
    }
    Http.Answer header =
        Http.post("/v1/feedback", body(answer, "\"rating\": 0.5"), "Idempotency-Key", key);
    assertEquals(first.body(), header.body());
    assertEquals(1, kept(answer).size());
    // The member that is meant may be named.
    String member = first.json().at("/member").asText();
    assertEquals(
        first.body(),
        give(answer, "\"rating\": 0.5, \"key\": \"%s\", \"member\": \"%s\"".formatted(key, member))
            .body());
    Http.Answer other = give(answer, "\"rating\": 0.6, \"key\": \"%s\"".formatted(key));
    assertEquals(409, other.status(), other.body());
    assertEquals("idempotency_key_reused", other.error().at("/code").asText());
    assertTrue(other.error().at("/message").asText().contains(key), other.body());
    assertEquals("key", other.error().at("/param").asText());
    assertEquals(1, kept(answer).size());
  }

  @Test
  void ofTheSameKeyInParallelOneIsKept() throws Exception {
    Http.Answer answer = Http.chat("elo");
    String key = UUID.randomUUID().toString();
    var given = new ArrayList<Callable<Http.Answer>>();
    for (int i = 0; i < 16; i++) {
      String rating = "\"rating\": 0.%d, \"key\": \"%s\"".formatted(i % 2, key);
      given.add(() -> give(answer, rating));
    }
    var bodies = new HashSet<String>();
    int kept = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var future : threads.invokeAll(given)) {
        if (future.get().status() == 200) {
          bodies.add(future.get().body());
          kept++;
        } else {
          assertEquals("idempotency_key_reused", future.get().error().at("/code").asText());
        }
      }
    }
    assertEquals(8, kept);
    assertEquals(1, bodies.size(), bodies.toString());
    assertEquals(1, kept(answer).size());
  }

  @Test
  void listsOfTheSameKeysInAnyOrderAreKept() throws Exception {
    Http.Answer answer = Http.chat("elo");
    var pieces = new ArrayList<String>();
    for (int i = 0; i < 300; i++) {
      pieces.add(body(answer, "\"rating\": 0.5, \"key\": \"%s\"".formatted(UUID.randomUUID())));
    }
    var given = new ArrayList<Callable<Http.Answer>>();
    for (var order : List.of(pieces, pieces.reversed())) {
      String list = "{\"feedback\": [%s]}".formatted(String.join(", ", order));
      given.add(() -> Http.post("/v1/feedback", list));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var future : threads.invokeAll(given)) {
        assertEquals(200, future.get().status(), future.get().body());
      }
    }
    assertEquals(100, kept(answer).size(), "the first page");
  }

  @Test
  void withoutAKeyTheSameSaidTwiceCountsOnce() {
    Http.Answer answer = Http.chat("elo");
    Http.Answer first = give(answer, "\"rating\": 1");
    assertEquals(first.body(), give(answer, "\"rating\": 1, \"source\": \"person\"").body());
    assertTrue(first.json().at("/key").asText().startsWith("tutti:content:"), first.body());
    give(
        answer,
        "\"rating\": 1, \"source\": \"judge\", \"comment\": \"Größer.\", \"domain\": \"size\"");
    give(answer, "\"rating\": 0");
    JsonNode kept = kept(answer);
    assertEquals(3, kept.size(), kept.toString());
    assertEquals("judge", kept.at("/1/source").asText());
    assertEquals("Größer.", kept.at("/1/comment").asText());
    assertEquals("size", kept.at("/1/domain").asText());
    assertFalse(kept.at("/0").has("domain"));
    assertEquals(0, kept.at("/2/rating").asDouble(-1));
    assertEquals("eagle", kept.at("/0/method").asText());
    assertEquals(2, kept.at("/0/pool").size());
    assertEquals(0.25, kept.at("/0/cost_usd").asDouble());
    assertTrue(kept.at("/0/seconds").asDouble() > 0);
  }

  @Test
  void aListIsKeptWholeOrNotAtAll() {
    Http.Answer a = Http.chat("elo");
    Http.Answer b = Http.chat("anna");
    String list =
        "{\"feedback\": [%s, %s]}"
            .formatted(body(a, "\"rating\": 0.1"), body(b, "\"correct\": false"));
    Http.Answer given = Http.post("/v1/feedback", list);
    assertEquals(200, given.status(), given.body());
    assertEquals(2, given.json().at("/data").size());
    assertEquals("anna", given.json().at("/data/1/member").asText());
    assertEquals(given.body(), Http.post("/v1/feedback", list).body());
    Http.Answer c = Http.chat("elo");
    Http.Answer wrong =
        Http.post(
            "/v1/feedback",
            "{\"feedback\": [%s, %s]}"
                .formatted(body(c, "\"rating\": 0.1"), body(b, "\"rating\": 2")));
    assertEquals(400, wrong.status());
    assertEquals("feedback[1].rating", wrong.error().at("/param").asText());
    assertEquals(0, kept(c).size());
  }

  @Test
  void whateverAnsweredFeedbackIsAboutAMember() {
    assertEquals("anna", give(Http.chat("anna"), "\"rating\": 1").json().at("/member").asText());
    Neighbourhood.fusion.script(
        (request, sink) -> {
          var completion = dev.tutti.kit.testing.ScriptedGeneration.completion("vote", "x");
          var decision = completion.getCompletionBuilder().getDecisionBuilder().setEnsemble("vote");
          decision.addCandidatesBuilder().setMember("anna").setChosen(true);
          decision.addCandidatesBuilder().setMember("bert").setChosen(true);
          sink.emit(completion.build());
        });
    Http.Answer vote = Http.chat("vote");
    Http.Answer whole = give(vote, "\"rating\": 1");
    assertEquals(400, whole.status());
    assertEquals("member", whole.error().at("/param").asText());
    assertTrue(whole.error().at("/message").asText().contains("anna, bert"), whole.body());
    assertEquals(200, give(vote, "\"rating\": 1, \"member\": \"bert\"").status());
    // A decision without an answer.
    Http.Answer route = Http.post("/v1/route", Http.body("elo"));
    assertEquals(400, give(route, "\"rating\": 1").status());
    assertEquals(200, give(route, "\"rating\": 1, \"member\": \"bert\"").status());
  }

  @Test
  void aCallThatFailsIsLearnedByWhoLearnsFromThat() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("anna")) {
            throw new Failure.Unavailable("AWAY", "Away.").exception();
          }
          Neighbourhood.echo(request, sink);
        });
    var failed = new ArrayList<String>();
    for (String ensemble : new String[] {"pick", "elo"}) {
      String id = "";
      for (int i = 0; i < 200 && id.isEmpty(); i++) {
        Http.Answer answer = Http.chat(ensemble, "\"seed\": " + i);
        String decision = answer.header("x-tutti-decision-id");
        if (Http.get("/v1/decisions/" + decision).body().contains("Away.")) {
          id = decision;
        }
      }
      assertFalse(id.isEmpty(), ensemble);
      failed.add(id);
    }
    await(() -> keptOf(failed.getFirst()).size() == 1);
    await(() -> keptOf(failed.getFirst()).at("/0").has("position"));
    JsonNode its = keptOf(failed.getFirst()).at("/0");
    assertEquals("router", its.at("/source").asText());
    assertEquals("anna", its.at("/member").asText());
    assertTrue(its.at("/failed").asBoolean());
    assertFalse(its.has("refused"), its.toString());
    await(
        () ->
            Admin.learner("pick").getArmsList().stream()
                .anyMatch(arm -> arm.getMember().equals("anna")));
    assertEquals(0, keptOf(failed.getLast()).size());
    // What the caller did wrong says nothing of the member.
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw Failure.invalid("messages", "Wrong.");
        });
    Http.Answer wrong = Http.chat("pick");
    assertEquals(400, wrong.status());
    String id = wrong.header("x-tutti-decision-id");
    await(() -> ready("database").at("/data/decisions_waiting").asInt(-1) == 0);
    assertEquals(0, keptOf(id).size());
    // Nor does a service of ours that stops.
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw new Failure.Unavailable(Drain.REASON, "decoder-service is stopping.").exception();
        });
    Http.Answer stopping = Http.chat("pick");
    assertEquals(503, stopping.status());
    assertEquals("2", stopping.header("retry-after"));
    await(() -> ready("database").at("/data/decisions_waiting").asInt(-1) == 0);
    assertEquals(0, keptOf(stopping.header("x-tutti-decision-id")).size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"rating\": 1.5' | rating",
        "'\"rating\": -0.1' | rating",
        "'\"rating\": \"good\"' | rating",
        "'\"correct\": 1' | correct",
        "'\"failed\": false' | failed",
        "'\"rating\": 1, \"correct\": true' | rating",
        "'\"comment\": \"x\"' | rating",
        "'\"rating\": 1, \"stars\": 5' | stars",
        "'\"rating\": 1, \"source\": \"router\"' | source",
        "'\"rating\": 1, \"key\": \"a b\"' | key",
        "'\"rating\": 1, \"key\": \"tutti:x\"' | key",
        "'\"rating\": 1, \"member\": \"carl\"' | member",
        "'\"comparison\": {\"winner\": \"anna\"}' | comparison.loser",
        "'\"comparison\": {\"winner\": \"anna\", \"loser\": \"anna\"}' | comparison.loser",
        "'\"comparison\": {\"winner\": \"anna\", \"loser\": \"carl\"}' | comparison.loser",
        "'\"comparison\": {\"winner\": \"anna\", \"loser\": \"bert\", \"by\": 2}' | comparison.by",
        "'\"rating\": 1, \"comment\": \"a\\u0000b\"' | comment",
        "'\"rating\": 1, \"domain\": \"Größe\"' | domain",
        "'\"rating\": 1, \"domain\": \"-x\"' | domain",
      })
  void whatIsWrongIsNamed(String fields, String param) {
    Http.Answer answer = Http.chat("elo");
    Http.Answer refused = give(answer, fields);
    assertEquals(400, refused.status(), refused.body());
    assertEquals(param, refused.error().at("/param").asText(), refused.body());
    assertEquals(0, kept(answer).size());
  }

  @Test
  void otherThingsThatAreWrong() {
    Http.Answer unknown = Http.post("/v1/feedback", "{\"decision\": \"none\", \"rating\": 1}");
    assertEquals(404, unknown.status(), unknown.body());
    assertEquals("decision_not_found", unknown.error().at("/code").asText());
    assertEquals(400, Http.post("/v1/feedback", "{\"rating\": 1}").status());
    assertEquals(400, Http.post("/v1/feedback", "{\"feedback\": []}").status());
    assertEquals(400, Http.post("/v1/feedback", "[]").status());
    Http.Answer answer = Http.chat("elo");
    assertEquals(
        400,
        give(answer, "\"rating\": 1, \"comment\": \"%s\"".formatted("x".repeat(2001))).status());
    assertEquals(
        400,
        Http.post(
                "/v1/feedback",
                body(answer, "\"rating\": 1, \"key\": \"a\""),
                "Idempotency-Key",
                "b")
            .status());
    for (String name : List.of("blend", "nobody")) {
      assertInstanceOf(Failure.NotFound.class, Admin.refusal(() -> Admin.learner(name)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/feedback?limit=0, limit",
    "/v1/feedback?limit=1001, limit",
    "/v1/feedback?limit=1&limit=2, limit",
    "/v1/feedback?after=x, after",
    "/v1/feedback?page=1, page",
    "/v1/feedback?decision=a%00, decision",
    "/v1/feedback?ensemble=%00, ensemble",
  })
  void parametersThatAreWrongAreNamed(String path, String param) {
    Http.Answer refused = Http.get(path);
    assertEquals(400, refused.status(), refused.body());
    assertEquals(param, refused.error().at("/param").asText(), refused.body());
  }

  @Test
  void feedbackIsToldPageByPage() {
    Http.Answer answer = Http.chat("elo");
    for (int i = 0; i < 5; i++) {
      give(answer, "\"rating\": 0." + i);
    }
    var seen = new ArrayList<Double>();
    String after = "";
    do {
      JsonNode page =
          Http.get(
                  "/v1/feedback?limit=2&decision=%s%s"
                      .formatted(answer.header("x-tutti-decision-id"), after))
              .json();
      page.at("/data").forEach(f -> seen.add(f.at("/rating").asDouble()));
      after = page.has("next") ? "&after=" + page.at("/next").asText() : "";
    } while (!after.isEmpty());
    assertEquals(List.of(0.0, 0.1, 0.2, 0.3, 0.4), seen);
    JsonNode ensemble = Http.get("/v1/feedback?ensemble=elo&limit=1").json();
    assertEquals("elo", ensemble.at("/data/0/ensemble").asText());
  }

  @Test
  void rebuildingChangesNothing() {
    give(Http.chat("ucb"), "\"rating\": 0.75");
    await(() -> nothingWaits(Admin.learner("ucb")));
    Learner before = Admin.learner("ucb");
    var answered = new AtomicReference<RebuildLearnerResponse>();
    await(() -> rebuilt(answered));
    RebuildLearnerResponse rebuilt = answered.get();
    assertTrue(rebuilt.getSame(), rebuilt.toString());
    assertEquals(before.getArmsList(), rebuilt.getLearner().getArmsList());
    List<String> all =
        Admin.learners(
            stub ->
                stub
                    .listLearners(ListLearnersRequest.getDefaultInstance())
                    .getLearnersList()
                    .stream()
                    .map(Learner::getEnsemble)
                    .toList());
    assertEquals(List.of("duel", "elo", "pick", "ucb"), all);
  }

  /** A connection that another test cut may be the first that is used again. */
  private static boolean rebuilt(AtomicReference<RebuildLearnerResponse> answered) {
    try {
      answered.set(
          Admin.learners(
              stub ->
                  stub.rebuildLearner(
                      RebuildLearnerRequest.newBuilder().setEnsemble("ucb").build())));
      return true;
    } catch (StatusRuntimeException e) {
      assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
      return false;
    }
  }

  @Test
  void theSameOverGrpc() {
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    var channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      var stub = FeedbackServiceGrpc.newBlockingStub(channel);
      String decision = Http.chat("elo").header("x-tutti-decision-id");
      var feedback =
          Feedback.newBuilder()
              .setDecision(decision)
              .setSource(FeedbackSource.FEEDBACK_SOURCE_JUDGE)
              .setComparison(
                  Comparison.newBuilder().setWinner("anna").setLoser("bert").setTie(true));
      var request = GiveRequest.newBuilder().addFeedback(feedback).build();
      assertEquals(stub.give(request), stub.give(request));
      var kept =
          stub.listFeedback(ListFeedbackRequest.newBuilder().setDecision(decision).build())
              .getFeedbackList();
      assertEquals(1, kept.size());
      assertTrue(kept.getFirst().getFeedback().getComparison().getTie());
      assertEquals("elo", kept.getFirst().getEnsemble());
      var wrong =
          GiveRequest.newBuilder()
              .addFeedback(feedback.clone().setKey("grpc-1"))
              .addFeedback(feedback.clone().setKey("grpc-1").setRating(1));
      var reused =
          assertInstanceOf(
              Failure.FailedPrecondition.class,
              FailureStatus.fromThrowable(
                  assertThrows(StatusRuntimeException.class, () -> stub.give(wrong.build()))));
      assertEquals("IDEMPOTENCY_KEY_REUSED", reused.reason());
      assertEquals("feedback[1].key", reused.field());
      wrong.clearFeedback().addFeedback(feedback.clone().clearDecision());
      var missing =
          assertInstanceOf(
              Failure.InvalidArgument.class,
              FailureStatus.fromThrowable(
                  assertThrows(StatusRuntimeException.class, () -> stub.give(wrong.build()))));
      assertEquals("feedback[0].decision", missing.field());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void withoutTheDatabaseNothingIsAcknowledged() {
    Http.Answer answer = Http.chat("elo");
    await(() -> ready("database").at("/data/decisions_waiting").asInt(-1) == 0);
    Neighbourhood.database.shut();
    try {
      Http.Answer away = give(answer, "\"rating\": 0.3");
      assertEquals(503, away.status(), away.body());
      assertEquals("database_unreachable", away.error().at("/code").asText());
      assertTrue(Integer.parseInt(away.header("retry-after")) > 0);
      await(() -> ready("learners").at("/data/state").asText().equals("degraded"));
      assertEquals("UP", ready("learners").at("/status").asText());
      assertEquals(200, Http.chat("elo").status());
      assertFalse(Admin.learner("elo").hasBacklog());
    } finally {
      Neighbourhood.database.open();
    }
    await(() -> ready("learners").at("/data/state").asText().equals("connected"));
    await(() -> give(answer, "\"rating\": 0.3").status() == 200);
    assertEquals(1, kept(answer).size());
    await(() -> kept(answer).at("/0").has("position"));
    String metrics = Http.operators("/metrics").body();
    for (String name :
        new String[] {
          "accepted_total", "folded_total", "refused_total", "backlog", "fold_seconds"
        }) {
      assertTrue(metrics.contains("tutti_router_feedback_" + name), name);
    }
  }

  private static JsonNode ready(String name) {
    for (JsonNode check : Http.operators("/health/ready").json().at("/checks")) {
      if (check.at("/name").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no check " + name);
  }

  private static boolean nothingWaits(Learner learner) {
    return learner.hasBacklog() && learner.getBacklog() == 0;
  }

  private static JsonNode kept(Http.Answer answer) {
    return keptOf(answer.header("x-tutti-decision-id"));
  }

  private static JsonNode keptOf(String decision) {
    Http.Answer page = Http.get("/v1/feedback?decision=" + decision);
    assertEquals(200, page.status(), page.body());
    return page.json().at("/data");
  }

  private static Http.Answer give(Http.Answer answer, String fields) {
    return Http.post("/v1/feedback", body(answer, fields));
  }

  private static String body(Http.Answer answer, String fields) {
    return "{\"decision\": \"%s\", %s}".formatted(answer.header("x-tutti-decision-id"), fields);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 30 s");
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
