package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.KeptAnswer;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that an ensemble keeps, at the front door. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class KeptAnswerTest {

  private CacheOutcome outcome = CacheOutcome.CACHE_OUTCOME_SEMANTIC;

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
    Neighbourhood.cascade.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("Hay."));
          GenerateResponse.Builder end = ScriptedGeneration.completion("anna", "Hay.");
          end.getCompletionBuilder()
              .getDecisionBuilder()
              .setCache(
                  KeptAnswer.newBuilder()
                      .setOutcome(outcome)
                      .setEntry("ab".repeat(32))
                      .setSimilarity(0.97)
                      .setTime(Timestamps.fromSeconds(1_795_235_022))
                      .setRequestId("first"));
          sink.emit(end.build());
        });
  }

  private static Http.Answer ask(String more, String... headers) {
    return Http.post(
        "/v1/chat/completions",
        "{\"model\":\"steps\",\"messages\":[{\"role\":\"user\",\"content\":\"Hay?\"}]%s}"
            .formatted(more),
        headers);
  }

  private static GenerateRequest asked() {
    return Neighbourhood.cascade.requests().getLast();
  }

  @Test
  void aHitIsTold() {
    JsonNode told =
        Http.json(
            """
            {"hit": "semantic", "similarity": 0.97, "created": 1795235022, "decision": "first"}\
            """);
    assertEquals(told, ask("").json().at("/tutti/cache"));
    List<JsonNode> chunks =
        ask(",\"stream\":true").events().stream()
            .filter(data -> !data.equals("[DONE]"))
            .map(Http::json)
            .filter(chunk -> chunk.has("tutti"))
            .toList();
    assertEquals(1, chunks.size());
    assertEquals(told, chunks.getFirst().at("/tutti/cache"));
    assertEquals("stop", chunks.getFirst().at("/choices/0/finish_reason").textValue());
    outcome = CacheOutcome.CACHE_OUTCOME_EXACT;
    assertEquals("exact", ask("").json().at("/tutti/cache/hit").textValue());
    outcome = CacheOutcome.CACHE_OUTCOME_KEPT;
    assertFalse(ask("").json().has("tutti"), "it is kept, and none was given");
  }

  @Test
  void aHeaderPassesBy() {
    ask("");
    assertEquals(CacheUse.CACHE_USE_UNSPECIFIED, asked().getCache());
    ask("", "X-Tutti-Cache", " Bypass ");
    assertEquals(CacheUse.CACHE_USE_BYPASS, asked().getCache());
    ask("", "x-tutti-cache", "refresh");
    assertEquals(CacheUse.CACHE_USE_REFRESH, asked().getCache());
    Http.Answer wrong = ask("", "x-tutti-cache", "no");
    assertEquals(400, wrong.status());
    assertEquals("x-tutti-cache", wrong.error().path("param").asText());
    assertTrue(wrong.error().path("message").asText().contains("'no'"), wrong.body());
  }

  @Test
  void severalAnswersPassBy() {
    ask(",\"n\":2", "x-tutti-cache", "refresh");
    assertEquals(2, Neighbourhood.cascade.requests().size());
    Neighbourhood.cascade
        .requests()
        .forEach(its -> assertEquals(CacheUse.CACHE_USE_BYPASS, its.getCache()));
  }
}
