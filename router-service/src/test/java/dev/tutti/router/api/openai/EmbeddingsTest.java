package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Embeddings, and the list of models. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class EmbeddingsTest {

  @Test
  void oneTextByTheDecodersOwnModel() {
    Http.Answer answer = embed("all-minilm-l6-v2", "\"abc\"");
    assertEquals(200, answer.status(), answer.body());
    JsonNode json = answer.json();
    assertEquals("list", json.at("/object").asText());
    assertEquals("embedding", json.at("/data/0/object").asText());
    assertEquals("all-minilm-l6-v2", json.at("/model").asText());
    assertEquals(0.6, json.at("/data/0/embedding/0").asDouble(), 1e-6);
    assertEquals(3, json.at("/usage/total_tokens").asInt());
    assertEquals("0", answer.header("x-tutti-cost-usd"));
    String id = answer.header("x-tutti-decision-id");
    assertEquals(
        "all-minilm-l6-v2", Http.get("/v1/decisions/" + id).json().at("/ensemble").asText());
  }

  @Test
  void severalTextsByARegisteredModelAtItsPrice() {
    Http.Answer answer = embed("embedder", "[\"abc\", \"de\"]", "\"dimensions\": 2");
    assertEquals(2, answer.json().at("/data").size());
    assertEquals(1, answer.json().at("/data/1/index").asInt());
    // 5 tokens at 1 US dollar a million.
    assertEquals("0.000005", answer.header("x-tutti-cost-usd"));
  }

  @Test
  void base64IsLittleEndianFloats() {
    Http.Answer answer = embed("embedder", "\"abc\"", "\"encoding_format\": \"base64\"");
    ByteBuffer floats =
        ByteBuffer.wrap(Base64.getDecoder().decode(answer.json().at("/data/0/embedding").asText()))
            .order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0.6f, floats.getFloat());
    assertEquals(-0.8f, floats.getFloat());
    assertEquals(0, floats.remaining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "embedder | `\"\"` | | 400 | invalid_value | input",
        "embedder | [] | | 400 | invalid_value | input",
        "embedder | `[\"a\", \"\"]` | | 400 | invalid_value | input",
        "embedder | `[1, 2]` | | 400 | unsupported_value | input",
        "embedder | 7 | | 400 | invalid_type | input",
        "embedder | `\"a\"` | `\"dimensions\": 3` | 400 | unsupported_value | dimensions",
        "embedder | `\"a\"` | `\"encoding_format\": \"int8\"` | 400 | invalid_value | encoding_format",
        "embedder | `\"a\"` | `\"size\": 1` | 400 | unknown_parameter | size",
        "anna | `\"a\"` | | 400 | model_cannot_embed | model",
        "vote | `\"a\"` | | 400 | model_cannot_embed | model",
        "nobody | `\"a\"` | | 404 | model_not_found | model",
      })
  void badInput(String model, String input, String more, int status, String code, String param) {
    Http.Answer answer = more == null ? embed(model, input) : embed(model, input, more);
    assertEquals(status, answer.status(), answer.body());
    assertEquals(code, answer.error().at("/code").asText());
    assertEquals(param, answer.error().at("/param").asText());
  }

  @Test
  void modelsAndEnsemblesAreListed() {
    JsonNode list = Http.get("/v1/models").json();
    assertEquals("list", list.at("/object").asText());
    var names = list.at("/data").findValuesAsText("id");
    assertTrue(names.containsAll(java.util.List.of("anna", "blend", "all-minilm-l6-v2")));
    assertTrue(!names.contains("gone") && !names.contains("vote-gone"), names.toString());
    assertEquals("model", list.at("/data/0/object").asText());
    assertEquals("tutti", list.at("/data/0/owned_by").asText());
    assertTrue(list.at("/data/0/created").isIntegralNumber());
    JsonNode anna = Http.get("/v1/models/anna").json();
    assertEquals(Neighbourhood.CREATED, anna.at("/created").asLong());
    assertEquals("chat", anna.at("/modality").asText());
    assertEquals(128, anna.at("/context_length").asInt());
    assertEquals("[\"generation\",\"logprobs\"]", anna.at("/capabilities").toString());
    assertEquals(2, anna.at("/prices/usd_per_million_completion_tokens").asDouble());
    assertEquals(
        "embedding", Http.get("/v1/models/all-minilm-l6-v2").json().at("/modality").asText());
    assertEquals("embedding", Http.get("/v1/models/embedder").json().at("/modality").asText());
    JsonNode blend = Http.get("/v1/models/blend").json();
    assertEquals(Neighbourhood.CREATED, blend.at("/created").asLong());
    assertTrue(!blend.has("prices") && !blend.has("context_length"), blend.toString());
    assertEquals("blend", Http.get("/v1/models/blend").json().at("/id").asText());
    assertEquals(404, Http.get("/v1/models/nobody").status());
    assertEquals("model_retired", Http.get("/v1/models/gone").error().at("/code").asText());
  }

  private static Http.Answer embed(String model, String input, String... more) {
    return Http.post(
        "/v1/embeddings",
        "{\"model\": \"%s\", \"input\": %s%s}"
            .formatted(model, input, more.length == 0 ? "" : ", " + String.join(", ", more)));
  }
}
