package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is told in OpenAI's form, by field, and nobody is asked. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class BadInputTest {

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  private boolean asked;

  @AfterEach
  void nobodyWasAsked() {
    assertEquals(asked, !Neighbourhood.decoder.requests().isEmpty());
  }

  @Test
  void malformedJson() {
    for (String body :
        new String[] {
          "{\"model\": ", "", "[]", "\"x\"", "{\"model\": \"anna\"} {}", "{\"a\": 1, \"a\": 2}"
        }) {
      JsonNode error = refused(Http.post("/v1/chat/completions", body), 400, "invalid_json", null);
      assertTrue(error.at("/message").asText().contains("JSON"), error.toString());
    }
  }

  @Test
  void malformedJsonSaysWhere() {
    JsonNode error =
        refused(Http.post("/v1/chat/completions", "{\n \"model\" 1}"), 400, "invalid_json", null);
    assertTrue(error.at("/message").asText().contains("line 2 column"), error.toString());
  }

  /** Nothing of the parser's own settings and classes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\": NaN} | 1 column 14: JSON has no such thing here.",
        "{\"model\": | 1 column 10: it ends too early.",
        "{\"model\": \"anna\", | it ends too early.",
        "{\"model\": \"an | it ends too early.",
        "{\"a\": 1, \"a\": 2} | a field is named twice in one object.",
        "{} {} | something follows its end.",
        "NESTED | it is nested too deeply, or holds a name or a number that is too long.",
        "DIGITS | it is nested too deeply, or holds a name or a number that is too long.",
      })
  void malformedJsonIsToldInOurWords(String body, String told) {
    String sent =
        switch (body) {
          case "NESTED" -> "[".repeat(3_000);
          case "DIGITS" -> "{\"max_tokens\": " + "1".repeat(1_001) + "}";
          default -> body;
        };
    String message =
        refused(Http.post("/v1/chat/completions", sent), 400, "invalid_json", null)
            .at("/message")
            .asText();
    assertTrue(message.endsWith(told), message);
  }

  @Test
  void bodiesAreUtf8() {
    String body = Http.body("anna").replace("Who", "\u00e4");
    for (byte[] bytes :
        List.of(
            body.getBytes(StandardCharsets.ISO_8859_1),
            Http.body("anna").replace("Who", "@@").getBytes(StandardCharsets.UTF_8),
            body.getBytes(StandardCharsets.UTF_16),
            body.getBytes(StandardCharsets.UTF_16LE))) {
      // An overlong slash where there are two at signs.
      for (int i = 0; i + 1 < bytes.length; i++) {
        if (bytes[i] == '@' && bytes[i + 1] == '@') {
          bytes[i] = (byte) 0xC0;
          bytes[i + 1] = (byte) 0xAF;
        }
      }
      refused(
          Http.send(
              Http.request("/v1/chat/completions")
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))),
          400,
          "invalid_json",
          null);
    }
  }

  @Test
  void aLimitIsToldItsOwnSize() {
    String message = Http.chat("anna", "\"max_tokens\": 1.5").error().at("/message").asText();
    assertTrue(message.contains("a whole number of 32 bits"), message);
  }

  @Test
  void unknownModel() {
    Http.Answer answer = Http.chat("gpt-17");
    JsonNode error = refused(answer, 404, "model_not_found", "model");
    assertTrue(error.at("/message").asText().contains("'gpt-17'"));
    assertEquals(36, answer.header("x-tutti-decision-id").length());
    refused(Http.chat("gpt-17", "\"stream\": true"), 404, "model_not_found", "model");
  }

  /** Whatever else is wrong: who may be asked decides what is wrong. */
  @Test
  void anUnknownModelIsToldBeforeAnythingElse() {
    String wrong = "\"temperature\": \"hot\", \"mood\": 1, \"tools\": [{}]";
    refused(Http.chat("gpt-17", wrong), 404, "model_not_found", "model");
    String bare = "{\"model\": \"gpt-17\", \"x\": 1}";
    for (String path :
        List.of("chat/completions", "completions", "embeddings", "route", "route/batch")) {
      refused(Http.post("/v1/" + path, bare), 404, "model_not_found", "model");
    }
  }

  /** What services call a field among themselves is not the caller's name for it. */
  @Test
  void fieldsHaveTheCallersNames() {
    asked = true;
    fail(new Failure.FailedPrecondition("recipe.budget.usd_per_request", "BUDGET_TOO_SMALL", "x"));
    assertTrue(Http.chat("anna").error().path("param").isNull());
    fail(new Failure.InvalidArgument("wire.body", "INVALID_ARGUMENT", "The body is wrong."));
    refused(Http.chat("wire"), 400, "invalid_value", null);
    fail(new Failure.InvalidArgument("sampling.seed", "INVALID_ARGUMENT", "Odd."));
    refused(Http.chat("anna"), 400, "invalid_value", "seed");
  }

  @Test
  void aVeryLongNameIsNotEchoed() {
    assertTrue(Http.chat("x".repeat(100_000)).body().length() < 500);
  }

  @Test
  void aModelThatOnlyEmbedsDoesNotChat() {
    for (String model : new String[] {"all-minilm-l6-v2", "embedder"}) {
      JsonNode error = refused(Http.chat(model), 400, "model_cannot_chat", "model");
      assertTrue(error.at("/message").asText().contains("does not chat"), error.toString());
    }
  }

  @Test
  void retiredModel() {
    JsonNode error = refused(Http.chat("gone"), 404, "model_retired", "model");
    assertTrue(error.at("/message").asText().contains("retired"));
  }

  @Test
  void anEnsembleThatCannotAnswer() {
    Http.Answer answer = Http.chat("vote-gone");
    assertEquals(503, answer.status());
    assertEquals("server_error", answer.error().at("/type").asText());
    assertEquals("ensemble_not_servable", answer.error().at("/code").asText());
  }

  @Test
  void unknownField() {
    JsonNode error =
        refused(Http.chat("anna", "\"temprature\": 1"), 400, "unknown_parameter", "temprature");
    assertTrue(error.at("/message").asText().contains("temprature"));
    refused(
        Http.post(
            "/v1/chat/completions",
            "{\"model\": \"anna\", \"messages\": [{\"role\": \"user\", \"content\": \"x\", \"mood\": 1}]}"),
        400,
        "unknown_parameter",
        "messages[0].mood");
    refused(
        Http.chat("anna", "\"stream\": true", "\"stream_options\": {\"x\": 1}"),
        400,
        "unknown_parameter",
        "stream_options.x");
  }

  @Test
  void emptyMessages() {
    refused(
        Http.post("/v1/chat/completions", "{\"model\": \"anna\", \"messages\": []}"),
        400,
        "invalid_value",
        "messages");
  }

  @Test
  void missingParts() {
    refused(
        Http.post("/v1/chat/completions", "{\"messages\": []}"),
        400,
        "missing_required_parameter",
        "model");
    refused(
        Http.post("/v1/chat/completions", "{\"model\": \"anna\"}"),
        400,
        "missing_required_parameter",
        "messages");
    refused(
        Http.post(
            "/v1/chat/completions",
            "{\"model\": \"anna\", \"messages\": [{\"role\": \"user\", \"content\": null}]}"),
        400,
        "missing_required_parameter",
        "messages[0].content");
  }

  @Test
  void promptLongerThanTheContext() {
    asked = true;
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw new Failure.InvalidArgument(
                  "messages",
                  "CONTEXT_LENGTH_EXCEEDED",
                  "The prompt has 4000 tokens; the context holds 128.")
              .exception();
        });
    refused(Http.chat("anna"), 400, "context_length_exceeded", "messages");
    refused(Http.chat("blend"), 400, "context_length_exceeded", "messages");
    refused(Http.chat("anna", "\"stream\": true"), 400, "context_length_exceeded", "messages");
  }

  @Test
  void aBodyThatEndsEarly() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", Http.port())) {
      socket
          .getOutputStream()
          .write(
              """
              POST /v1/chat/completions HTTP/1.1\r
              Host: localhost\r
              Content-Type: application/json\r
              Content-Length: 1000\r
              \r
              {"model":"""
                  .getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      socket.setSoTimeout(5_000);
      InputStream in = socket.getInputStream();
      // Whatever it says, it ends.
      in.readAllBytes();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "temperature | -1 | invalid_value",
        "temperature | 2.1 | invalid_value",
        "temperature | `\"hot\"` | invalid_type",
        "temperature | 1e999 | invalid_value",
        "top_p | 0 | invalid_value",
        "top_p | 1.5 | invalid_value",
        "top_k | 0 | invalid_value",
        "top_k | 99999999999 | invalid_value",
        "seed | 1.5 | invalid_type",
        "seed | 99999999999999999999 | invalid_type",
        "max_tokens | 0 | invalid_value",
        "max_completion_tokens | -4 | invalid_value",
        "max_completion_tokens | 0 | invalid_value",
        "stop | `[\"a\",\"b\",\"c\",\"d\",\"e\"]` | invalid_value",
        "stop | `\"\"` | invalid_value",
        "stop | 7 | invalid_type",
        "stop | [7] | invalid_type",
        "logprobs | 1 | invalid_type",
        "top_logprobs | 5 | invalid_value",
        "n | 17 | unsupported_value",
        "n | 0 | unsupported_value",
        "presence_penalty | 2.5 | invalid_value",
        "presence_penalty | `\"0\"` | invalid_type",
        "frequency_penalty | -2.1 | invalid_value",
        "frequency_penalty | 1e999 | invalid_value",
        "response_format | `{\"type\": \"json_object\"}` | unsupported_value",
        "modalities | `[\"audio\"]` | unsupported_value",
        "tool_choice | `\"auto\"` | unsupported_value",
        "tools | `[{\"type\": \"function\"}]` | unsupported_parameter",
        "logit_bias | `{\"50256\": -100.5}` | invalid_value",
        "logit_bias | `{\"-1\": 1}` | invalid_value",
        "logit_bias | `{\"99999999999\": 1}` | invalid_value",
        "logit_bias | `{\"\": 1}` | invalid_value",
        "logit_bias | `{\" Paris\": 1e999}` | invalid_value",
        "logit_bias | `{\" Paris\": \"1\"}` | invalid_type",
        "logit_bias | `{\" Paris\": null}` | invalid_type",
        "logit_bias | `[1]` | invalid_type",
        "logit_bias | 1 | invalid_type",
        "functions | `[{}]` | unsupported_parameter",
        "parallel_tool_calls | true | unsupported_parameter",
        "reasoning_effort | `\"low\"` | unsupported_parameter",
        "prediction | `{\"type\": \"content\"}` | unsupported_parameter",
        "stream | `\"yes\"` | invalid_type",
        "stream_options | `{\"include_usage\": true}` | unsupported_value",
        "verbosity | `\"low\"` | unsupported_parameter",
        "user | 5 | invalid_type",
        "messages | `\"hi\"` | invalid_type",
        "model | 5 | invalid_type",
      })
  void fieldsByName(String field, String value, String code) {
    String body =
        switch (field) {
          case "messages" -> "{\"model\": \"anna\", \"messages\": %s}".formatted(value);
          case "model" -> "{\"model\": %s, \"messages\": []}".formatted(value);
          default -> Http.body("anna", "\"%s\": %s".formatted(field, value));
        };
    JsonNode error = refused(Http.post("/v1/chat/completions", body), 400, code, field);
    assertTrue(error.at("/message").asText().contains(field), error.toString());
  }

  @Test
  void negativeTemperatureNamesTheValueAndWhatIsAllowed() {
    String message = Http.chat("anna", "\"temperature\": -1").error().at("/message").asText();
    assertTrue(message.contains("-1") && message.contains("0 to 2"), message);
  }

  @Test
  void twoLimitsThatDiffer() {
    refused(
        Http.chat("anna", "\"max_tokens\": 1", "\"max_completion_tokens\": 2"),
        400,
        "invalid_value",
        "max_tokens");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tool | `\"x\"` | unsupported_value | messages[0].role",
        "narrator | `\"x\"` | invalid_value | messages[0].role",
        "user | 5 | invalid_type | messages[0].content",
        "user | `\"a\\ud800b\"` | invalid_value | messages[0].content",
        "user | `\"x\", \"refusal\": \"No.\"` | unsupported_parameter | messages[0].refusal",
        "assistant | `\"x\", \"refusal\": 5` | invalid_type | messages[0].refusal",
        "user | [] | invalid_type | messages[0].content",
        "user | [5] | invalid_type | messages[0].content[0]",
        "user | `[{\"type\": \"image_url\", \"image_url\": {}}]` | unsupported_value | messages[0].content[0].type",
        "assistant | `\"x\", \"tool_calls\": [{}]` | unsupported_parameter | messages[0].tool_calls",
      })
  void messages(String role, String content, String code, String param) {
    refused(
        Http.post(
            "/v1/chat/completions",
            "{\"model\": \"anna\", \"messages\": [{\"role\": \"%s\", \"content\": %s}]}"
                .formatted(role, content)),
        400,
        code,
        param);
  }

  @Test
  void otherMediaTypesMethodsAndPaths() {
    Http.Answer text =
        Http.send(
            Http.request("/v1/chat/completions")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
    refused(text, 415, "unsupported_media_type", null);
    refused(Http.get("/v1/chat/completions"), 405, "method_not_allowed", null);
    refused(Http.post("/v1/responses", "{}"), 404, "not_found", null);
    Http.Answer outside = Http.get("/v2/models");
    assertEquals(404, outside.status());
    assertEquals("application/problem+json", outside.header("content-type"));
    assertEquals("Not Found", outside.json().at("/title").asText());
  }

  @Test
  void ensemblesThatAreTooDeep() {
    refused(Http.chat("deep-1"), 400, "ensemble_too_deep", "model");
  }

  @Test
  void moreThanTheBudget() {
    refused(Http.chat("blend-cheap"), 400, "budget_exceeded", "messages");
    asked = true;
    assertEquals(200, Http.chat("blend-cheap", "\"max_tokens\": 1").status());
  }

  @Test
  void tooMuchAtOnceAndFaultsOfOurs() {
    asked = true;
    fail(new Failure.ResourceExhausted("QUEUE_FULL", "Full.", Duration.ofMillis(2_500)));
    Http.Answer full = Http.chat("anna");
    assertEquals(429, full.status());
    assertEquals("3", full.header("retry-after"));
    assertEquals("rate_limit_error", full.error().at("/type").asText());
    assertEquals("queue_full", full.error().at("/code").asText());
    assertServerError(new Failure.Unavailable("AWAY", "Away."), 503);
    assertServerError(new Failure.FailedPrecondition("", "BROKEN", "Broken."), 503);
    assertServerError(new Failure.NotFound("member", "MODEL_NOT_FOUND", "Not here."), 503);
    assertServerError(new Failure.InvalidArgument("recipe.members", "X", "Wrong."), 503);
    assertServerError(new Failure.InvalidArgument("member.model", "X", "Wrong."), 503);
    assertServerError(new Failure.InvalidArgument("", "INVALID_RECIPE", "Wrong."), 503);
    assertServerError(new Failure.InvalidArgument("", "CAPABILITY_MISSING", "Wrong."), 503);
    assertServerError(new Failure.Cancelled("CANCELLED", "Torn down."), 503);
    assertServerError(new Failure.DeadlineExceeded("LATE", "Late."), 504);
    assertServerError(new Failure.Internal("BUG", "Bug."), 500);
  }

  private static void assertServerError(Failure failure, int status) {
    fail(failure);
    for (String stream : new String[] {"false", "true"}) {
      Http.Answer answer = Http.chat("anna", "\"stream\": " + stream);
      assertEquals(status, answer.status(), answer.body());
      assertEquals("server_error", answer.error().at("/type").asText());
      assertEquals("application/json", answer.header("content-type").split(";")[0]);
    }
  }

  private static void fail(Failure failure) {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw failure.exception();
        });
  }

  private static JsonNode refused(Http.Answer answer, int status, String code, String param) {
    assertEquals(status, answer.status(), answer.body());
    assertEquals(36, answer.header("x-tutti-decision-id").length());
    JsonNode error = answer.error();
    assertEquals(code, error.at("/code").asText(), answer.body());
    assertEquals("invalid_request_error", error.at("/type").asText(), answer.body());
    assertTrue(!error.at("/message").asText().isEmpty(), answer.body());
    assertTrue(error.has("param"), answer.body());
    assertEquals(param == null ? "null" : param, error.at("/param").asText(), answer.body());
    return error;
  }
}
