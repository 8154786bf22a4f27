package dev.tutti.registry.watch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class OutageTest {

  private static final Duration SOON = Duration.ofSeconds(15);

  @Test
  void aLostDatabaseIsSaidAndFoundAgain() throws Exception {
    Rest.createModel("survivor", "full");
    Surroundings surroundings = Surroundings.open();
    try (var watching = new Watching(0)) {
      long revision = watching.until("survivor", 1).getRevision();
      surroundings.cutDatabase();
      try {
        for (Answer answer :
            new Answer[] {
              Rest.get("models"),
              Rest.get("models/survivor"),
              Rest.post("models", Rest.model("too-late", "full")),
              Rest.put("models/survivor", Rest.model("survivor", "full"), "*"),
              Rest.get("audit"),
            }) {
          answer.expectProblem(503, "unavailable", null, "database");
          assertNotNull(answer.header("Retry-After"));
        }
        // What needs no database goes on.
        Rest.get("methods").expect(200);
        await().atMost(SOON).until(() -> Rest.operators("/health/ready").status() == 503);
        JsonNode check = check();
        assertEquals("DOWN", check.path("status").asText());
        assertEquals(revision, check.at("/data/revision").asLong());
        assertTrue(check.at("/data").has("since"), check.toString());
        assertTrue(check.at("/data").has("error"), check.toString());
        Rest.operators("/health/live").expect(200);
        // Whoever comes now is told what is known.
        try (var late = new Watching(0)) {
          assertEquals(revision, late.next().getRevision());
        }
        assertNull(watching.peek());
        assertNull(watching.error());
      } finally {
        surroundings.restoreDatabase();
      }
      await().atMost(SOON).until(() -> Rest.operators("/health/ready").status() == 200);
      Rest.put("models/survivor", Rest.model("survivor", "full"), "*").expect(200);
      assertEquals(revision + 1, watching.until("survivor", 2).getRevision());
      assertNull(watching.error());
    }
    Rest.get("models/too-late").expect(404);
  }

  @Test
  void whatIsDoneIsAnsweredThoughItCannotBeNoted() throws Exception {
    Surroundings surroundings = Surroundings.open();
    double before = Rest.metric("tutti_registry_unnoted_total");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> fit =
          threads.submit(
              () ->
                  Rest.post(
                      "fits",
                      "{\"artifact\": \"unnoted\", \"method\": \"coin\", \"dataset\": \"late\"}"));
      assertTrue(surroundings.slowFits().tryAcquire(10, TimeUnit.SECONDS));
      surroundings.cutDatabase();
      surroundings.lateFits().release();
      assertEquals("started-fit", fit.get().expect(202).json().path("id").asText());
    } finally {
      surroundings.restoreDatabase();
    }
    assertEquals(before + 1, Rest.metric("tutti_registry_unnoted_total"));
    await().atMost(SOON).until(() -> Rest.operators("/health/ready").status() == 200);
    assertTrue(Rest.get("audit?name=unnoted").expect(200).json().path("items").isEmpty());
  }

  private static JsonNode check() {
    return StreamSupport.stream(
            Rest.operators("/health/ready").json().path("checks").spliterator(), false)
        .filter(c -> c.path("name").asText().equals("database"))
        .findFirst()
        .orElseThrow();
  }
}
