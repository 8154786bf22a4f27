package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What ensembles solved, which only the cascade has. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class SolutionResourceTest {

  @Test
  void theyAreToldTheNewestFirst() {
    JsonNode first = Rest.get("solutions/org%2FEco?limit=1").expect(200).json();
    assertEquals(
        "[{\"id\":9,\"question\":\"q9\",\"answer\":\"a9\",\"member\":\"anna\",\"decision\":\"d9\","
            + "\"state\":\"accepted\",\"created\":\"2020-09-13T12:26:40Z\",\"used\":\"2020-09-13T12:26:41Z\"}]",
        first.path("items").toString());
    JsonNode second =
        Rest.get("solutions/org%2FEco?cursor=" + first.path("next_cursor").asText()).json();
    assertEquals(4, second.at("/items/0/id").asInt());
    assertFalse(second.has("next_cursor"));
    assertEquals(0, Rest.get("solutions/nobody").expect(200).json().path("items").size());
    Rest.get("solutions/org%2FEco?cursor=x").expectProblem(400, "malformed", "cursor", "");
    Rest.get("solutions/org%2FEco?all=1").expectProblem(400, "malformed", "all", "known: ");
  }

  @Test
  void oneIsDeletedAndTheLogSaysByWhom() {
    Rest.send("DELETE", "solutions/org%2FEco/4", null, "X-Tutti-User", "ada").expect(204);
    JsonNode audit = Rest.get("audit?name=org%2FEco").json().at("/items/0");
    assertEquals("delete", audit.path("action").asText());
    assertEquals("solution", audit.path("kind").asText());
    assertEquals("cascade-service", audit.path("service").asText());
    assertEquals("ada", audit.path("user").asText());
    Rest.send("DELETE", "solutions/org%2FEco/5", null)
        .expectProblem(404, "not-found", "id", "There is none.");
    Rest.send("DELETE", "solutions/org%2FEco/x", null)
        .expectProblem(400, "malformed", "id", "number");
  }

  @Test
  void allAreDeleted() {
    JsonNode deleted =
        Rest.send("DELETE", "solutions/org%2FEco", null, "X-Tutti-User", "bo").expect(200).json();
    assertEquals("{\"deleted\":2,\"forgotten\":3}", deleted.toString());
    assertEquals("bo", Rest.get("audit?name=org%2FEco").json().at("/items/0/user").asText());
    assertEquals(
        0,
        Rest.send("DELETE", "solutions/nobody", null).expect(200).json().path("deleted").asInt());
    assertEquals(0, Rest.get("audit?name=nobody").json().path("items").size(), "nothing changed");
  }
}
