package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Learners and budgets, which only the router has. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class RouterAdminTest {

  @Test
  void whatWasLearnedIsTold() {
    JsonNode first = Rest.get("learners?limit=1").expect(200).json();
    assertEquals(
        "[{\"ensemble\":\"elo\",\"method\":\"eagle\",\"basis\":\"k=32\",\"observed\":3,\"position\":17,\"backlog\":0,"
            + "\"arms\":{\"anna\":{\"rating\":1016.5}}}]",
        first.path("items").toString());
    JsonNode second =
        Rest.get("learners?limit=1&cursor=" + first.path("next_cursor").asText()).json();
    assertEquals("org/Learner", second.at("/items/0/ensemble").asText());
    assertFalse(second.at("/items/0").has("backlog"));
    assertFalse(second.has("next_cursor"));
    assertEquals(second.at("/items/0"), Rest.get("learners/org%2FLearner").expect(200).json());
    assertEquals(second.at("/items/0"), Rest.get("learners/learns").expect(200).json());
    Answer none = Rest.get("learners/nobody");
    none.expectProblem(404, "not-found", "ensemble", "'nobody' learns nothing.");
    assertEquals("LEARNER_NOT_FOUND", none.json().path("reason").asText());
    Rest.get("learners?all=1").expectProblem(400, "malformed", "all", "known: cursor, limit");
  }

  @Test
  void itIsLearnedAnew() {
    JsonNode rebuilt =
        Rest.post("learners/learns/rebuild", null, "X-Tutti-User", "ada").expect(200).json();
    assertTrue(rebuilt.path("same").asBoolean());
    assertEquals("org/Learner", rebuilt.path("ensemble").asText());
    // The log has its own name.
    JsonNode audit = Rest.get("audit?name=org%2FLearner").json().at("/items/0");
    assertEquals("rebuild", audit.path("action").asText());
    assertEquals("learner", audit.path("kind").asText());
    assertEquals("ada", audit.path("user").asText());
    Rest.post("learners/nobody/rebuild", null).expectProblem(404, "not-found", "ensemble", "");
  }

  @Test
  void aBudgetIsToldAndBegunAnew() {
    JsonNode budget = Rest.get("budgets/org%2FPaced").expect(200).json();
    assertEquals(
        "{\"ensemble\":\"org/Paced\",\"usd_per_day\":24.0,\"left_usd\":-1.0,\"held_usd\":0.25,"
            + "\"seconds_until_left\":3600.0}",
        budget.toString());
    assertEquals(budget, Rest.get("budgets").expect(200).json().at("/items/0"));
    JsonNode reset =
        Rest.post("budgets/org%2FPaced/reset", null, "X-Tutti-User", "ada").expect(200).json();
    assertEquals(0.5, reset.path("left_usd").asDouble());
    assertEquals(
        "[{\"number\":1,\"ensemble\":\"org/Paced\",\"before_usd\":-1.0,\"after_usd\":0.5,\"author\":\"ada\","
            + "\"time\":\"2020-09-13T12:26:40Z\"}]",
        Rest.get("budgets/org%2FPaced/resets").expect(200).json().path("items").toString());
    JsonNode audit = Rest.get("audit?name=org%2FPaced").json().at("/items/0");
    assertEquals("reset", audit.path("action").asText());
    assertEquals("budget", audit.path("kind").asText());
    assertEquals("ada", audit.path("user").asText());
    Rest.get("budgets/nobody").expectProblem(404, "not-found", "ensemble", "no budget of a day");
    Rest.post("budgets/nobody/reset", null).expectProblem(404, "not-found", "ensemble", "");
  }
}
