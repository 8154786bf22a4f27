package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers that cascades keep, which only the cascade has. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class CacheResourceTest {

  private static final String FAQ =
      "{\"ensemble\":\"org/Faq\",\"entries\":7,\"oldest\":\"2020-09-13T12:26:40Z\",\"judged\":3,"
          + "\"judged_wrong\":1,\"checked\":5,\"checked_wrong\":1,\"false_hit_rate\":0.25}";

  @Test
  void theyAreToldByEnsemble() {
    JsonNode first = Rest.get("caches?limit=1").expect(200).json();
    assertEquals("[" + FAQ + "]", first.path("items").toString());
    JsonNode second = Rest.get("caches?cursor=" + first.path("next_cursor").asText()).json();
    assertEquals(
        "[{\"ensemble\":\"steps\",\"entries\":1,\"judged\":0,\"judged_wrong\":0,\"checked\":0,"
            + "\"checked_wrong\":0}]",
        second.path("items").toString());
    assertEquals(FAQ, Rest.get("caches/org%2FFaq").expect(200).json().toString());
    assertEquals(0, Rest.get("caches/nobody").expect(200).json().path("entries").asInt());
    Rest.get("caches?limit=0").expectProblem(400, "malformed", "limit", "");
    Rest.get("caches?team=none").expect(200);
    assertEquals(
        "search",
        Rest.get("caches?team=search").expect(200).json().at("/items/0/ensemble").asText());
    Rest.get("caches?team=No+Team").expectProblem(400, "malformed", "team", "team");
  }

  @Test
  void oneIsPurgedAndTheLogSaysByWhom() {
    JsonNode purged =
        Rest.send("DELETE", "caches/org%2FFaq", null, "X-Tutti-User", "ada").expect(200).json();
    assertEquals("{\"entries\":7}", purged.toString());
    JsonNode audit = Rest.get("audit?name=org%2FFaq").json().at("/items/0");
    assertEquals("delete", audit.path("action").asText());
    assertEquals("cache", audit.path("kind").asText());
    assertEquals("cascade-service", audit.path("service").asText());
    assertEquals("ada", audit.path("user").asText());
    assertEquals(
        0, Rest.send("DELETE", "caches/nobody", null).expect(200).json().path("entries").asInt());
    assertEquals(0, Rest.get("audit?name=nobody").json().path("items").size(), "nothing changed");
  }
}
