package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.kit.testing.RawHttp;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class BadInputTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"name": "x",                      | body            | Malformed JSON (line 1
          {"usd_per_million_prompt_tokens": NaN} | body        | column 38): JSON has no such thing here.
          {"name": "x",                      | body            | it ends too early.
          {"name": "x"} {}                   | body            | one JSON object
          [1]                                | body            | one JSON object
          null                               | body            | one JSON object
          "x"                                | body            | one JSON object
          {"name": "x", "name": "y"}         | body            | Duplicate field 'name'
          {"name": "x", "nmae": "y"}         | nmae            | Unknown field 'nmae'; known: aliases, capabilities, context_length, created_at
          {"name": 5}                        | name            | it is text
          {"name": ["x"]}                    | name            | it is text
          {"context_length": 1.5}            | context_length  | a whole number
          {"context_length": "5"}            | context_length  | a whole number
          {"context_length": 99999999999}    | context_length  | out of range
          {"capabilities": "generation"}     | capabilities    | it is a list
          {"runtime": 1}                     | runtime         | wrong type
          {"usd_per_million_prompt_tokens": {}} | usd_per_million_prompt_tokens | it is a number
          """)
  void whatCannotBeReadIsRefusedWithItsPlace(String body, String field, String part) {
    Rest.post("models", body).expectProblem(400, "malformed", field, part);
  }

  @Test
  void whatBreaksALimitOfTheParserIsTheCallersFault() {
    String nested = "[".repeat(65) + "]".repeat(65);
    for (String body :
        new String[] {
          "{\"context_length\": " + "1".repeat(1_001) + "}",
          "{\"usd_per_million_prompt_tokens\": 0." + "1".repeat(1_001) + "}",
          "{\"a\": " + nested + "}",
          "{\"" + "x".repeat(50_001) + "\": 1}",
          nested
        }) {
      Rest.post("models", body).expectProblem(400, "malformed", null, "");
      Rest.post("ensembles", body).expectProblem(400, "malformed", null, "");
    }
  }

  @Test
  void noNameHoldsNul() {
    for (String path :
        new String[] {
          "models/a%00b", "ensembles/%00", "datasets/a%00", "jobs/%00", "models?cursor=%00"
        }) {
      Rest.get(path).expect(400);
    }
  }

  @Test
  void anUnknownFieldDeepInsideIsNamedWithItsPath() {
    Rest.post("ensembles", "{\"members\": [{\"model\": \"a\"}, {\"modle\": \"a\"}]}")
        .expectProblem(
            400,
            "malformed",
            "members[1].modle",
            "known: as, ensemble, model, role, sampling, weight");
    Rest.post("ensembles", "{\"members\": {}}")
        .expectProblem(400, "malformed", "members", "a list");
    Rest.post("ensembles", "{\"settings\": []}")
        .expectProblem(400, "malformed", "settings", "object");
    Rest.post("ensembles", "{\"settings\": " + "{\"a\":".repeat(2000) + "1" + "}".repeat(2001))
        .expect(400);
    Rest.post("models", "").expectProblem(400, "malformed", "body", "JSON object");
    Rest.send("POST", "models", null).expectProblem(400, "malformed", "body", "JSON object");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "name": "A b"                                | name                              | 'A b' is no name
          "name": "org/"                               | name                              | each part between slashes
          "name": "/model"                             | name                              | each part between slashes
          "name": "org//model"                         | name                              | each part between slashes
          "name": "org/../model"                       | name                              | each part between slashes
          "name": "."                                  | name                              | each part between slashes
          "name": "m\\u00f6del"                        | name                              | is no name
          "aliases": ["wrong"]                         | aliases[0]                        | there twice
          "aliases": ["a", "a"]                        | aliases[1]                        | there twice
          "aliases": ["a b"]                           | aliases[0]                        | 'a b' is no name
          "aliases": [null]                            | aliases[0]                        | is no name
          "aliases": ["1","2","3","4","5","6","7","8","9","a","b","c","d","e","f","g","h"] | aliases | at most 16
          "name": ""                                   | name                              | '' is no name
          "name": "-a"                                 | name                              | starting with a letter or digit
          "name": null                                 | name                              | required
          "runtime": null                              | runtime                           | required
          "runtime": "tflite"                          | runtime                           | onnx, openai
          "location": "  "                             | location                          | required
          "location": "a\\u0000b"                      | location                          | control character
          "decoder": ""                                | decoder                           | decoder is ''; a decoder's name is 1 to 64
          "decoder": "Gpu 1"                           | decoder                           | 1 to 64 of a-z, 0-9 and '-'
          "description": "a\\u0000b"                   | description                       | control character
          "usd_per_million_prompt_tokens": null        | usd_per_million_prompt_tokens     | 0 means free
          "usd_per_million_prompt_tokens": -0.1        | usd_per_million_prompt_tokens     | at least 0
          "usd_per_million_completion_tokens": 1e999   | usd_per_million_completion_tokens | finite
          "usd_per_million_completion_tokens": "NaN"   | usd_per_million_completion_tokens | finite
          "context_length": 0                          | context_length                    | at least 1
          "parameters": -1                             | parameters                        | at least 0
          "capabilities": []                           | capabilities                      | empty
          "capabilities": [null]                       | capabilities                      | null
          "capabilities": ["fly"]                      | capabilities[0]                   | generation, logprobs
          "capabilities": ["scoring", "scoring"]       | capabilities                      | twice
          "lifecycle": "unspecified"                   | lifecycle                         | draft, active
          "version": 1                                 | version                           | set by the registry
          "sha256": "00"                               | sha256                            | set by the registry
          "created_at": "2026-01-01T00:00:00Z"         | created_at                        | set by the registry
          """)
  void whatCannotWorkIsRefusedWithItsField(String member, String field, String part)
      throws JsonProcessingException {
    // The member takes the place of the right one.
    var json = new ObjectMapper();
    String name = member.substring(1, member.indexOf('"', 1));
    ObjectNode model = (ObjectNode) json.readTree(Rest.model("wrong", "full"));
    model.remove(name);
    String body = model.toString();
    Rest.post("models", body.substring(0, body.length() - 1) + ", " + member + "}")
        .expectProblem(422, "invalid", field, part);
  }

  @Test
  void aByteOrderMarkIsSkipped() {
    Rest.post("models?validate_only=true", "\uFEFF" + Rest.model("marked", "full")).expect(200);
  }

  @Test
  void sizesAreBounded() {
    String with = Rest.model("sized", "full").replace("{", "{\"description\": \"%s\", ");
    Rest.post("models", with.formatted("x".repeat(2001)))
        .expectProblem(422, "invalid", "description", "at most 2000");
    Rest.post("models?validate_only=true", with.formatted("x".repeat(2000))).expect(200);
    Rest.post("models", Rest.model("x".repeat(129), "full"))
        .expectProblem(422, "invalid", "name", "1 to 128");
    Rest.post("models", Rest.model("sized", "x".repeat(1025)))
        .expectProblem(422, "invalid", "location", "at most 1024");
  }

  @Test
  void aBodyOfTenMegabytesIsTooLargeHoweverItComes() throws Exception {
    byte[] body = ("{\"name\": \"" + "x".repeat(10 << 20) + "\"}").getBytes();
    for (HttpClient.Version version : HttpClient.Version.values()) {
      for (var publisher :
          new HttpRequest.BodyPublisher[] {
            BodyPublishers.ofByteArray(body),
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
          }) {
        try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
          HttpResponse<String> response =
              client.send(
                  HttpRequest.newBuilder(Rest.uri("models"))
                      .header("Content-Type", "application/json")
                      .POST(publisher)
                      .build(),
                  BodyHandlers.ofString());
          assertEquals(413, response.statusCode());
          assertTrue(response.body().contains("urn:tutti:problem:too-large"), response.body());
        }
      }
    }
    Rest.get("models").expect(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models?limit=0",
        "models?limit=201",
        "models?limit=x",
        "models?limit=1&limit=2",
        "models?lmit=1",
        "models?lifecycle=alive",
        "models?cursor=%2B%2B",
        "models?cursor=ZW5zZW1ibGVzCmE", // of the ensembles' list
        "audit?cursor=YXVkaXQKeA", // no number
      })
  void wrongParametersAreRefused(String path) {
    Rest.get(path).expectProblem(400, "malformed", null, "");
  }

  @Test
  void amisspeltValidateOnlyDoesNotStore() {
    String model = Rest.model("misspelt", "full");
    Rest.post("models?validate_onyl=true", model)
        .expectProblem(400, "malformed", "validate_onyl", "known: validate_only");
    Rest.post("models?validate_only=yes", model)
        .expectProblem(400, "malformed", "validate_only", "true or false");
    Rest.get("models/misspelt").expect(404);
  }

  @Test
  void theUserIsBounded() throws IOException {
    String model = Rest.model("by-whom", "full");
    Rest.post("models", model, "X-Tutti-User", "x".repeat(129))
        .expectProblem(400, "malformed", "X-Tutti-User", "128");
    // The client of the other tests would send a question mark.
    try (RawHttp client = RawHttp.connect(Rest.uri("models"))) {
      client.send(
          "POST /api/v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
              + "Content-Type: application/json\r\nX-Tutti-User: J\u00fcrgen\r\n"
              + "Content-Length: %d\r\n\r\n%s".formatted(model.length(), model));
      String said = client.untilClosed();
      assertTrue(said.startsWith("HTTP/1.1 400 ") && said.contains("ASCII"), said);
    }
    Rest.post("models?validate_only=true", model, "X-Tutti-User", "x".repeat(128)).expect(200);
  }

  @Test
  void wrongPathsAndMethodsAreProblemsToo() {
    Rest.get("modls").expectProblem(404, "not-found", null, "/q/openapi");
    Rest.get("/").expectProblem(404, "not-found", null, "/q/openapi");
    Rest.send("PATCH", "models/x", "{}").expectProblem(405, "method-not-allowed", null, "method");
    Rest.send("POST", "models", null, "Content-Type", "text/plain")
        .expectProblem(415, "unsupported-media-type", null, "application/json");
    Rest.get("models", "Accept", "text/html").expectProblem(406, "not-acceptable", null, "json");
  }
}
