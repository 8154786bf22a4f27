package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several answers to one request, of models and ensembles alike. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class ChoicesTest {

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
    Neighbourhood.decoder.script(ChoicesTest::saySeed);
    Neighbourhood.fusion.script(ChoicesTest::saySeed);
  }

  /** The seed, in two pieces, each with a log-probability; one prompt token and 0.25 USD. */
  private static void saySeed(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String text = "seed " + request.getSampling().getSeed();
    for (String piece : List.of(text.substring(0, 4), text.substring(4))) {
      sink.emit(
          GenerateResponse.newBuilder()
              .setDelta(
                  TextDelta.newBuilder()
                      .setText(piece)
                      .addLogprobs(TokenLogprob.newBuilder().setToken(piece).setLogprob(-0.5)))
              .build());
    }
    var completion = ScriptedGeneration.completion(request.getMember().getModel(), text);
    completion.getCompletionBuilder().setCostUsd(0.25);
    sink.emit(completion.build());
  }

  @Test
  void eachHasASeedOfItsOwnAndAllAreOneAnswer() {
    for (String name : List.of("anna", "blend", "vote", "gac")) {
      Http.Answer answer = Http.chat(name, "\"n\": 3", "\"seed\": 5", "\"logprobs\": true");
      assertEquals(200, answer.status(), answer.body());
      JsonNode choices = answer.json().at("/choices");
      assertEquals(3, choices.size());
      assertEquals("seed 5", choices.at("/0/message/content").asText());
      Set<String> texts = new HashSet<>();
      int written = 0;
      for (int i = 0; i < 3; i++) {
        JsonNode choice = choices.get(i);
        String text = choice.at("/message/content").asText();
        texts.add(text);
        written += text.length();
        assertEquals(i, choice.at("/index").asInt());
        assertEquals("stop", choice.at("/finish_reason").asText());
        assertEquals(2, choice.at("/logprobs/content").size());
        assertEquals(text.substring(4), choice.at("/logprobs/content/1/token").asText());
      }
      assertEquals(3, texts.size(), texts.toString());
      assertEquals(9, answer.json().at("/usage/prompt_tokens").asInt());
      assertEquals(written, answer.json().at("/usage/completion_tokens").asInt());
      assertEquals("0.75", answer.header("x-tutti-cost-usd"));
      Http.Answer again = Http.chat(name, "\"n\": 3", "\"seed\": 5", "\"logprobs\": true");
      assertEquals(choices, again.json().at("/choices"), "the same seed, the same answers");
    }
  }

  /** As many tokens as all of those before had are expected of as many. */
  @Test
  void whatIsExpectedOfAMemberCountsItsChoicesOnce() {
    String fields = "\"n\": 4, \"max_tokens\": 1000, \"seed\": 5";
    Http.Answer first = Http.chat("blend-counted", fields);
    int tokens = first.json().at("/usage/completion_tokens").asInt();
    // At 2 US dollars a million.
    assertEquals(
        expectedUsd(first) - (4 * 1000 - tokens) * 2e-6,
        expectedUsd(Http.chat("blend-counted", fields)),
        1e-12);
  }

  private static double expectedUsd(Http.Answer answer) {
    String id = answer.header("x-tutti-decision-id");
    return Http.get("/v1/decisions/" + id).json().at("/candidates/0/expected_usd").asDouble();
  }

  @Test
  void aRoutingEnsembleDecidesOnce() {
    Http.Answer answer = Http.chat("blend", "\"n\": 4", "\"seed\": 1");
    assertEquals(4, Neighbourhood.decoder.requests().size());
    assertEquals(
        1,
        Neighbourhood.decoder.requests().stream()
            .map(r -> r.getMember().getModel())
            .distinct()
            .count());
    JsonNode decision = Http.get("/v1/decisions/" + answer.header("x-tutti-decision-id")).json();
    assertEquals(1, decision.at("/candidates").findValues("chosen").size());
  }

  @Test
  void streamedEachPieceSaysWhoseItIs() {
    for (String name : List.of("anna", "vote")) {
      Http.Answer answer =
          Http.chat(
              name,
              "\"n\": 3",
              "\"seed\": 5",
              "\"stream\": true",
              "\"stream_options\": {\"include_usage\": true}");
      List<String> events = answer.events();
      assertEquals("[DONE]", events.getLast());
      var texts =
          new StringBuilder[] {new StringBuilder(), new StringBuilder(), new StringBuilder()};
      var ends = new int[3];
      for (String event : events.subList(0, events.size() - 2)) {
        JsonNode choice = Http.json(event).at("/choices/0");
        int index = choice.at("/index").asInt();
        texts[index].append(choice.at("/delta/content").asText(""));
        ends[index] += choice.at("/finish_reason").isNull() ? 0 : 1;
      }
      assertEquals("seed 5", texts[0].toString());
      for (int i = 0; i < 3; i++) {
        assertTrue(texts[i].toString().startsWith("seed "), texts[i].toString());
        assertEquals(1, ends[i]);
      }
      assertFalse(texts[1].toString().contentEquals(texts[2]));
      JsonNode usage = Http.json(events.get(events.size() - 2)).at("/usage");
      assertEquals(9, usage.at("/prompt_tokens").asInt());
    }
  }

  @Test
  void theyAreAskedForSideBySide() {
    var together = new CountDownLatch(3);
    Neighbourhood.decoder.script(
        (request, sink) -> {
          together.countDown();
          try {
            together.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          saySeed(request, sink);
        });
    assertEquals(3, Http.chat("anna", "\"n\": 3").json().at("/choices").size());
  }

  @Test
  void oneThatFailsIsTheWholeAnswersFailure() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getSampling().getSeed() != 5) {
            throw new Failure.Unavailable("AWAY", "Away.").exception();
          }
          saySeed(request, sink);
        });
    Http.Answer answer = Http.chat("anna", "\"n\": 2", "\"seed\": 5");
    assertEquals("away", answer.error().path("code").asText(), answer.body());
  }

  @Test
  void anEndpointIsToldByItsCallersOwnBody() {
    Http.chat("wire", "\"n\": 2");
    assertEquals(1, Neighbourhood.decoder.requests().size());
    GenerateRequest seen = Neighbourhood.decoder.requests().getFirst();
    assertTrue(seen.getWire().getBody().toStringUtf8().contains("\"n\": 2"));
    assertEquals(0, seen.getChoices());
  }
}
