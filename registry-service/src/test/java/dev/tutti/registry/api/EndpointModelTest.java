package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.v1.Model;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models behind endpoints. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class EndpointModelTest {

  private static String body(String name, String more) {
    return """
        {"name": "%s", "runtime": "openai", "usd_per_million_prompt_tokens": 0.15,
         "usd_per_million_completion_tokens": 0.6, "context_length": 4096%s}"""
        .formatted(name, more);
  }

  @Test
  void aModelBehindEndpointsIsWhatTheDecoderFound() {
    Surroundings surroundings = Surroundings.open();
    String body =
        body(
            "remote",
            ", \"endpoints\": [\"https://well.example.com/v1\", \"http://10.0.0.1:8000/v1\"],"
                + " \"remote_model\": \"vendor/model\", \"credential\": \"env:TUTTI_CREDENTIAL_A\","
                + " \"usd_per_million_cached_prompt_tokens\": 0.075");
    Answer created = Rest.post("models", body).expect(201);
    JsonNode model = created.json();
    assertEquals("[\"generation\",\"top_logprobs\"]", model.path("capabilities").toString());
    assertEquals(5, model.path("top_logprobs").asInt());
    assertEquals(4096, model.path("context_length").asInt());
    assertEquals("vendor/model", model.path("remote_model").asText());
    assertEquals("env:TUTTI_CREDENTIAL_A", model.path("credential").asText());
    assertFalse(model.has("location"));
    Model asked = surroundings.inspections().getLast().getModel();
    assertEquals("env:TUTTI_CREDENTIAL_A", asked.getCredential());
    assertEquals(0.075, model.path("usd_per_million_cached_prompt_tokens").asDouble());
    assertEquals(2, asked.getEndpointsCount());
    // What was read may be sent back, and is not asked for again.
    int before = surroundings.inspections().size();
    Rest.put("models/remote", model.toString(), created.etag()).expect(200);
    assertEquals(before, surroundings.inspections().size());
  }

  @Test
  void aContextLengthThatNobodyTellsIsUnknown() {
    String body =
        body("wordless", ", \"endpoints\": [\"https://well.example.com/v1\"]")
            .replace(", \"context_length\": 4096", ", \"lifecycle\": \"active\"");
    Answer created = Rest.post("models", body).expect(201);
    assertFalse(created.json().has("context_length"), created.body());
    // What was read may be sent back; and whoever finds it out may say so.
    Answer again = Rest.put("models/wordless", created.body(), created.etag()).expect(200);
    String told = again.body().replace("{\"name\"", "{\"context_length\":8192,\"name\"");
    JsonNode known = Rest.put("models/wordless", told, again.etag()).expect(200).json();
    assertEquals(8192, known.path("context_length").asInt());
    // And it is a member like any other.
    Rest.createModel("beside-wordless", "full");
    Rest.post(
            "ensembles",
            "{\"name\": \"wordless-vote\", \"method\": \"ballot\", \"members\": [{\"model\": \"wordless\"}, {\"model\": \"beside-wordless\"}]}")
        .expect(201);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          , "endpoints": []                                                   | endpoints    | 1 to 8
          , "endpoints": ["ftp://example.com"]                                | endpoints[0] | http or https
          , "endpoints": ["https://user:pw@example.com"]                      | endpoints[0] | neither user
          , "endpoints": ["https://example.com/v1?key=x"]                     | endpoints[0] | query
          , "endpoints": ["https://example.com/a b"]                          | endpoints[0] | is no URL
          , "endpoints": ["https://a.com:99999/v1"]                           | endpoints[0] | port 99999; a port is 1 to 65535
          , "endpoints": ["https://a.com:0/v1"]                               | endpoints[0] | a port is 1 to 65535
          , "endpoints": ["https://a.com:9999999999/v1"]                      | endpoints[0] | base URL
          , "endpoints": ["https://a.com/v1", "https://a.com/v1"]             | endpoints    | twice
          , "endpoints": ["https://a.com/v1"], "location": "x"                | location     | runtime onnx only
          , "endpoints": ["https://a.com/v1"], "credential": "sk-hidden"      | credential   | no reference
          , "endpoints": ["https://a.com/v1"], "credential": "env:sk-hidden"  | credential   | no reference
          , "endpoints": ["https://a.com/v1"], "remote_model": " "            | remote_model | is empty
          , "endpoints": ["https://a.com/v1"], "usd_per_million_cached_prompt_tokens": -1 | usd_per_million_cached_prompt_tokens | at least 0
          """)
  void whatIsWrongIsNamedAndNeverAKey(String more, String field, String part) {
    Answer answer = Rest.post("models", body("wrong", more));
    answer.expectProblem(422, "invalid", field, part);
    assertFalse(answer.body().contains("sk-"), answer.body());
    assertFalse(answer.body().contains("pw@"), answer.body());
  }

  @Test
  void filesHaveNoEndpoints() {
    String onnx = Rest.model("files", "full");
    Rest.post("models", onnx.replace("{", "{\"endpoints\": [\"https://a.com/v1\"], "))
        .expectProblem(422, "invalid", "endpoints", "runtime openai only");
    Rest.post("models", onnx.replace("{", "{\"top_logprobs\": 3, "))
        .expectProblem(422, "invalid", "top_logprobs", "set by the registry");
  }

  @Test
  void whatTheDecoderRefusesIsToldAndNothingIsStored() {
    Rest.post("models", body("refused", ", \"endpoints\": [\"https://key.example.com/v1\"]"))
        .expectProblem(422, "invalid", "credential", "The key is refused.");
    Rest.post("models", body("refused", ", \"endpoints\": [\"https://away.example.com/v1\"]"))
        .expectProblem(503, "unavailable", null, "cannot be reached");
    Rest.Answer full =
        Rest.post("models", body("refused", ", \"endpoints\": [\"https://full.example.com/v1\"]"));
    full.expectProblem(503, "unavailable", null, "takes no more");
    assertEquals("70", full.header("Retry-After"));
    Rest.get("models/refused").expect(404);
  }
}
