package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.type.v1.Capability;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a cascade does with answers that a caller brings along. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class DecideTest {

  private static final String QUESTION = "'messages': [{'role': 'user', 'content': '7+7='}]";
  private static final String ANSWERS =
      "'answers': [{'member': 'anna', 'content': '14', 'logprobs': [-0.5, 0], 'cost_usd': 0.1}]";

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  private static Http.Answer decide(String... fields) {
    return Http.post("/v1/decide", "{%s}".formatted(String.join(", ", fields)).replace('\'', '"'));
  }

  private static DecideRequest asked() {
    assertEquals(1, Neighbourhood.decider.requests().size());
    return Neighbourhood.decider.requests().getFirst();
  }

  @Test
  void aRegisteredEnsembleDecides() {
    Http.Answer answer = decide("'model': 'steps'", QUESTION, ANSWERS);
    assertEquals(200, answer.status(), answer.body());
    JsonNode json = answer.json();
    assertEquals("deferral", json.at("/object").asText());
    assertEquals("steps", json.at("/model").asText());
    assertEquals("accept", json.at("/verdict").asText());
    assertEquals(0, json.at("/chosen").asInt(-1));
    assertEquals("anna", json.at("/member").asText());
    assertEquals(0.75, json.at("/confidence").asDouble());
    assertEquals(0.5, json.at("/threshold").asDouble());
    assertEquals("It is sure.", json.at("/reason").asText());
    assertTrue(json.at("/wanted").isEmpty());
    assertTrue(json.at("/answers/0/seen").asBoolean());
    assertTrue(json.at("/answers/0/threshold").isNull());
    assertEquals(0, Double.parseDouble(answer.header("x-tutti-cost-usd")));
    String id = answer.header("x-tutti-decision-id");
    assertEquals(id, json.at("/id").asText());
    JsonNode kept = Http.get("/v1/decisions/" + id).json();
    assertEquals("It is sure.", kept.at("/explanation").asText());
    assertEquals(0.125, kept.at("/cost_avoided_usd").asDouble());
    assertEquals("steps", asked().getRequest().getRecipe().getEnsemble());
    assertEquals(5, asked().getRequest().getRecipe().getVersion());
    assertEquals(List.of(-0.5, 0.0), asked().getAnswers(0).getLogprobsList());
    assertEquals(List.of(), Neighbourhood.decoder.requests());
    assertEquals(List.of(), Neighbourhood.cascade.requests());
  }

  /**
   * Nobody is asked, so nobody need be registered; the order is the caller's, a member may be
   * twice.
   */
  @Test
  void aMethodWithItsMembersDecides() {
    Http.Answer answer =
        decide(
            "'method': 'consistency'",
            "'settings': {'samples': 2}",
            "'members': [{'name': 'mine'}, {'name': 'anna'}, {'name': 'mine'}, {'name': 'gpt'}]",
            "'budget_usd': 0.5",
            QUESTION,
            "'answers': []");
    assertEquals(200, answer.status(), answer.body());
    JsonNode json = answer.json();
    assertFalse(json.has("model"));
    assertEquals("defer", json.at("/verdict").asText());
    assertTrue(json.at("/chosen").isNull() && json.at("/member").isNull(), json.toString());
    assertEquals("gpt", json.at("/wanted/0/member").asText());
    assertEquals("generate", json.at("/wanted/0/kind").asText());
    assertEquals(2, json.at("/wanted/0/samples").asInt());
    assertEquals(0.8, json.at("/wanted/0/temperature").asDouble());
    Recipe recipe = asked().getRequest().getRecipe();
    assertEquals(0.5, recipe.getBudget().getUsdPerRequest());
    assertEquals(
        List.of("mine", "anna", "mine", "gpt"),
        recipe.getMembersList().stream().map(m -> m.getModel()).toList());
    assertTrue(recipe.getMembers(3).getCapabilitiesList().contains(Capability.CAPABILITY_LOGPROBS));
    assertEquals(2, recipe.getMembers(1).getPrices().getUsdPerMillionCompletionTokens());
  }

  @Test
  void everythingThatAnAnswerHasGoesAlong() {
    Http.Answer answer =
        decide(
            "'model': 'steps'",
            QUESTION,
            "'answers': [{'member': 'anna', 'failed': true}, {'member': 'anna', 'content': '',"
                + " 'purpose': 'verify', 'distances_to_uniform': [0.5], 'options': {'yes': -0.1}}, {'member': 'bert',"
                + " 'content': null, 'tool_calls': [{'function': {'name': 'add'}}]}]");
    assertEquals(200, answer.status(), answer.body());
    List<BroughtAnswer> answers = asked().getAnswersList();
    assertTrue(answers.get(0).getFailed());
    assertEquals("verify", answers.get(1).getPurpose());
    assertEquals(List.of(0.5), answers.get(1).getDistancesToUniformList());
    assertEquals(Map.of("yes", -0.1), answers.get(1).getOptionsMap());
    assertEquals("add", answers.get(2).getToolCalls(0).getName());
  }

  /** A recipe of the caller's own is the caller's fault; a registered one is ours. */
  @Test
  void whatIsWrongWithARecipeIsToldToWhomItIs() {
    Neighbourhood.decider.script(
        _ -> {
          throw new Failure.InvalidArgument("recipe.settings.x", "INVALID_RECIPE", "No x.")
              .exception();
        });
    Http.Answer own = decide("'method': 'consistency'", QUESTION, ANSWERS);
    assertEquals(400, own.status(), own.body());
    assertEquals("settings.x", own.error().at("/param").asText());
    assertEquals(503, decide("'model': 'steps'", QUESTION, ANSWERS).status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'model': 'nobody', Q, A; 404; model",
        "'model': 'vote', Q, A; 400; model",
        "'model': 'anna', Q, A; 400; model",
        "Q, A; 400; model",
        "'model': 'steps', 'budget_usd': 1, Q, A; 400; budget_usd",
        "'method': 'm', 'budget_usd': 0, Q, A; 400; budget_usd",
        "'method': 'm', 'budget_usd': '1', Q, A; 400; budget_usd",
        "'method': 'm', 'members': [{'name': 'anna', 'x': 1}], Q, A; 400; members[0].x",
        "'model': 'steps', A; 400; messages",
        "'model': 'steps', Q; 400; answers",
        "'model': 'steps', Q, 'answers': {}; 400; answers",
        "'model': 'steps', Q, 'answers': [{'content': 'x'}]; 400; answers[0].member",
        "'model': 'steps', Q, 'answers': [{'member': 'anna'}]; 400; answers[0].content",
        "'model': 'steps', Q, 'answers': [{'member': 'anna', 'failed': 1}]; 400; answers[0].failed",
        "'model': 'steps', Q, 'answers': [{'member': 'anna', 'content': '', 'result': []}]; 400;"
            + " answers[0].result",
        "'model': 'steps', Q, 'answers': [{'member': 'anna', 'content': '', 'logprobs': ['a']}];"
            + " 400; answers[0].logprobs",
        "'model': 'steps', Q, A, 'stream': true; 400; stream",
        "'model': 'steps', Q, A, 'seed': 1; 400; seed",
        "'model': 'steps', Q, A, 'temperature': 3; 400; temperature",
      })
  void badRequestsAreRefusedByName(String body, int status, String param) {
    Http.Answer answer = decide(body.replace("Q", QUESTION).replace("A", ANSWERS));
    assertEquals(status, answer.status(), answer.body());
    assertEquals(param, answer.error().at("/param").asText());
    assertEquals(List.of(), Neighbourhood.decider.requests());
  }
}
