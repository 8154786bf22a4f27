package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class ModelResourceTest {

  @Test
  void aNewModelIsWhatTheDecoderFound() {
    Answer created =
        Rest.post(
                "models",
                """
                {"name": "found", "runtime": "onnx", "location": "full", "description": "A\\nB",
                 "usd_per_million_prompt_tokens": 0, "usd_per_million_completion_tokens": 2.5}""")
            .expect(201);
    assertEquals("\"1\"", created.etag());
    assertTrue(created.header("Location").endsWith("/api/v1/models/found"));
    JsonNode model = created.json();
    assertEquals("draft", model.path("lifecycle").asText());
    assertEquals(128, model.path("context_length").asInt());
    assertEquals(1000, model.path("parameters").asInt());
    assertEquals("ab".repeat(32), model.path("sha256").asText());
    assertEquals(
        "[\"generation\",\"logprobs\",\"full_distribution\",\"scoring\"]",
        model.path("capabilities").toString());
    assertEquals(0, model.path("usd_per_million_prompt_tokens").asDouble());
    assertEquals(2.5, model.path("usd_per_million_completion_tokens").asDouble());
    assertEquals("A\nB", model.path("description").asText());
    assertEquals(1, model.path("version").asInt());
    assertEquals(model.path("created_at"), model.path("updated_at"));

    Answer read = Rest.get("models/found").expect(200);
    assertEquals(model, read.json());
    assertEquals("\"1\"", read.etag());
    Rest.get("models/found", "If-None-Match", "\"1\"").expect(304);
    Rest.get("models/found", "If-None-Match", "\"2\"").expect(200);
  }

  @Test
  void aModelMayNameTheDecoderThatHoldsIt() {
    Surroundings surroundings = Surroundings.open();
    String body =
        Rest.model("distant", "full")
            .replace("\"location\"", "\"decoder\": \"gpu-1\", \"location\"");
    Answer created = Rest.post("models", body).expect(201);
    assertEquals("gpu-1", created.json().path("decoder").asText());
    assertEquals("gpu-1", surroundings.inspections().getLast().getModel().getDecoder());
    int before = surroundings.inspections().size();
    Answer same = Rest.put("models/distant", created.body(), created.etag()).expect(200);
    assertEquals(before, surroundings.inspections().size());
    // On another one they may be other files.
    Rest.put("models/distant", same.body().replace("gpu-1", "gpu-2"), same.etag()).expect(200);
    assertEquals("gpu-2", surroundings.inspections().getLast().getModel().getDecoder());
    assertEquals("gpu-2", Rest.get("models/distant").expect(200).json().path("decoder").asText());
  }

  @Test
  void theRegistrantMayLimitTheModelButNotContradictIt() {
    String limited =
        Rest.model("limited", "full")
            .replace(
                "\"lifecycle\"",
                "\"context_length\": 100, \"capabilities\": [\"logprobs\", \"generation\"], \"parameters\": 1000,"
                    + " \"lifecycle\"");
    JsonNode model = Rest.post("models", limited).expect(201).json();
    assertEquals(100, model.path("context_length").asInt());
    assertEquals("[\"generation\",\"logprobs\"]", model.path("capabilities").toString());

    String longer = Rest.model("longer", "plain").replace("{", "{\"context_length\": 65, ");
    Rest.post("models", longer)
        .expectProblem(422, "invalid", "context_length", "64 tokens at most");
    String abler =
        Rest.model("abler", "plain")
            .replace("{", "{\"capabilities\": [\"generation\", \"embedding\"], ");
    Rest.post("models", abler)
        .expectProblem(422, "invalid", "capabilities", "cannot do embedding; it can do generation");
    String larger = Rest.model("larger", "full").replace("{", "{\"parameters\": 1051, ");
    Rest.post("models", larger)
        .expectProblem(422, "invalid", "parameters", "the model has about 1000");
    // A graph's constants are counted with its weights: who knows better is believed.
    String counted = Rest.model("nearly-counted", "full").replace("{", "{\"parameters\": 990, ");
    assertEquals(990, Rest.post("models", counted).expect(201).json().path("parameters").asInt());
    Rest.post("models", Rest.model("silent", "silent"))
        .expectProblem(422, "invalid", "context_length", "does not say its own");
    String told =
        Rest.model("silent", "silent").replace("{", "{\"context_length\": 7, \"parameters\": 3,");
    JsonNode said = Rest.post("models", told).expect(201).json();
    assertEquals(7, said.path("context_length").asInt());
    assertEquals(3, said.path("parameters").asInt());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          corrupt | 422 | invalid         | location | corrupt/model.onnx is no ONNX file
          foreign | 422 | invalid         | location | foreign/tokenizer.json has 12 tokens
          nowhere | 422 | invalid         | location | There is no 'nowhere'
          busy    | 503 | unavailable     |          | Models are being loaded
          broken  | 502 | neighbour-fault |          | decoder-service failed
          """)
  void whatTheDecoderRefusesIsRefusedWithItsReason(
      String location, int status, String type, String field, String part) {
    Rest.post("models", Rest.model("refused", location)).expectProblem(status, type, field, part);
    Rest.get("models/refused").expectProblem(404, "not-found", null, "refused");
  }

  @Test
  void withoutTheDecoderNoModelIsTakenAndItIsFoundAgain() {
    Surroundings surroundings = Surroundings.open();
    surroundings.stop("decoder");
    try {
      Answer refused = Rest.post("models", Rest.model("orphan", "full"));
      refused.expectProblem(503, "unavailable", null, "decoder-service");
      assertNotNull(refused.header("Retry-After"));
      Rest.post("models", Rest.model("orphan", "full")).expect(503);
    } finally {
      surroundings.start("decoder");
      Rest.awaitNeighbours();
    }
    Rest.createModel("orphan", "full");
  }

  @Test
  void aChangeMustSayWhatItIsBasedOn() {
    Rest.createModel("based", "full");
    String changed = Rest.model("based", "full").replace("1.5", "2");
    Rest.send("PUT", "models/based", changed)
        .expectProblem(428, "version-required", null, "If-Match");
    Rest.put("models/based", changed, "\"2\"").expectProblem(412, "stale", null, "version 1");
    Rest.put("models/based", changed, "W/\"1\"").expectProblem(412, "stale", null, "version 1");
    Rest.put("models/based", changed, "1")
        .expectProblem(400, "malformed", "If-Match", "double quotes");
    Answer replaced = Rest.put("models/based", changed, "\"7\", \"1\"").expect(200);
    assertEquals("\"2\"", replaced.etag());
    assertEquals(2, replaced.json().path("usd_per_million_prompt_tokens").asDouble());
    assertEquals("active", replaced.json().path("lifecycle").asText());
    Rest.put("models/based", changed, "\"1\"").expectProblem(412, "stale", null, "version 2");
    assertEquals("\"3\"", Rest.put("models/based", changed, "*").expect(200).etag());
    Rest.put("models/nobody", Rest.model("nobody", "full"), "*")
        .expectProblem(404, "not-found", null, "nobody");
  }

  @Test
  void whatWasReadMayBeSentBackAndIsNotInspectedAgain() {
    Rest.createModel("returned", "full");
    ObjectNode model = (ObjectNode) Rest.get("models/returned").json();
    model.put("usd_per_million_prompt_tokens", 9);
    int before = Surroundings.open().inspections().size();
    Rest.put("models/returned", model.toString(), "*").expect(200);
    assertEquals(before, Surroundings.open().inspections().size());
    Rest.put("models/returned", Rest.model("returned", "plain"), "*").expect(200);
    assertEquals(before + 1, Surroundings.open().inspections().size());
    assertEquals(64, Rest.get("models/returned").json().path("context_length").asInt());

    Rest.put("models/returned", model.put("version", 7).toString(), "*")
        .expectProblem(422, "invalid", "version", "set by the registry");
  }

  @Test
  void validateOnlyChecksAllAndStoresNothing() {
    long revision = revision();
    JsonNode would =
        Rest.post("models?validate_only=true", Rest.model("tried", "full")).expect(200).json();
    assertEquals(128, would.path("context_length").asInt());
    Rest.post("models?validate_only=true", Rest.model("tried", "corrupt")).expect(422);
    Rest.get("models/tried").expect(404);
    Rest.createModel("tried", "full");
    Rest.post("models?validate_only=true", Rest.model("tried", "full"))
        .expectProblem(409, "name-taken", null, "tried");
    Rest.send("PUT", "models/tried?validate_only=true", Rest.model("tried", "plain")).expect(428);
    Answer would2 =
        Rest.put("models/tried?validate_only=true", Rest.model("tried", "plain"), "\"1\"");
    assertEquals(64, would2.expect(200).json().path("context_length").asInt());
    assertNull(would2.etag());
    assertEquals(128, Rest.get("models/tried").json().path("context_length").asInt());
    Rest.post(
            "models/tried/lifecycle?validate_only=true",
            "{\"lifecycle\": \"retired\"}",
            "If-Match",
            "*")
        .expect(200);
    assertEquals("active", Rest.get("models/tried").json().path("lifecycle").asText());
    assertEquals(revision + 1, revision());
  }

  @Test
  void aLifeGoesItsWayOnly() {
    Rest.post("models", Rest.model("living", "full").replace("\"active\"", "\"retired\""))
        .expectProblem(422, "invalid", "lifecycle", "draft or active");
    Rest.post("models", Rest.model("living", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
    Rest.move("models/living", "deprecated")
        .expectProblem(409, "wrong-lifecycle", null, "may become active");
    Rest.move("models/living", "retired").expect(409);
    int before = Surroundings.open().inspections().size();
    assertEquals("\"2\"", Rest.move("models/living", "active").expect(200).etag());
    assertEquals(before + 1, Surroundings.open().inspections().size());
    Rest.move("models/living", "draft")
        .expectProblem(409, "wrong-lifecycle", null, "may become deprecated or retired");
    Rest.move("models/living", "deprecated").expect(200);
    Rest.move("models/living", "active").expect(200);
    Rest.put("models/living", Rest.model("living", "full").replace("\"active\"", "\"draft\""), "*")
        .expectProblem(422, "invalid", "lifecycle", "/lifecycle only");
    Rest.move("models/living", "retired").expect(200);
    Rest.move("models/living", "active")
        .expectProblem(409, "wrong-lifecycle", null, "nothing follows");
    Rest.put("models/living", Rest.model("living", "full"), "*")
        .expectProblem(409, "wrong-lifecycle", null, "retired");
    Rest.post("models/living/lifecycle", "{\"lifecycle\": \"active\"}").expect(428);
    Rest.post("models/living/lifecycle", "{}", "If-Match", "*")
        .expectProblem(422, "invalid", "lifecycle", "required");
    Rest.post("models/living/lifecycle", "{\"lifecycle\": \"dead\"}", "If-Match", "*")
        .expectProblem(422, "invalid", "lifecycle", "draft, active, deprecated, retired");
  }

  @Test
  void onlyUnusedDraftsAreDeletedAndTheirVersionsGoOn() {
    String draft = Rest.model("passing", "full").replace("\"active\"", "\"draft\"");
    Rest.post("models", draft).expect(201);
    Rest.post(
            "ensembles",
            Rest.ensemble("over-passing", "coin", "m:passing").replace("active", "draft"))
        .expect(201);
    Rest.send("DELETE", "models/passing", null).expect(428);
    Rest.send("DELETE", "models/passing", null, "If-Match", "*")
        .expectProblem(409, "in-use", null, "'over-passing'");
    Rest.send("DELETE", "ensembles/over-passing", null, "If-Match", "*").expect(204);
    Rest.send("DELETE", "models/passing", null, "If-Match", "\"2\"").expect(412);
    Rest.send("DELETE", "models/passing?validate_only=true", null, "If-Match", "*").expect(204);
    Rest.send("DELETE", "models/passing", null, "If-Match", "\"1\"").expect(204);
    Rest.get("models/passing").expect(404);
    assertEquals("\"2\"", Rest.createModel("passing", "full").etag());
    Rest.send("DELETE", "models/passing", null, "If-Match", "*")
        .expectProblem(409, "wrong-lifecycle", null, "only drafts");
  }

  @Test
  void everyVersionStays() {
    Rest.createModel("versioned", "full");
    for (int price = 2; price <= 5; price++) {
      Rest.put("models/versioned", Rest.model("versioned", "full").replace("1.5", "" + price), "*")
          .expect(200);
    }
    Answer first = Rest.get("models/versioned/versions?limit=3").expect(200);
    assertEquals(List.of(5, 4, 3), versions(first.json()));
    Answer second =
        Rest.get(
            "models/versioned/versions?limit=3&cursor="
                + first.json().path("next_cursor").asText());
    assertEquals(List.of(2, 1), versions(second.json()));
    assertFalse(second.json().has("next_cursor"));
    JsonNode third = Rest.get("models/versioned/versions/3").expect(200).json();
    assertEquals(3, third.path("usd_per_million_prompt_tokens").asDouble());
    Rest.get("models/versioned/versions/6").expectProblem(404, "not-found", null, "version 6");
    Rest.get("models/versioned/versions/x").expect(404);
    Rest.get("models/nobody/versions").expect(404);
    Rest.get("ensembles/versioned/versions").expect(404);
    Rest.get("ensembles/versioned").expect(404);
  }

  private static List<Integer> versions(JsonNode page) {
    return page.path("items").findValues("version").stream().map(JsonNode::asInt).toList();
  }

  private static long revision() {
    return Rest.get("audit?limit=1").json().at("/items/0/revision").asLong();
  }
}
