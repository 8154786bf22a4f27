package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.RebuildLearnerRequest;
import dev.tutti.type.v1.Capability;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that people have, and aliases, wherever a name goes. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class NamesTest {

  private static final String MODEL = "Qwen/Qwen3-8B:it@1";
  private static final String LEARNER = "org/Learner";

  private static Snapshot named() {
    return Neighbourhood.usual().toBuilder()
        .addModels(
            Neighbourhood.model(MODEL, Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
                .addAliases("qwen")
                .addAliases("latest/qwen"))
        .addModels(
            Neighbourhood.model("old-qwen", Lifecycle.LIFECYCLE_RETIRED).toBuilder()
                .addAliases("qwen")
                .addAliases("only-old"))
        .addModels(
            Neighbourhood.model("org/Embedder", Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
                .clearCapabilities()
                .addCapabilities(Capability.CAPABILITY_EMBEDDING)
                .addAliases("embeds"))
        .addModels(Neighbourhood.remote("org/Wire").toBuilder().addAliases("wired"))
        .addModels(
            Neighbourhood.remote("org/Wire-Embedder").toBuilder()
                .clearCapabilities()
                .addCapabilities(Capability.CAPABILITY_EMBEDDING)
                .addAliases("embeds-wire"))
        .addEnsembles(
            Neighbourhood.ensemble(LEARNER, Family.FAMILY_ROUTER, "eagle", MODEL, "anna")
                .toBuilder()
                .addAliases("learns"))
        .build();
  }

  @BeforeEach
  void tell() {
    Neighbourhood.calm();
    Neighbourhood.registry.tell(named());
    await(() -> Http.chat("learns").status() == 200);
    Neighbourhood.decoder.forget();
  }

  @AfterEach
  void calm() {
    Neighbourhood.calm();
    Neighbourhood.registry.tell(Neighbourhood.usual());
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 20 s");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static JsonNode decision(Http.Answer answer) {
    assertEquals(200, answer.status(), answer.body());
    return Http.get("/v1/decisions/" + answer.header("x-tutti-decision-id")).json();
  }

  private static List<String> ids() {
    var ids = new ArrayList<String>();
    Http.get("/v1/models").json().path("data").forEach(m -> ids.add(m.path("id").asText()));
    return ids;
  }

  /** As openai-node sends it, and as openai-python does. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/models/Qwen%2FQwen3-8B%3Ait%401",
        "/v1/models/Qwen/Qwen3-8B:it@1",
        "/v1/models/latest%2Fqwen",
        "/v1/models/latest/qwen",
        "/v1/models/qwen"
      })
  void aModelIsFoundHoweverItsSlashIsWritten(String path) {
    Http.Answer answer = Http.get(path);
    assertEquals(200, answer.status(), answer.body());
    assertEquals(MODEL, answer.json().path("root").asText());
    assertEquals(!path.contains("qwen"), answer.json().path("id").asText().equals(MODEL));
  }

  @Test
  void theListTellsAliasesThatAreServed() {
    List<String> ids = ids();
    assertTrue(ids.containsAll(List.of(MODEL, "qwen", "latest/qwen", LEARNER, "learns")), ids + "");
    assertFalse(ids.contains("only-old"), ids.toString());
    assertEquals(ids.stream().sorted().toList(), ids);
    assertEquals(404, Http.get("/v1/models/only-old").status());
    assertEquals(404, Http.get("/v1/models/qwen/qwen").status());
    assertEquals(404, Http.get("/v1/models/Latest/qwen").status(), "capitals count");
  }

  @Test
  void whoeverAsksForAnAliasIsAnsweredByWhatHasIt() {
    JsonNode decision = decision(Http.chat("qwen"));
    assertEquals(MODEL, decision.path("ensemble").asText());
    GenerateRequest asked = Neighbourhood.decoder.requests().getLast();
    assertEquals(MODEL, asked.getMember().getModel());
    assertEquals(LEARNER, decision(Http.chat("learns")).path("ensemble").asText());
    Http.Answer routed =
        Http.post(
            "/v1/route",
            "{\"model\": \"learns\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}");
    assertEquals(LEARNER, routed.json().at("/decision/ensemble").asText(), routed.body());
    Http.Answer retired = Http.chat("only-old");
    assertEquals(404, retired.status());
    assertTrue(retired.body().contains("'old-qwen' is retired"), retired.body());
    String metrics = Http.operators("/metrics").body();
    assertTrue(metrics.contains("name=\"" + MODEL + "\""), "the entry's own name");
    for (String alias : List.of("qwen", "learns")) {
      assertFalse(metrics.contains("\"" + alias + "\""), "a series for alias " + alias);
    }
  }

  @Test
  void embeddingsAndRelaysTakeAnAlias() {
    Http.Answer embedded = Http.post("/v1/embeddings", "{\"model\": \"embeds\", \"input\": \"x\"}");
    assertEquals("org/Embedder", embedded.header("x-tutti-member"));
    assertEquals("org/Embedder", decision(embedded).path("ensemble").asText());
    assertEquals("org/Embedder", decision(embedded).at("/candidates/0/member").asText());
    Http.Answer wired = Http.post("/v1/embeddings", "{\"model\": \"embeds-wire\", \"input\": 7}");
    assertEquals("org/Wire-Embedder", wired.header("x-tutti-member"), wired.body());
    // A field that only an endpoint takes: the alias is one's.
    Http.Answer relayed = Http.chat("wired", "\"verbosity\": \"low\"");
    assertFalse(relayed.body().contains("unsupported"), relayed.body());
  }

  @Test
  void learnersFeedbackAndSpendGoByAliasesToo() {
    Http.Answer answer = Http.chat("learns");
    String id = answer.header("x-tutti-decision-id");
    Http.Answer rated =
        Http.post(
            "/v1/feedback",
            "{\"decision\": \"%s\", \"comparison\": {\"winner\": \"qwen\", \"loser\": \"anna\"}}"
                .formatted(id));
    assertEquals(MODEL, rated.json().path("member").asText(), rated.body());
    await(() -> Admin.learner("learns").getObserved() > 0);
    Learner learner = Admin.learner(LEARNER);
    assertEquals(LEARNER, learner.getEnsemble());
    assertTrue(
        learner.getArmsList().stream().anyMatch(arm -> arm.getMember().equals(MODEL)),
        learner.toString());
    assertEquals(
        LEARNER,
        Admin.learners(
            stub ->
                stub.rebuildLearner(
                        RebuildLearnerRequest.newBuilder().setEnsemble("learns").build())
                    .getLearner()
                    .getEnsemble()));
    JsonNode feedback = Http.get("/v1/feedback?ensemble=learns&decision=" + id).json();
    assertEquals(LEARNER, feedback.at("/data/0/ensemble").asText(), feedback.toString());
    List<String> keys = new ArrayList<>();
    Http.get("/v1/spend").json().path("data").forEach(line -> keys.add(line.path("key").asText()));
    assertTrue(keys.contains(LEARNER), keys.toString());
    assertFalse(keys.contains("learns"), keys.toString());
  }
}
