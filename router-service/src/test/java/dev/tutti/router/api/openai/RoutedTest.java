package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routing ensembles, their decisions, and members that fail. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class RoutedTest {

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @Test
  void aSeedDecidesAndTheDecisionTells() {
    var seen = new HashSet<String>();
    for (int seed = 0; seed < 20; seed++) {
      String member = routed(seed).at("/member").asText();
      seen.add(member);
      Http.Answer answer = Http.chat("blend", "\"seed\": " + seed);
      assertEquals("I am " + member, content(answer));
      JsonNode decision = decision(answer);
      assertEquals("blend", decision.at("/ensemble").asText());
      assertEquals("5", decision.at("/ensemble_version").asText());
      assertEquals("blending", decision.at("/method").asText());
      assertEquals("FAMILY_ROUTER", decision.at("/family").asText());
      assertEquals(Integer.toString(seed), decision.at("/inputs/seed").asText());
      assertTrue(decision.at("/explanation").asText().contains(member));
      assertEquals("anna", decision.at("/candidates/0/member").asText());
      JsonNode chosen = decision.at(member.equals("anna") ? "/candidates/0" : "/candidates/1");
      assertTrue(chosen.at("/called").asBoolean() && chosen.at("/chosen").asBoolean());
      assertEquals(0.5, chosen.at("/propensity").asDouble());
      assertEquals(0.25, chosen.at("/cost_usd").asDouble());
      JsonNode other = decision.at(member.equals("anna") ? "/candidates/1" : "/candidates/0");
      assertFalse(other.at("/called").asBoolean() || other.has("cost_usd"));
      assertFalse(decision.toString().contains("Who are you"), "no prompts are kept");
    }
    assertEquals(Set.of("anna", "bert"), seen);
  }

  @Test
  void routeAsksNobodyAndItsDecisionIsKept() {
    Http.Answer answer = route("blend", 3);
    assertEquals(2, answer.json().at("/ranked").size());
    assertEquals(answer.json().at("/decision"), decision(answer));
    assertTrue(Neighbourhood.decoder.requests().isEmpty());
    assertEquals(400, route("anna", 1).status());
    assertEquals("not_a_routing_ensemble", route("vote", 1).error().at("/code").asText());
    assertEquals(404, route("nobody", 1).status());
  }

  @Test
  void oneMemberIsThatMember() {
    Http.Answer alone = Http.chat("anna");
    Http.Answer ensemble = Http.chat("blend-one");
    assertEquals(content(alone), content(ensemble));
    assertEquals(alone.json().at("/usage"), ensemble.json().at("/usage"));
    assertEquals(alone.header("x-tutti-cost-usd"), ensemble.header("x-tutti-cost-usd"));
    fail("anna", new Failure.ResourceExhausted("FULL", "Full.", Duration.ofSeconds(1)));
    assertEquals(Http.chat("anna").error(), Http.chat("blend-one").error());
  }

  @Test
  void aMemberThatFailsBeforeItSpeaksIsFollowedByTheNext() {
    long seed = seedFor("anna");
    for (Failure failure :
        List.of(
            new Failure.Unavailable("AWAY", "Away."),
            new Failure.ResourceExhausted("FULL", "Full.", Duration.ofSeconds(1)),
            new Failure.Internal("BUG", "Bug."),
            new Failure.FailedPrecondition("", "BROKEN", "Broken."),
            new Failure.NotFound("member", "MODEL_NOT_FOUND", "Not here."),
            new Failure.InvalidArgument("messages", "CONTEXT_LENGTH_EXCEEDED", "Too long."),
            new Failure.InvalidArgument("messages", "BUDGET_EXCEEDED", "Too dear."),
            new Failure.InvalidArgument("member", "CAPABILITY_MISSING", "No log probabilities."),
            new Failure.InvalidArgument("sampling.logit_bias", "BIAS_UNSUPPORTED", "No ids."),
            new Failure.InvalidArgument("", "CONTENT_FILTER", "Filtered."),
            new Failure.InvalidArgument("recipe.settings.x", "INVALID_RECIPE", "No x."),
            new Failure.Cancelled("CANCELLED", "Torn down."),
            new Failure.DeadlineExceeded("LATE", "Late."))) {
      fail("anna", failure);
      for (String stream : new String[] {"false", "true"}) {
        Neighbourhood.decoder.forget();
        Http.Answer answer = Http.chat("blend", "\"seed\": " + seed, "\"stream\": " + stream);
        assertEquals(200, answer.status(), answer.body());
        assertTrue(answer.body().contains("bert") && !answer.body().contains("anna"));
        assertEquals("bert", answer.header("x-tutti-member"));
        assertEquals(2, Neighbourhood.decoder.requests().size());
        JsonNode decision = decision(answer);
        assertTrue(decision.at("/candidates/0/called").asBoolean());
        assertFalse(decision.at("/candidates/0/chosen").asBoolean());
        assertTrue(decision.at("/candidates/0/failure").asText().contains(failure.message()));
        assertTrue(decision.at("/candidates/1/chosen").asBoolean());
        assertTrue(decision.at("/explanation").asText().contains("anna failed"));
      }
    }
  }

  @Test
  void aByteOrderMarkIsSkipped() {
    Http.Answer answer = Http.post("/v1/chat/completions", "\uFEFF" + Http.body("anna"));
    assertEquals(200, answer.status(), answer.body());
  }

  @Test
  void whereAllAreRefusedTheSoonestTryIsTold() {
    for (int anna : new int[] {3, 70_000}) {
      Neighbourhood.decoder.script(
          (request, sink) -> {
            int wait = request.getMember().getModel().equals("anna") ? anna : 500;
            throw new Failure.ResourceExhausted("FULL", "Full.", Duration.ofSeconds(wait))
                .exception();
          });
      Http.Answer answer = Http.chat("blend");
      assertEquals(429, answer.status(), answer.body());
      int soonest = Math.min(anna, 500);
      assertEquals(Integer.toString(soonest), answer.header("retry-after"));
      assertEquals(soonest + "000", answer.header("retry-after-ms"));
    }
  }

  @Test
  void anEmptyPieceIsNoAnswerYet() {
    long seed = seedFor("anna");
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("anna")) {
            sink.emit(ScriptedGeneration.delta(""));
            throw new Failure.Unavailable("AWAY", "Away.").exception();
          }
          Neighbourhood.echo(request, sink);
        });
    assertEquals("I am bert", content(Http.chat("blend", "\"seed\": " + seed)));
    Http.Answer streamed = Http.chat("blend", "\"seed\": " + seed, "\"stream\": true");
    assertTrue(streamed.body().contains("bert"), streamed.body());
    assertFalse(streamed.body().contains("\"error\""), streamed.body());
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta(""));
          throw new Failure.Unavailable("AWAY", "Away.").exception();
        });
    assertEquals(503, Http.chat("blend", "\"stream\": true").status(), "nothing was sent yet");
  }

  @Test
  void aFilterThatLetsNothingThroughIsFollowedByTheNext() {
    long seed = seedFor("anna");
    filter("anna");
    for (String stream : List.of("false", "true")) {
      Http.Answer answer = Http.chat("blend", "\"seed\": " + seed, "\"stream\": " + stream);
      assertTrue(answer.body().contains("bert"), answer.body());
      assertFalse(answer.body().contains("content_filter"), answer.body());
      JsonNode decision = decision(answer);
      assertTrue(decision.at("/candidates/0/failure").asText().contains("filter"));
      assertEquals(0.25, decision.at("/candidates/0/cost_usd").asDouble());
    }
    filter("anna", "bert");
    Http.Answer filtered = Http.chat("blend", "\"seed\": " + seed);
    assertEquals(200, filtered.status(), filtered.body());
    assertEquals("content_filter", filtered.json().at("/choices/0/finish_reason").asText());
    assertEquals("anna", filtered.header("x-tutti-member"));
    assertEquals("0.5", filtered.header("x-tutti-cost-usd"), "both were asked");
  }

  private static void filter(String... models) {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          String model = request.getMember().getModel();
          if (List.of(models).contains(model)) {
            var completion = ScriptedGeneration.completion(model, "");
            completion
                .getCompletionBuilder()
                .setCostUsd(0.25)
                .setFinishReason(FinishReason.FINISH_REASON_CONTENT_FILTER);
            sink.emit(completion.build());
          } else {
            Neighbourhood.echo(request, sink);
          }
        });
  }

  @Test
  void anEnsemblesOwnTimeLimitEndsItsAnswer() {
    var hangs = new CountDownLatch(1);
    for (ScriptedGeneration service : List.of(Neighbourhood.decoder, Neighbourhood.fusion)) {
      service.script(
          (request, sink) -> {
            try {
              hangs.await();
            } catch (InterruptedException e) {
              throw new CancelledException();
            }
          });
    }
    for (String name : List.of("vote-hurried", "blend-hurried")) {
      for (String stream : List.of("false", "true")) {
        Http.Answer answer = Http.chat(name, "\"stream\": " + stream);
        assertEquals(504, answer.status(), answer.body());
        assertEquals("time_limit_exceeded", answer.error().at("/code").asText());
        String message = answer.error().at("/message").asText();
        assertTrue(message.contains(name) && message.contains("0.3 s"), message);
      }
    }
    assertTrue(
        Neighbourhood.fusion.requests().getFirst().getRecipe().hasTimeLimit(),
        "the service knows it too");
  }

  @Test
  void whoAnsweredIsTold() {
    for (String stream : List.of("false", "true")) {
      assertEquals("anna", Http.chat("anna", "\"stream\": " + stream).header("x-tutti-member"));
      assertEquals(
          "anna", Http.chat("blend-one", "\"stream\": " + stream).header("x-tutti-member"));
    }
    assertEquals("gac", Http.chat("gac").header("x-tutti-member"));
  }

  @Test
  void aWrongRequestIsNotTriedOnTheNext() {
    long seed = seedFor("anna");
    fail("anna", new Failure.InvalidArgument("messages", "INVALID_ARGUMENT", "Wrong."));
    assertEquals(400, Http.chat("blend", "\"seed\": " + seed).status());
    assertEquals(1, Neighbourhood.decoder.requests().size());
  }

  @Test
  void aMemberThatFailsAfterItSpokeEndsTheAnswer() {
    long seed = seedFor("anna");
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("I a"));
          throw new Failure.Unavailable("AWAY", "Gone away.").exception();
        });
    Http.Answer whole = Http.chat("blend", "\"seed\": " + seed);
    assertEquals(503, whole.status());
    assertEquals("away", whole.error().at("/code").asText());
    assertEquals(1, Neighbourhood.decoder.requests().size());
    Http.Answer streamed = Http.chat("blend", "\"seed\": " + seed, "\"stream\": true");
    assertEquals(200, streamed.status());
    JsonNode last = Http.json(streamed.events().getLast());
    assertEquals("away", last.at("/error/code").asText(), streamed.body());
    assertEquals("server_error", last.at("/error/type").asText());
    assertFalse(streamed.body().contains("[DONE]"));
    assertTrue(streamed.body().contains("I a"));
    JsonNode decision = decision(streamed);
    assertTrue(decision.at("/explanation").asText().contains("Gone away."), decision.toString());
    assertTrue(decision.at("/candidates/0/failure").asText().contains("Gone away."));
  }

  @Test
  void whenEverybodyFailsEverybodyIsNamed() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw new Failure.Unavailable("AWAY", "Away.").exception();
        });
    Http.Answer answer = Http.chat("blend");
    assertEquals(503, answer.status());
    String message = answer.error().at("/message").asText();
    assertTrue(message.contains("anna") && message.contains("bert"), message);
    JsonNode decision = decision(answer);
    assertTrue(decision.at("/candidates/0/called").asBoolean());
    assertTrue(decision.at("/candidates/1/called").asBoolean());
  }

  @Test
  void anAnswerWithoutAnEndIsNone() {
    Neighbourhood.decoder.script((request, sink) -> {});
    assertEquals("incomplete_answer", Http.chat("anna").error().at("/code").asText());
    Neighbourhood.decoder.script((request, sink) -> sink.emit(ScriptedGeneration.delta("x")));
    String events = Http.chat("anna", "\"stream\": true").body();
    assertTrue(events.contains("incomplete_answer") && !events.contains("[DONE]"), events);
  }

  @Test
  void aRetiredMemberIsLeftOut() {
    for (int seed = 0; seed < 5; seed++) {
      Http.Answer answer = Http.chat("blend-gone", "\"seed\": " + seed);
      assertEquals("I am anna", content(answer));
      JsonNode candidates = decision(answer).at("/candidates");
      assertEquals(1, candidates.at("/0/propensity").asDouble());
      assertEquals(0, candidates.at("/1/propensity").asDouble());
      assertTrue(candidates.at("/1/failure").asText().contains("retired"));
    }
  }

  @Test
  void anEnsembleIsAMemberAndItsDecisionIsNested() {
    Neighbourhood.fusion.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("four"));
          var completion = ScriptedGeneration.completion("anna", "four");
          completion
              .getCompletionBuilder()
              .setCostUsd(0.5)
              .setDecision(Decision.newBuilder().setId(request.getRequestId()).setEnsemble("vote"));
          sink.emit(completion.build());
        });
    Http.Answer answer = Http.chat("blend-nest");
    assertEquals("four", content(answer));
    assertEquals("0.5", answer.header("x-tutti-cost-usd"));
    GenerateRequest asked = Neighbourhood.fusion.requests().getFirst();
    assertEquals(1, asked.getDepth());
    assertEquals("vote", asked.getRecipe().getEnsemble());
    JsonNode decision = decision(answer);
    assertEquals("blend-nest", decision.at("/ensemble").asText());
    assertEquals("vote", decision.at("/nested/0/ensemble").asText());
    assertEquals(0.5, decision.at("/candidates/0/cost_usd").asDouble());
  }

  @Test
  void aModelHasADecisionToo() {
    JsonNode decision = decision(Http.chat("anna"));
    assertEquals("anna", decision.at("/ensemble").asText());
    assertEquals(1, decision.at("/candidates").size());
    assertEquals(0.25, decision.at("/candidates/0/cost_usd").asDouble());
    assertFalse(decision.at("/explanation").asText().isEmpty());
    fail("anna", new Failure.Unavailable("AWAY", "Away."));
    JsonNode failed = decision(Http.chat("anna"));
    assertTrue(failed.at("/candidates/0/failure").asText().contains("Away."), failed.toString());
  }

  @Test
  void theDecisionOfAnotherServiceIsKeptWithoutItsTexts() {
    Neighbourhood.cascade.script(
        (request, sink) -> {
          var completion = ScriptedGeneration.completion("bert", "x");
          completion
              .getCompletionBuilder()
              .getDecisionBuilder()
              .setEnsemble("steps")
              .addCandidatesBuilder()
              .setMember("bert")
              .setAnswer("x");
          sink.emit(completion.build());
        });
    Http.Answer answer = Http.chat("steps");
    JsonNode decision = decision(answer);
    assertEquals(answer.header("x-tutti-decision-id"), decision.at("/id").asText());
    // Whose answers are the same is told, and not what they say.
    assertEquals("answer 1", decision.at("/candidates/0/answer").asText());
    Neighbourhood.cascade.script(
        (request, sink) -> {
          throw new Failure.Unavailable("AWAY", "Away.").exception();
        });
    JsonNode failed = decision(Http.chat("steps"));
    assertEquals("model-cascading", failed.at("/method").asText());
    assertEquals(2, failed.at("/candidates").size());
    assertTrue(failed.at("/explanation").asText().contains("Away."));
  }

  @Test
  void anUnknownDecisionIsNotFound() {
    Http.Answer answer = Http.get("/v1/decisions/none");
    assertEquals(404, answer.status(), answer.body());
    assertEquals("decision_not_found", answer.error().at("/code").asText());
  }

  private static void fail(String model, Failure failure) {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals(model)) {
            throw failure.exception();
          }
          Neighbourhood.echo(request, sink);
        });
  }

  private static long seedFor(String member) {
    for (long seed = 0; ; seed++) {
      if (routed(seed).at("/member").asText().equals(member)) {
        return seed;
      }
    }
  }

  private static JsonNode routed(long seed) {
    return route("blend", seed).json();
  }

  private static Http.Answer route(String name, long seed) {
    return Http.post("/v1/route", Http.body(name, "\"seed\": " + seed));
  }

  private static JsonNode decision(Http.Answer answer) {
    Http.Answer decision = Http.get("/v1/decisions/" + answer.header("x-tutti-decision-id"));
    assertEquals(200, decision.status(), decision.body());
    return decision.json();
  }

  private static String content(Http.Answer answer) {
    assertEquals(200, answer.status(), answer.body());
    return answer.json().at("/choices/0/message/content").asText();
  }
}
