package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class AuditResourceTest {

  @Test
  void everyChangeIsRecordedAndNothingElse() {
    Instant start = Instant.now();
    String draft = Rest.model("audited", "full").replace("\"active\"", "\"draft\"");
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Rest.post(
            "models",
            draft,
            "X-Tutti-User",
            "ada@example.org",
            "traceparent",
            "00-" + trace + "-00f067aa0ba902b7-01")
        .expect(201);
    Rest.post("models", draft).expect(409);
    Rest.put("models/audited", draft.replace("1.5", "7"), "\"9\"").expect(412);
    Rest.put("models/audited?validate_only=true", draft.replace("1.5", "7"), "*").expect(200);
    Rest.put("models/audited", draft.replace("1.5", "7"), "*").expect(200);
    Rest.move("models/audited", "active").expect(200);

    JsonNode page = Rest.get("audit?name=audited").expect(200).json();
    assertEquals(3, page.path("items").size(), page.toString());
    JsonNode moved = page.at("/items/0");
    assertEquals("lifecycle", moved.path("action").asText());
    assertEquals("draft", moved.at("/before/lifecycle").asText());
    assertEquals("active", moved.at("/after/lifecycle").asText());
    JsonNode replaced = page.at("/items/1");
    assertEquals("replace", replaced.path("action").asText());
    assertEquals("anonymous", replaced.path("user").asText());
    assertEquals(1, replaced.path("version_before").asInt());
    assertEquals(2, replaced.path("version_after").asInt());
    assertEquals(1.5, replaced.at("/before/usd_per_million_prompt_tokens").asDouble());
    assertEquals(7, replaced.at("/after/usd_per_million_prompt_tokens").asDouble());
    JsonNode created = page.at("/items/2");
    assertEquals("create", created.path("action").asText());
    assertEquals("model", created.path("kind").asText());
    assertEquals("audited", created.path("name").asText());
    assertEquals("ada@example.org", created.path("user").asText());
    assertEquals(trace, created.path("trace_id").asText());
    assertTrue(created.path("before").isNull());
    assertTrue(created.path("version_before").isNull());
    assertEquals(Rest.get("models/audited/versions/1").json(), created.path("after"));
    assertTrue(Instant.parse(created.path("at").asText()).isAfter(start.minusSeconds(1)));
    assertTrue(created.path("revision").asLong() < replaced.path("revision").asLong());
  }

  @Test
  void aDeletedDraftStaysInTheLog() {
    Rest.post("models", Rest.model("shredded", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
    Rest.send("DELETE", "models/shredded", null, "If-Match", "*").expect(204);
    JsonNode deleted = Rest.get("audit?name=shredded&limit=1").json().at("/items/0");
    assertEquals("delete", deleted.path("action").asText());
    assertEquals("shredded", deleted.at("/before/name").asText());
    assertTrue(deleted.path("after").isNull());
    assertTrue(deleted.path("version_after").isNull());
  }

  @Test
  void thePagesOfTheLogAreTheLog() {
    Rest.createModel("logged", "full");
    for (int i = 0; i < 6; i++) {
      Rest.put("models/logged", Rest.model("logged", "full"), "*").expect(200);
    }
    String cursor = "";
    long last = Long.MAX_VALUE;
    int seen = 0;
    do {
      JsonNode page = Rest.get("audit?name=logged&limit=3" + cursor).expect(200).json();
      for (JsonNode item : page.path("items")) {
        assertTrue(item.path("revision").asLong() < last);
        last = item.path("revision").asLong();
        seen++;
      }
      cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
      // What happens meanwhile is before the first page.
      Rest.put("models/logged", Rest.model("logged", "full"), "*").expect(200);
    } while (cursor != null);
    assertEquals(7, seen);
    assertFalse(Rest.get("audit?name=never-was").json().has("next_cursor"));
  }
}
