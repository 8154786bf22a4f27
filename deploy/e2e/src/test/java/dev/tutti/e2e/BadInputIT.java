package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.e2e.Http.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bad input gets a clear error from the whole platform, and loses nothing. */
@ExtendWith(Platform.class)
class BadInputIT {

  private static final String CHAT = Platform.rest("router") + "/v1/chat/completions";
  private static final String REGISTRY = Platform.rest("registry") + "/api/v1";

  @Test
  void malformedJson() {
    assertOpenAiError(Http.post(CHAT, "{\"model\": "), 400, "");
  }

  @Test
  void unknownModel() {
    Answer answer = Http.complete("gpt-17", "1+1=");
    assertOpenAiError(answer, 404, "gpt-17");
    assertEquals("model_not_found", answer.json().at("/error/code").asText());
  }

  @Test
  void unknownField() {
    assertOpenAiError(
        Http.post(CHAT, Http.chat("adder-strong", "1+1=").put("temprature", 1).toString()),
        400,
        "temprature");
  }

  @Test
  void emptyMessages() {
    assertOpenAiError(
        Http.post(CHAT, "{\"model\": \"adder-strong\", \"messages\": []}"), 400, "messages");
  }

  @Test
  void negativeTemperature() {
    assertOpenAiError(
        Http.post(CHAT, Http.chat("adder-strong", "1+1=").put("temperature", -1).toString()),
        400,
        "-1");
  }

  @Test
  void promptLongerThanTheContext() {
    for (String model :
        new String[] {"adder-strong", "adders-gac", "adders-vote", "adders-cascade"}) {
      Answer answer = Http.complete(model, "1+".repeat(2000) + "1=");
      assertOpenAiError(answer, 400, "context");
      assertEquals("context_length_exceeded", answer.json().at("/error/code").asText(), model);
    }
  }

  @Test
  void tenMegabytes() {
    Answer answer = Http.complete("adder-strong", "1".repeat(10 << 20));
    assertEquals(413, answer.status(), answer.body());
    assertTrue(answer.json().has("error"), answer.body());
    assertEquals(
        413,
        Http.post(REGISTRY + "/models", "{\"name\": \"" + "x".repeat(10 << 20) + "\"}").status());
  }

  @Test
  void cyclicEnsemble() {
    register("ensembles", ensemble("cycle-a", "blending", "{\"model\": \"adder-strong\"}"), 201);
    register("ensembles", ensemble("cycle-b", "blending", "{\"ensemble\": \"cycle-a\"}"), 201);
    String etag =
        Http.get(REGISTRY + "/ensembles/cycle-a").headers().firstValue("etag").orElseThrow();
    Answer answer =
        Http.put(
            REGISTRY + "/ensembles/cycle-a",
            ensemble("cycle-a", "blending", "{\"ensemble\": \"cycle-b\"}"),
            etag);
    assertEquals(422, answer.status(), answer.body());
    assertTrue(answer.body().contains("cycle-b"), answer.body());
  }

  @Test
  void aRegistrationThatCannotWorkIsRefusedWithTheReason() {
    assertProblem(ensemble("bad-1", "magic", "{\"model\": \"adder-strong\"}"), 422, "magic");
    assertProblem(ensemble("bad-2", "gac", "{\"model\": \"nobody\"}"), 422, "nobody");
    assertProblem(
        ensemble("bad-3", "blending", "{\"model\": \"adder-strong\"}")
            .replace("\"settings\": {}", "\"settings\": {\"x\": 1}"),
        422,
        "x");
    assertProblem(
        ensemble("bad-4", "blending", "{\"model\": \"adder-strong\"}")
            .replace("\"lifecycle\"", "\"lifecicle\""),
        400,
        "lifecicle");
  }

  @Test
  void aCorruptModelAndAWrongTokenizerAreRefusedWithTheReason() throws IOException {
    // Folders below the models folder only; outside it nothing may be opened.
    assertEquals(
        422, Http.post(REGISTRY + "/models", model("escape", "../../../../pom.xml")).status());
    Answer answer = Http.post(REGISTRY + "/models", model("nowhere", "no-such-folder"));
    assertEquals(422, answer.status(), answer.body());
    assertTrue(answer.body().contains("no-such-folder"), answer.body());
    Path models = Platform.MODELS;
    Path corrupt = copy(models.resolve("adder-strong"), models.resolve("corrupt"));
    byte[] onnx = Files.readAllBytes(corrupt.resolve("model.onnx"));
    Files.write(corrupt.resolve("model.onnx"), java.util.Arrays.copyOf(onnx, onnx.length / 2));
    assertRefusedModel("corrupt", "model.onnx");
    Path foreign = copy(models.resolve("adder-strong"), models.resolve("foreign"));
    Files.copy(
        models.resolve("adder-weak-1/tokenizer.json"),
        foreign.resolve("tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertRefusedModel("foreign", "tokenizer");
  }

  private static void assertRefusedModel(String name, String part) {
    Answer refused = Http.post(REGISTRY + "/models", model(name, name));
    assertEquals(422, refused.status(), refused.body());
    assertTrue(refused.body().contains(part), refused.body());
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }

  private static String model(String name, String location) {
    return """
        {"name": "%s", "runtime": "onnx", "location": "%s", "usd_per_million_prompt_tokens": 1,
         "usd_per_million_completion_tokens": 1, "lifecycle": "active"}"""
        .formatted(name, location);
  }

  private static String ensemble(String name, String method, String members) {
    return """
        {"name": "%s", "method": "%s", "settings": {}, "members": [%s], "lifecycle": "active"}"""
        .formatted(name, method, members);
  }

  private static void register(String kind, String body, int status) {
    Answer answer = Http.post(REGISTRY + "/" + kind, body);
    assertEquals(status, answer.status(), answer.body());
  }

  private static void assertProblem(String ensemble, int status, String part) {
    Answer answer = Http.post(REGISTRY + "/ensembles", ensemble);
    assertEquals(status, answer.status(), answer.body());
    assertTrue(
        answer
            .headers()
            .firstValue("content-type")
            .orElse("")
            .startsWith("application/problem+json"),
        answer.headers().toString());
    assertTrue(answer.body().contains(part), answer.body());
  }

  private static void assertOpenAiError(Answer answer, int status, String part) {
    assertEquals(status, answer.status(), answer.body());
    JsonNode error = answer.json().at("/error");
    assertFalse(error.at("/message").asText().isEmpty(), answer.body());
    assertFalse(error.at("/type").asText().isEmpty(), answer.body());
    assertTrue(error.toString().contains(part), answer.body());
  }
}
