package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.e2e.Http.Answer;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model and one ensemble of every kind answer, streamed and not, over REST and over gRPC. */
@ExtendWith(Platform.class)
class AnswersIT {

  private static final String PROMPT = "12+34=";

  @ParameterizedTest
  @ValueSource(
      strings = {"adder-strong", "adders-blend", "adders-gac", "adders-vote", "adders-cascade"})
  void streamedUnstreamedAndGrpcSayTheSame(String model) throws Exception {
    ObjectNode body = Http.chat(model, PROMPT).put("seed", 7);
    String url = Platform.rest("router") + "/v1/chat/completions";

    Answer whole = Http.post(url, body.toString());
    assertEquals(200, whole.status(), whole.body());
    JsonNode choice = whole.json().at("/choices/0");
    String text = choice.at("/message/content").asText();
    assertFalse(text.isEmpty());
    assertEquals("stop", choice.at("/finish_reason").asText());
    assertEquals(model, whole.json().at("/model").asText());
    assertTrue(whole.json().at("/usage/total_tokens").asInt() > 0, whole.body());

    body.put("stream", true).putObject("stream_options").put("include_usage", true);
    Answer streamed = Http.post(url, body.toString());
    assertEquals(200, streamed.status(), streamed.body());
    assertTrue(
        streamed.headers().firstValue("content-type").orElse("").startsWith("text/event-stream"));
    List<String> events = Http.events(streamed);
    assertEquals("[DONE]", events.getLast());
    StringBuilder joined = new StringBuilder();
    for (String event : events.subList(0, events.size() - 1)) {
      joined.append(Http.JSON.readTree(event).at("/choices/0/delta/content").asText(""));
    }
    assertEquals(text, joined.toString());
    JsonNode usage = Http.JSON.readTree(events.get(events.size() - 2)).at("/usage");
    assertEquals(whole.json().at("/usage"), usage);

    Completion completion = generate(model, PROMPT, 7);
    assertEquals(text, completion.getText());
    assertEquals(
        whole.json().at("/usage/prompt_tokens").asLong(), completion.getUsage().getPromptTokens());

    String decision = whole.headers().firstValue("x-tutti-decision-id").orElseThrow();
    Answer why = Http.get(Platform.rest("router") + "/v1/decisions/" + decision);
    assertEquals(200, why.status(), why.body());
    assertTrue(why.body().contains(model), why.body());
  }

  @Test
  void theDecisionOfAnEnsembleNamesItsMembers() {
    for (String ensemble : List.of("adders-blend", "adders-gac", "adders-vote", "adders-cascade")) {
      Answer answer = Http.complete(ensemble, PROMPT);
      String id = answer.headers().firstValue("x-tutti-decision-id").orElseThrow();
      JsonNode decision = Http.get(Platform.rest("router") + "/v1/decisions/" + id).json();
      assertEquals(ensemble, decision.at("/ensemble").asText(), decision.toString());
      assertTrue(decision.at("/candidates").size() >= 2, decision.toString());
      assertEquals("adder-weak-1", decision.at("/candidates/0/member").asText());
      assertFalse(decision.at("/explanation").asText().isEmpty(), decision.toString());
      // Administrators find it at the registry.
      String registry = Platform.rest("registry");
      assertEquals(decision, Http.get(registry + "/api/v1/decisions/" + id).json());
      Answer page = Http.get(registry + "/console/decisions/" + id);
      assertEquals(200, page.status(), page.body());
      assertTrue(page.body().contains("/console/ensembles/" + ensemble), page.body());
    }
  }

  @Test
  void routeDecidesWithoutAnswering() {
    ObjectNode body = Http.JSON.createObjectNode().put("model", "adders-blend");
    body.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
    Answer answer = Http.post(Platform.rest("router") + "/v1/route", body.toString());
    assertEquals(200, answer.status(), answer.body());
    assertTrue(answer.body().contains("adder-weak-"), answer.body());
  }

  @Test
  void embeddingsComeFromMiniLm() {
    String body =
        "{\"model\": \"all-minilm-l6-v2\", \"input\": [\"a small dog\", \"a puppy\", \"tax law\"]}";
    Answer answer = Http.post(Platform.rest("router") + "/v1/embeddings", body);
    assertEquals(200, answer.status(), answer.body());
    double[][] vectors = new double[3][];
    for (int i = 0; i < 3; i++) {
      JsonNode values = answer.json().at("/data/" + i + "/embedding");
      assertEquals(384, values.size());
      vectors[i] = new double[384];
      for (int j = 0; j < 384; j++) {
        vectors[i][j] = values.get(j).asDouble();
      }
    }
    assertEquals(1, dot(vectors[0], vectors[0]), 1e-4);
    assertTrue(dot(vectors[0], vectors[1]) > dot(vectors[0], vectors[2]) + 0.2);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static Completion generate(String model, String content, long seed) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setName(model)
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(content))
            .setSampling(Sampling.newBuilder().setTemperature(0).setSeed(seed))
            .build();
    Iterator<GenerateResponse> events =
        GenerationServiceGrpc.newBlockingStub(Platform.grpc())
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .generate(request);
    StringBuilder text = new StringBuilder();
    Completion completion = null;
    while (events.hasNext()) {
      GenerateResponse event = events.next();
      text.append(event.getDelta().getText());
      if (event.hasCompletion()) {
        completion = event.getCompletion();
        assertFalse(events.hasNext(), "something after the completion");
      }
    }
    assertEquals(completion.getText(), text.toString());
    return completion;
  }
}
