package dev.tutti.registry.watch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Durations;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.Unserved;
import dev.tutti.type.v1.Capability;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class WatchTest {

  @Test
  void thePriceOfCachedTokensIsTold() throws InterruptedException {
    Surroundings.open();
    Rest.post(
            "models",
            """
            {"name": "cached-price", "runtime": "openai", "usd_per_million_prompt_tokens": 0.15,
             "usd_per_million_completion_tokens": 0.6, "usd_per_million_cached_prompt_tokens": 0.075,
             "endpoints": ["https://well.example.com/v1"], "context_length": 4096, "lifecycle": "active"}""")
        .expect(201);
    try (var watching = new Watching(0)) {
      Model model =
          watching.until("cached-price", 1).getModelsList().stream()
              .filter(m -> m.getName().equals("cached-price"))
              .findFirst()
              .orElseThrow();
      assertEquals(0.075, model.getPrices().getUsdPerMillionCachedPromptTokens());
    }
  }

  @Test
  void theFirstSnapshotIsWholeAndSorted() throws Exception {
    Rest.createModel("snap-b", "full");
    Rest.createModel("snap-a", "plain");
    Rest.post("models", Rest.model("snap-draft", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
    Rest.createModel("snap-gone", "full");
    Rest.move("models/snap-gone", "retired").expect(200);
    Rest.post(
            "ensembles",
            """
            {"name": "snap-e", "method": "coin", "settings": {"tilt": 0.25}, "lifecycle": "active",
             "members": [{"model": "snap-b", "weight": 2, "role": "judge"}, {"model": "snap-a"}],
             "budget": {"usd_per_request": 0.5, "usd_per_day": 12}, "time_limit_seconds": 7.5,
             "unserved": "drop", "description": "Two."}""")
        .expect(201);
    long revision = Rest.get("audit?limit=1").json().at("/items/0/revision").asLong();
    try (var watching = new Watching(0)) {
      Snapshot snapshot = watching.next();
      while (snapshot.getRevision() < revision) {
        snapshot = watching.next();
      }
      List<String> names = snapshot.getModelsList().stream().map(Model::getName).toList();
      assertEquals(names.stream().sorted().toList(), names);
      assertFalse(names.contains("snap-draft"));
      Model model = snapshot.getModels(names.indexOf("snap-b"));
      assertEquals(Runtime.RUNTIME_ONNX, model.getRuntime());
      assertEquals("full", model.getLocation());
      assertEquals(128, model.getContextLength());
      assertEquals(1.5, model.getPrices().getUsdPerMillionPromptTokens());
      assertEquals(3, model.getPrices().getUsdPerMillionCompletionTokens());
      assertEquals(1000, model.getParameters());
      assertEquals(
          List.of(
              Capability.CAPABILITY_GENERATION,
              Capability.CAPABILITY_LOGPROBS,
              Capability.CAPABILITY_FULL_DISTRIBUTION,
              Capability.CAPABILITY_SCORING),
          model.getCapabilitiesList());
      assertEquals(Lifecycle.LIFECYCLE_ACTIVE, model.getLifecycle());
      assertEquals("ab".repeat(32), model.getSha256());
      assertEquals(
          Lifecycle.LIFECYCLE_RETIRED,
          snapshot.getModels(names.indexOf("snap-gone")).getLifecycle());
      Ensemble ensemble =
          snapshot.getEnsemblesList().stream()
              .filter(e -> e.getName().equals("snap-e"))
              .findFirst()
              .orElseThrow();
      assertEquals(7_500, Durations.toMillis(ensemble.getTimeLimit()));
      assertEquals(Unserved.UNSERVED_DROP, ensemble.getUnserved());
      assertTrue(ensemble.getCreated().getSeconds() > 0 && model.getCreated().getSeconds() > 0);
      assertEquals(Family.FAMILY_ROUTER, ensemble.getFamily());
      assertEquals(0.25, ensemble.getSettings().getFieldsOrThrow("tilt").getNumberValue());
      assertEquals("snap-b", ensemble.getMembers(0).getModel());
      assertEquals(2, ensemble.getMembers(0).getWeight());
      assertEquals("judge", ensemble.getMembers(0).getRole());
      assertEquals("", ensemble.getMembers(1).getRole());
      assertFalse(ensemble.getMembers(1).hasWeight());
      assertEquals(0.5, ensemble.getBudget().getUsdPerRequest());
      assertEquals(12, ensemble.getBudget().getUsdPerDay());
      assertEquals("Two.", ensemble.getDescription());
      assertEquals(1, ensemble.getVersion());
      assertFalse(ensemble.getRewrites());
    }
  }

  @Test
  void whoseMethodRewritesPromptsIsTold() throws Exception {
    Rest.createModel("rewritten", "full");
    Rest.createEnsemble("rewriting", "ladder", "m:rewritten");
    Rest.createModel("rewritten-last", "full");
    try (var watching = new Watching(0)) {
      assertTrue(
          watching.until("rewritten-last", 1).getEnsemblesList().stream()
              .anyMatch(e -> e.getName().equals("rewriting") && e.getRewrites()));
    }
  }

  @Test
  void whatOtherServicesDoIsNoChangeOfTheRegistry() throws Exception {
    Rest.createModel("before-fit", "full");
    try (var watching = new Watching(0)) {
      long revision = watching.until("before-fit", 1).getRevision();
      Rest.post("fits", "{\"artifact\": \"x\", \"method\": \"coin\", \"dataset\": \"tasks\"}")
          .expect(202);
      assertEquals(revision, Rest.get("audit?limit=1").json().at("/items/0/revision").asLong());
      Rest.createModel("after-fit", "full");
      assertEquals(revision + 1, watching.next().getRevision());
    }
  }

  @Test
  void everyChangeFollowsInOrder() throws Exception {
    try (var watching = new Watching(0)) {
      watching.next();
      Rest.createModel("followed", "full");
      long last = watching.until("followed", 1).getRevision();
      for (int version = 2; version <= 10; version++) {
        Rest.put("models/followed", Rest.model("followed", "full"), "*").expect(200);
        Snapshot snapshot = watching.until("followed", version);
        assertTrue(snapshot.getRevision() > last);
        last = snapshot.getRevision();
      }
      assertNull(watching.peek());
    }
  }

  @Test
  void whoKnowsTheNewestRevisionHearsOfTheNextChangeOnly() throws Exception {
    Rest.createModel("known", "full");
    long revision;
    try (var watching = new Watching(0)) {
      revision = watching.until("known", 1).getRevision();
    }
    try (var watching = new Watching(revision);
        var stranger = new Watching(revision + 1000)) {
      // The stranger's snapshot proves that the registry has answered by now.
      assertEquals(revision, stranger.next().getRevision());
      assertNull(watching.peek());
      Rest.put("models/known", Rest.model("known", "full"), "*").expect(200);
      assertEquals(revision + 1, watching.next().getRevision());
    }
  }

  @Test
  void changesOfAnotherReplicaFollowToo() throws Exception {
    Rest.createModel("elsewhere", "full");
    try (var watching = new Watching(0);
        var database = DriverManager.getConnection(Surroundings.databaseUrl());
        var statement = database.createStatement()) {
      watching.until("elsewhere", 1);
      database.setAutoCommit(false);
      statement.executeUpdate("update registry.registry_revision set revision = revision + 1");
      statement.executeUpdate(
          "update registry.entry set version = 2, document = jsonb_set(document, '{version}', '2')"
              + " where name = 'elsewhere'");
      // Another replica may be newer and know more.
      statement.executeUpdate(
          "update registry.entry set document = jsonb_set(document, '{colour}', '\"red\"')"
              + " where name = 'elsewhere'");
      statement.executeUpdate(
          "insert into registry.entry_version (name, version, kind, document)"
              + " select name, version, kind, document from registry.entry where name = 'elsewhere'");
      database.commit();
      watching.until("elsewhere", 2);
    }
    assertEquals("\"2\"", Rest.get("models/elsewhere").expect(200).etag());
  }

  @Test
  void whoLeavesIsForgotten() throws Exception {
    await().atMost(Duration.ofSeconds(5)).until(() -> watchers() == 0);
    try (var first = new Watching(0);
        var second = new Watching(0)) {
      first.next();
      second.next();
      assertEquals(2, watchers());
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> watchers() == 0);
  }

  private static double watchers() {
    return Rest.metric("tutti_registry_watchers");
  }
}
