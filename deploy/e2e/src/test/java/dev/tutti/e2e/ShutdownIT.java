package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** SIGTERM: live answers end whole, new ones are refused by whoever stops, nobody is blamed. */
@ExtendWith(Platform.class)
class ShutdownIT {

  @Test
  void aLiveStreamEndsWholeWhileDecoderAndRouterStop() throws Exception {
    try (var endpoint = new MockEndpoint()) {
      Http.Answer registered =
          Http.post(
              Platform.rest("registry") + "/api/v1/models",
              """
              {"name": "slow-mock", "runtime": "openai", "endpoints": ["%s"], "remote_model": "mock-7b",
               "credential": "env:TUTTI_CREDENTIAL_E2E", "lifecycle": "active",
               "usd_per_million_prompt_tokens": 0, "usd_per_million_completion_tokens": 0}\
              """
                  .formatted(endpoint.url()));
      assertEquals(201, registered.status(), registered.body());
      OutageIT.await(
          () -> Http.get(Platform.rest("router") + "/v1/models/slow-mock").status() == 200);
      OutageIT.await(() -> Http.complete("slow-mock", "Hello").status() == 200);

      ProcessHandle decoder = Platform.process("decoder");
      ProcessHandle router = Platform.process("router");
      try (BufferedReader live = stream("please wait")) {
        assertEquals("data: " + MockEndpoint.TEXT.getFirst(), live.readLine());
        decoder.destroy();
        OutageIT.await(() -> ready("decoder").status() == 503);
        assertRefused("decoder-service is stopping");
        OutageIT.await(
            () -> ready("router").body().contains("decoder-service is starting or stopping"));
        assertTrue(ready("router").body().contains("slow-mock"), ready("router").body());
        router.destroy();
        OutageIT.await(() -> ready("router").status() == 503);
        assertRefused("router-service is stopping");
        assertTrue(decoder.isAlive() && router.isAlive());

        endpoint.release();
        var rest = new StringBuilder();
        for (String line = live.readLine(); line != null; line = live.readLine()) {
          rest.append(line).append('\n');
        }
        assertTrue(rest.toString().contains(MockEndpoint.TEXT.getLast()), rest.toString());
        assertTrue(rest.toString().endsWith("data: [DONE]\n\n"), rest.toString());
        assertFalse(rest.toString().contains("error"), rest.toString());
      }
      decoder.onExit().get(20, TimeUnit.SECONDS);
      router.onExit().get(20, TimeUnit.SECONDS);
    } finally {
      Platform.Run up = Platform.up(Map.of("TUTTI_LOG_JSON", "true"));
      assertEquals(0, up.status(), up.output());
    }
    // The log of before is kept, dated; what follows is JSON, as this `up` asked for.
    List<String> log = Files.readAllLines(Platform.HOME.resolve("logs/router.log"));
    assertTrue(log.getFirst().matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:.*"), log.getFirst());
    assertTrue(log.stream().anyMatch(line -> line.contains("router-service stops")));
    JsonNode line = Http.JSON.readTree(log.getLast());
    assertTrue(line.hasNonNull("timestamp") && line.hasNonNull("message"), log.getLast());
  }

  private static void assertRefused(String words) {
    Http.Answer refused = Http.complete("slow-mock", "Hello");
    assertEquals(503, refused.status(), refused.body());
    assertTrue(refused.body().contains(words), refused.body());
    assertEquals("service_stopping", refused.json().at("/error/code").asText());
    assertTrue(refused.headers().firstValue("retry-after").isPresent(), refused.body());
  }

  private static Http.Answer ready(String service) {
    return Http.get(Platform.operators(service) + "/health/ready");
  }

  private static BufferedReader stream(String prompt) throws IOException {
    String body = Http.chat("slow-mock", prompt).put("stream", true).toString();
    var answer = Http.open(Platform.rest("router") + "/v1/chat/completions", body);
    assertEquals(200, answer.statusCode());
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }
}
