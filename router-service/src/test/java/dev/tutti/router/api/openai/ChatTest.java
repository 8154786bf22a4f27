package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberOpinion;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.testing.MetricsRules;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.type.v1.Member;
import io.grpc.Metadata;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chat completions that go well. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class ChatTest {

  private static final String ID = "x-request-id";

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  /** Else each call stays in memory for as long as it might have taken. */
  @Test
  void noDeadlineOutlivesItsCall() {
    Http.chat("anna");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!RestCall.CLOCK.getQueue().isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    assertEquals(0, RestCall.CLOCK.getQueue().size());
  }

  @Test
  void aModelAnswersWhole() {
    Http.Answer answer = Http.chat("anna");
    assertEquals(200, answer.status(), answer.body());
    JsonNode json = answer.json();
    assertEquals("chat.completion", json.at("/object").asText());
    assertEquals("anna", json.at("/model").asText());
    assertEquals("assistant", json.at("/choices/0/message/role").asText());
    assertEquals("I am anna", json.at("/choices/0/message/content").asText());
    assertTrue(json.at("/choices/0/message/refusal").isNull());
    assertTrue(json.at("/choices/0/logprobs").isNull());
    assertEquals("stop", json.at("/choices/0/finish_reason").asText());
    assertEquals(3, json.at("/usage/prompt_tokens").asInt());
    assertEquals(9, json.at("/usage/completion_tokens").asInt());
    assertEquals(12, json.at("/usage/total_tokens").asInt());
    assertEquals("chatcmpl-" + answer.header("x-tutti-decision-id"), json.at("/id").asText());
    assertEquals("0.25", answer.header("x-tutti-cost-usd"));

    GenerateRequest asked = only(Neighbourhood.decoder);
    Member member = asked.getMember();
    assertEquals("anna", member.getModel());
    assertEquals(2, member.getPrices().getUsdPerMillionCompletionTokens());
    assertEquals(answer.header("x-tutti-decision-id"), asked.getRequestId());
    assertEquals(0, asked.getDepth());
  }

  @Test
  void aModelAnswersStreamed() {
    Http.Answer answer = Http.chat("anna", "\"stream\": true");
    assertEquals(200, answer.status(), answer.body());
    assertEquals("text/event-stream; charset=utf-8", answer.header("content-type"));
    assertEquals(36, answer.header("x-tutti-decision-id").length());
    List<String> events = answer.events();
    assertEquals("[DONE]", events.getLast());
    List<JsonNode> chunks = events.subList(0, events.size() - 1).stream().map(Http::json).toList();
    assertEquals(5, chunks.size());
    JsonNode first = chunks.getFirst();
    assertEquals("chat.completion.chunk", first.at("/object").asText());
    assertEquals("assistant", first.at("/choices/0/delta/role").asText());
    assertEquals("", first.at("/choices/0/delta/content").asText());
    assertEquals("I ", chunks.get(1).at("/choices/0/delta/content").asText());
    assertTrue(chunks.get(1).at("/choices/0/finish_reason").isNull());
    assertEquals("I am anna", joined(chunks));
    assertEquals("stop", chunks.getLast().at("/choices/0/finish_reason").asText());
    assertEquals(0, chunks.getLast().at("/choices/0/delta").size());
    assertTrue(chunks.stream().noneMatch(c -> c.has("usage")));
    assertEquals(1, chunks.stream().map(c -> c.at("/id").asText()).distinct().count());
  }

  @Test
  void theUsageOfAStreamComesLastWhereItIsAskedFor() {
    Http.Answer answer =
        Http.chat("anna", "\"stream\": true", "\"stream_options\": {\"include_usage\": true}");
    List<String> events = answer.events();
    JsonNode usage = Http.json(events.get(events.size() - 2));
    assertEquals(0, usage.at("/choices").size());
    assertEquals(12, usage.at("/usage/total_tokens").asInt());
    assertTrue(Http.json(events.getFirst()).at("/usage").isNull());
    assertTrue(Http.json(events.getFirst()).has("usage"));
  }

  @Test
  void everyEnsembleGoesToItsService() {
    assertEquals("I am gac", content(Http.chat("gac")));
    assertEquals("gac", only(Neighbourhood.decoder).getRecipe().getMethod());
    assertEquals("I am vote", content(Http.chat("vote")));
    GenerateRequest fusion = only(Neighbourhood.fusion);
    assertEquals("majority-vote", fusion.getRecipe().getMethod());
    assertEquals(5, fusion.getRecipe().getVersion());
    assertEquals(1, fusion.getRecipe().getMembers(0).getPrices().getUsdPerMillionPromptTokens());
    assertEquals("I am steps", content(Http.chat("steps")));
    assertEquals("model-cascading", only(Neighbourhood.cascade).getRecipe().getMethod());
    for (String ensemble : List.of("gac", "vote", "steps", "blend")) {
      assertTrue(Http.chat(ensemble, "\"stream\": true").body().endsWith("data: [DONE]\n\n"));
    }
  }

  @Test
  void everythingThatIsAskedForArrives() {
    Http.Answer answer =
        Http.post(
            "/v1/chat/completions",
            """
            {"model": "anna", "messages": [
              {"role": "system", "content": "S"}, {"role": "developer", "content": "D"},
              {"role": "assistant", "content": "A", "refusal": null, "tool_calls": []},
              {"role": "user", "content": [{"type": "text", "text": "U1"}, {"type": "text", "text": "U2"}]}],
             "temperature": 0.5, "top_p": 0.9, "top_k": 7, "seed": -9007199254740993, "stop": ["x", "y"],
             "max_completion_tokens": 17, "logprobs": true, "top_logprobs": 3, "n": 1, "user": "u",
             "presence_penalty": -0.5, "frequency_penalty": 1, "response_format": {"type": "text"},
             "tools": [], "tool_choice": "none", "logit_bias": {"7": -100, " Paris": 2.5}, "store": false, "metadata": null,
             "modalities": ["text"], "service_tier": "auto", "stream": false, "stream_options": null}\
            """);
    assertEquals(200, answer.status(), answer.body());
    GenerateRequest asked = only(Neighbourhood.decoder);
    assertEquals(
        List.of(Role.ROLE_SYSTEM, Role.ROLE_SYSTEM, Role.ROLE_ASSISTANT, Role.ROLE_USER),
        asked.getMessagesList().stream().map(m -> m.getRole()).toList());
    assertEquals("U1U2", asked.getMessages(3).getContent());
    assertEquals(
        Sampling.newBuilder()
            .setTemperature(0.5)
            .setTopP(0.9)
            .setTopK(7)
            .setSeed(-9007199254740993L)
            .addStop("x")
            .addStop("y")
            .setMaxTokens(17)
            .setLogprobs(true)
            .setTopLogprobs(3)
            .setPresencePenalty(-.5)
            .setFrequencyPenalty(1)
            .putLogitBias("7", -100)
            .putLogitBias(" Paris", 2.5)
            .build(),
        asked.getSampling());
  }

  /** They change nothing in an answer. */
  @Test
  void whoAsksAndWhatTheCallerKeepsIsEverybodysToSay() {
    for (String model : List.of("anna", "blend", "vote")) {
      Http.Answer answer =
          Http.post(
              "/v1/chat/completions",
              """
              {"model": "%s", "messages": [{"role": "user", "content": "?", "name": "Ada"}],
               "metadata": {"a": "b"}, "store": true, "user": "u", "safety_identifier": "s",
               "prompt_cache_key": "k", "prompt_cache_retention": "24h", "service_tier": "flex"}"""
                  .formatted(model));
      assertEquals(200, answer.status(), answer.body());
      assertEquals("", answer.header("x-tutti-dropped"));
    }
  }

  @Test
  void whatCannotBeServedIsDroppedWhereTheCallerSaysSo() {
    String body =
        """
        {"model": "vote", "reasoning_effort": "low", "tools": [{}], "verbosity": "low",
         "response_format": {"type": "json_object"}, "m\u00fcde\\r\\n": 1, "temperature": 0.5, "messages": [
          {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {}}]}]}""";
    Http.Answer refused = Http.post("/v1/chat/completions", body);
    assertEquals(400, refused.status());
    assertEquals("", refused.header("x-tutti-dropped"));
    Http.Answer answer = Http.post("/v1/chat/completions", body, "X-Tutti-Unserved", "drop");
    assertEquals(200, answer.status(), answer.body());
    assertEquals(
        "messages[0].content[1].type, response_format, reasoning_effort, tools, verbosity, m?de??",
        answer.header("x-tutti-dropped"));
    GenerateRequest asked = only(Neighbourhood.fusion);
    assertEquals("What?", asked.getMessages(0).getContent());
    assertEquals(0.5, asked.getSampling().getTemperature());
    Http.Answer byItself = Http.post("/v1/chat/completions", body.replace("vote", "vote-drop"));
    assertEquals(answer.header("x-tutti-dropped"), byItself.header("x-tutti-dropped"));
    Http.Answer against =
        Http.post(
            "/v1/chat/completions",
            body.replace("vote", "vote-drop"),
            "X-Tutti-Unserved",
            "refuse");
    assertEquals(400, against.status());
    Http.Answer badly = Http.chat("vote-drop", "\"temperature\": -1", "\"tools\": [{}]");
    assertEquals("temperature", badly.error().path("param").asText(), "wrong is wrong");
    Http.Answer wrong = Http.post("/v1/chat/completions", body, "X-Tutti-Unserved", "maybe");
    assertEquals("x-tutti-unserved", wrong.error().path("param").asText());
  }

  @Test
  void anAssistantsRefusalGoesBackAsItCame() {
    Http.Answer answer =
        Http.post(
            "/v1/chat/completions",
            """
            {"model": "anna", "messages": [{"role": "user", "content": "?"},
              {"role": "assistant", "content": "", "refusal": "Not sure."},
              {"role": "assistant", "content": null, "refusal": "Not now."},
              {"role": "user", "content": "Try \ud83d\ude00."}]}\
            """);
    assertEquals(200, answer.status(), answer.body());
    GenerateRequest asked = only(Neighbourhood.decoder);
    assertEquals("Not sure.", asked.getMessages(1).getContent());
    assertEquals("Not now.", asked.getMessages(2).getContent());
  }

  @Test
  void everyResponseCarriesAnId() {
    assertEquals(36, Http.get("/v1/models").header("x-tutti-decision-id").length());
  }

  @Test
  void theCallersIdOfARequestComesBackUnlessItIsNone() {
    for (String path : List.of("/v1/chat/completions", "/nowhere")) {
      assertEquals("a-1/x", Http.post(path, Http.body("anna"), "X-Request-Id", "a-1/x").header(ID));
      for (String odd : List.of("a b", "x".repeat(129), " ")) {
        String ours = Http.post(path, Http.body("anna"), "X-Request-Id", odd).header(ID);
        assertEquals(36, ours.length(), ours);
      }
    }
    Http.Answer answer = Http.chat("anna");
    assertEquals(answer.header("x-tutti-decision-id"), answer.header(ID));
    assertEquals(36, Http.chat("nobody").header(ID).length());
  }

  @Test
  void oneStopStringAndTheOldNameOfTheLimit() {
    assertEquals(200, Http.chat("anna", "\"stop\": \"end\"", "\"max_tokens\": 4").status());
    Sampling sampling = only(Neighbourhood.decoder).getSampling();
    assertEquals(List.of("end"), sampling.getStopList());
    assertEquals(4, sampling.getMaxTokens());
    assertFalse(sampling.hasSeed() || sampling.hasTemperature());
  }

  @Test
  void logProbabilitiesCarryTheirBytes() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(
              GenerateResponse.newBuilder()
                  .setDelta(
                      TextDelta.newBuilder()
                          .setText("é")
                          .addLogprobs(
                              TokenLogprob.newBuilder()
                                  .setToken("é")
                                  .setBytes(ByteString.copyFromUtf8("é"))
                                  .setLogprob(-0.25)
                                  .addMembers(
                                      MemberOpinion.newBuilder()
                                          .setMember("one")
                                          .setWeight(.75)
                                          .setLogprob(-0.5)
                                          .setFavourite(true)
                                          .setReward(.5))
                                  .addMembers(
                                      MemberOpinion.newBuilder()
                                          .setMember("two")
                                          .setWeight(.25)
                                          .setWanted(""))
                                  .addTop(
                                      TokenAlternative.newBuilder()
                                          .setToken("x")
                                          .setBytes(ByteString.copyFromUtf8("x"))
                                          .setLogprob(Double.NEGATIVE_INFINITY))))
                  .build());
          // The end token: no text, but a probability.
          sink.emit(
              GenerateResponse.newBuilder()
                  .setDelta(
                      TextDelta.newBuilder().addLogprobs(TokenLogprob.newBuilder().setLogprob(-1)))
                  .build());
          sink.emit(ScriptedGeneration.completion("anna", "é").build());
        });
    String[] fields = {"\"logprobs\": true", "\"top_logprobs\": 1", "\"stream\": false"};
    JsonNode content = Http.chat("anna", fields).json().at("/choices/0/logprobs/content");
    assertEquals(2, content.size());
    assertEquals("é", content.at("/0/token").asText());
    assertEquals(-0.25, content.at("/0/logprob").asDouble());
    assertEquals("[195,169]", content.at("/0/bytes").toString());
    assertEquals("[120]", content.at("/0/top_logprobs/0/bytes").toString());
    assertEquals(
        "[{\"member\":\"one\",\"weight\":0.75,\"logprob\":-0.5,\"favourite\":true,\"reward\":0.5},"
            + "{\"member\":\"two\",\"weight\":0.25,\"logprob\":-9999.0,\"favourite\":false,\"wanted\":\"\"}]",
        content.at("/0/tutti/members").toString());
    assertFalse(content.get(1).has("tutti"));
    assertEquals(-9999, content.at("/0/top_logprobs/0/logprob").asDouble());
    fields[2] = "\"stream\": true";
    List<String> events = Http.chat("anna", fields).events();
    assertEquals(content.get(0), Http.json(events.get(1)).at("/choices/0/logprobs/content/0"));
    assertEquals(content.get(1), Http.json(events.get(2)).at("/choices/0/logprobs/content/0"));
  }

  @Test
  void lengthAndAbstentionAreTold() {
    finishWith(FinishReason.FINISH_REASON_LENGTH);
    assertEquals("length", Http.chat("anna").json().at("/choices/0/finish_reason").asText());
    finishWith(FinishReason.FINISH_REASON_ABSTAIN);
    JsonNode choice = Http.chat("anna").json().at("/choices/0");
    assertEquals("stop", choice.at("/finish_reason").asText());
    assertTrue(choice.at("/message/refusal").asText().contains("abstained"), choice.toString());
    assertTrue(Http.chat("anna", "\"stream\": true").body().contains("\"refusal\":\"The ensemble"));
  }

  private static void finishWith(FinishReason reason) {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("x"));
          var completion = ScriptedGeneration.completion("anna", "x");
          completion.getCompletionBuilder().setFinishReason(reason);
          sink.emit(completion.build());
        });
  }

  @Test
  void aTraceGoesOn() {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    Http.post(
        "/v1/chat/completions",
        Http.body("vote"),
        "traceparent",
        "00-%s-b7ad6b7169203331-01".formatted(trace));
    String passed =
        Neighbourhood.fusion
            .headers()
            .getFirst()
            .get(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER));
    assertTrue(passed != null && passed.startsWith("00-" + trace), passed);
    assertFalse(passed.contains("b7ad6b7169203331"), "a span of its own");
  }

  @Test
  void metricsCountRequestsByNamesOfTheRegistryOnly() {
    Http.chat("anna");
    Http.chat("blend");
    Http.chat("no-such-" + System.nanoTime());
    String metrics = Http.operators("/metrics").body();
    assertTrue(
        metrics.contains("tutti_router_requests_total{name=\"anna\",outcome=\"ok\"}"), metrics);
    assertTrue(
        metrics.contains("tutti_router_requests_total{name=\"unknown\",outcome=\"not_found\"}"));
    assertTrue(metrics.contains("tutti_router_first_token_seconds_count{name=\"anna\"}"));
    assertTrue(metrics.contains("tutti_router_decisions_pending"));
    assertTrue(metrics.contains("tutti_router_decision_seconds_count{name=\"blend\"}"));
    assertFalse(metrics.contains("no-such"));
    assertTrue(
        metrics
            .lines()
            .anyMatch(l -> l.startsWith("tutti_router_choices_total{ensemble=\"blend\",member=\"")),
        metrics);
    assertFalse(metrics.contains("tutti_router_choices_total{ensemble=\"anna\""));
    MetricsRules.check(metrics);
  }

  @Test
  void theApiIsDescribed() {
    String document = Http.get("/q/openapi").body();
    for (String path :
        List.of(
            "/v1/chat/completions",
            "/v1/embeddings",
            "/v1/models",
            "/v1/models/{id}",
            "/v1/route",
            "/v1/decisions/{id}")) {
      assertTrue(document.contains(path + ":"), path);
    }
  }

  /** Whoever may chat must not switch what answers. */
  @ParameterizedTest
  @ValueSource(strings = {"fits", "jobs", "artifacts", "evaluations", "learners", "budgets"})
  void whatIsForAdministratorsIsNotHere(String what) {
    for (Http.Answer answer :
        List.of(
            Http.get("/v1/" + what), Http.post("/v1/%s/some%%2Fname/reset".formatted(what), ""))) {
      assertEquals(404, answer.status(), answer.body());
      String message = answer.error().path("message").asText();
      assertTrue(message.contains("the registry has it, at /api/v1/" + what), message);
    }
    assertTrue(
        Http.get("/v1/nothing").error().path("message").asText().startsWith("There is nothing"));
  }

  private static String content(Http.Answer answer) {
    return answer.json().at("/choices/0/message/content").asText();
  }

  private static String joined(List<JsonNode> chunks) {
    var text = new StringBuilder();
    chunks.forEach(c -> text.append(c.at("/choices/0/delta/content").asText()));
    return text.toString();
  }

  private static GenerateRequest only(ScriptedGeneration neighbour) {
    assertEquals(1, neighbour.requests().size());
    return neighbour.requests().getFirst();
  }
}
