package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Errors as servers write them. */
class ToldErrorTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertTold(ToldError told, String body) {
    assertEquals(told, ToldError.of(bytes(body)), body);
    assertEquals(Optional.of(told), ToldError.within(bytes(body)), body);
  }

  @Test
  void objectsOfManyForms() {
    assertTold(
        new ToldError(400, "Bad tool.", "invalid_tool", "tools[0]"),
        "{\"error\":{\"message\":\"Bad tool.\",\"param\":\"tools[0]\",\"code\":\"invalid_tool\"}}");
    assertTold(
        new ToldError(429, "You exceeded your quota.", "insufficient_quota", ""),
        "{\"error\":{\"message\":\"You exceeded your quota.\",\"type\":\"insufficient_quota\",\"param\":null,\"code\":\"insufficient_quota\"}}");
    // Google's list of one.
    assertTold(
        new ToldError(400, "Unable to process.", "INVALID_ARGUMENT", ""),
        "[{\"error\":{\"code\":400,\"message\":\"Unable to process.\",\"status\":\"INVALID_ARGUMENT\"}}]");
    // vLLM's of old, llama.cpp's, Ollama's, TGI's, OpenRouter's, Mistral's.
    assertTold(
        new ToldError(400, "Too long.", "BadRequestError", ""),
        "{\"object\":\"error\",\"message\":\"Too long.\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}");
    assertTold(
        new ToldError(0, "Lost.", "GpuError", ""),
        "{\"message\":\"Lost.\",\"error_type\":\"GpuError\"}");
    assertTold(
        new ToldError(429, "Later.", "rate_limit", ""),
        "{\"message\":\"Later.\",\"type\":\"rate_limit\"}");
    assertTold(
        new ToldError(400, "Full.", "exceed_context_size_error", ""),
        "{\"error\":{\"code\":400,\"message\":\"Full.\",\"type\":\"exceed_context_size_error\"}}");
    assertTold(new ToldError(0, "model 'x' is away", "", ""), "{\"error\":\"model 'x' is away\"}");
    assertTold(
        new ToldError(503, "Model is overloaded", "overloaded", ""),
        "{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}");
    assertTold(
        new ToldError(502, "Provider returned error", "", ""),
        "{\"id\":\"g\",\"choices\":[{\"finish_reason\":\"error\",\"delta\":{\"content\":\"\"}}],\"error\":{\"code\":\"502\",\"message\":\"Provider returned error\"}}");
    assertTold(
        new ToldError(400, "messages[0].content: Field required", "", "messages[0].content"),
        "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\",0,\"content\"],\"msg\":\"Field required\"}]},\"type\":\"invalid_request_error\",\"code\":null}");
  }

  @Test
  void whatFastApiSays() {
    assertTold(new ToldError(0, "Not Found", "", ""), "{\"detail\":\"Not Found\"}");
    assertTold(
        new ToldError(
            0,
            "messages[0].content: Field required; Extra inputs are not permitted",
            "",
            "messages[0].content"),
        "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\",0,\"content\"],\"msg\":\"Field required\",\"input\":{}},{\"msg\":\"Extra inputs are not permitted\"}]}");
    assertTold(
        new ToldError(401, "No.", "invalid_api_key", ""),
        "{\"detail\":{\"error\":{\"message\":\"No.\",\"code\":\"invalid_api_key\"}}}");
  }

  @Test
  void textAndPages() {
    assertEquals("upstream timed out", ToldError.of(bytes(" upstream timed out\n")).message());
    assertEquals("too busy", ToldError.of(bytes("\"too busy\"")).message());
    assertEquals("", ToldError.of(bytes("")).message());
    assertEquals("", ToldError.of(bytes("<html>")).message());
    assertEquals(
        "502 Bad Gateway",
        ToldError.of(bytes("<html><head><title>\n502 Bad Gateway</title></head><body>x</body>"))
            .message());
    // Cut off in the middle: better than nothing.
    assertTrue(ToldError.of(bytes("{\"error\":{\"message\":\"Bad")).message().contains("Bad"));
  }

  @Test
  void anAnswerIsNoError() {
    for (String answer :
        List.of(
            "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"error\":null}",
            "{\"choices\":[],\"error\":\"\"}",
            "{\"choices\":[],\"detail\":\"x\",\"message\":\"m\",\"type\":\"t\"}",
            "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"error\":{}}",
            "{\"error\":{}}",
            "{\"error\":[]}",
            "{\"error\":false}",
            "{\"type\":\"ping\"}",
            "{\"status\":\"queued\",\"message\":\"Waiting for a worker\"}",
            "{\"type\":\"progress\",\"message\":\"50 %\",\"code\":0}",
            "{\"data\":[{\"embedding\":[1]}]}",
            "[]",
            "[{}]",
            "7",
            "",
            "nonsense")) {
      assertEquals(Optional.empty(), ToldError.within(bytes(answer)), answer);
    }
  }
}
