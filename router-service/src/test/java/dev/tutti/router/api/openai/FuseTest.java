package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.testing.ScriptedFusion;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that a caller brings along. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class FuseTest {

  private static final String QUESTION = "'messages': [{'role': 'user', 'content': '7+7='}]";
  private static final String ANSWERS =
      "'answers': [{'member': 'anna', 'content': '14'}, {'member': 'bert', 'content': '15'}]";

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  private static Http.Answer fuse(String... fields) {
    return Http.post("/v1/fuse", "{%s}".formatted(String.join(", ", fields)).replace('\'', '"'));
  }

  private static FuseRequest asked() {
    assertEquals(1, Neighbourhood.fuser.requests().size());
    return Neighbourhood.fuser.requests().getFirst();
  }

  @Test
  void aRegisteredEnsembleFuses() {
    Http.Answer answer = fuse("'model': 'vote'", QUESTION, ANSWERS, "'seed': 7");
    assertEquals(200, answer.status(), answer.body());
    JsonNode json = answer.json();
    assertEquals("fusion", json.at("/object").asText());
    assertEquals("vote", json.at("/model").asText());
    assertEquals(0, json.at("/chosen").asInt(-1));
    assertEquals("14", json.at("/content").asText());
    assertEquals("anna", json.at("/member").asText());
    assertEquals(0.5, json.at("/agreement").asDouble());
    assertEquals("It came first.", json.at("/reason").asText());
    assertEquals("bert", json.at("/answers/1/member").asText());
    assertEquals(0.5, json.at("/answers/1/weight").asDouble());
    assertTrue(json.at("/answers/1/score").isNull());
    assertEquals("0.25", answer.header("x-tutti-cost-usd"));
    assertEquals("anna", answer.header("x-tutti-member"));
    String id = answer.header("x-tutti-decision-id");
    assertEquals(id, json.at("/decision/id").asText());
    assertEquals(
        "It came first.", Http.get("/v1/decisions/" + id).json().at("/explanation").asText());
    Recipe recipe = asked().getRequest().getRecipe();
    assertEquals("vote", recipe.getEnsemble());
    assertEquals(5, recipe.getVersion());
    assertEquals(7, asked().getRequest().getSampling().getSeed());
    assertEquals(List.of(), Neighbourhood.decoder.requests());
    assertEquals(List.of(), Neighbourhood.fusion.requests());
  }

  /** Who is registered goes along as registered; who only answered need not be. */
  @Test
  void aMethodWithItsSettingsFuses() {
    Http.Answer answer =
        fuse(
            "'method': 'majority-vote'",
            "'settings': {'canonical': 'number', 'enough': null}",
            "'members': [{'name': 'anna', 'weight': 2, 'sampling': {'temperature': 0.2, 'top_p': 0.5}}, {'name': 'vote', 'role': 'judge'}]",
            QUESTION,
            "'answers': [{'member': 'gpt', 'content': '14', 'logprobs': [-0.5, 0], 'cost_usd': 0.1},"
                + " {'member': 'anna', 'content': null, 'tool_calls': [{'type': 'function',"
                + " 'function': {'name': 'add', 'arguments': '{}'}}]}]");
    assertEquals(200, answer.status(), answer.body());
    assertFalse(answer.json().has("model"));
    FuseRequest asked = asked();
    Recipe recipe = asked.getRequest().getRecipe();
    assertEquals("majority-vote", recipe.getMethod());
    assertEquals(0, recipe.getVersion());
    assertEquals("number", recipe.getSettings().getFieldsOrThrow("canonical").getStringValue());
    Member anna = recipe.getMembers(0);
    assertEquals(2, anna.getWeight());
    assertEquals(0.2, anna.getSampling().getTemperature());
    assertEquals(0.5, anna.getSampling().getTopP());
    assertEquals(2, anna.getPrices().getUsdPerMillionCompletionTokens());
    assertEquals("vote", recipe.getMembers(1).getEnsemble());
    assertEquals("judge", recipe.getMembers(1).getRole());
    Member gpt = recipe.getMembers(2);
    assertEquals("gpt", gpt.getModel());
    assertTrue(gpt.getCapabilitiesList().contains(Capability.CAPABILITY_LOGPROBS));
    BroughtAnswer first = asked.getAnswers(0);
    assertEquals(List.of(-0.5, 0.0), first.getLogprobsList());
    assertEquals(0.1, first.getCostUsd());
    assertEquals("add", asked.getAnswers(1).getToolCalls(0).getName());
  }

  @Test
  void whatAnswersGaveWhenTheyRanGoesAlong() {
    Http.Answer answer =
        fuse(
            "'model': 'vote'",
            QUESTION,
            "'answers': [{'member': 'anna', 'content': 'a', 'result': [[1, 'x'], [2.50, null]]},"
                + " {'member': 'bert', 'content': 'b', 'result': []},"
                + " {'member': 'bert', 'content': 'b', 'tests': {'one': true, 'two': false}}]",
            "'response_format': {'type': 'json_schema', 'json_schema': {'name': 'n', 'strict':"
                + " true, 'schema': {'type': 'object'}}}");
    assertEquals(200, answer.status(), answer.body());
    FuseRequest asked = asked();
    assertEquals("{\"type\":\"object\"}", asked.getAnswerSchema());
    assertEquals(List.of("[1,\"x\"]", "[2.5,null]"), asked.getAnswers(0).getResult().getRowsList());
    assertTrue(asked.getAnswers(1).hasResult());
    assertEquals(0, asked.getAnswers(1).getResult().getRowsCount());
    assertFalse(asked.getAnswers(2).hasResult());
    assertEquals(Map.of("one", true, "two", false), asked.getAnswers(2).getTestsMap());
  }

  @Test
  void aSchemaThatNobodyCanValidateByIsTheCallers() {
    Neighbourhood.fuser.script(
        _ -> {
          throw new Failure.InvalidArgument("answer_schema", "INVALID_SCHEMA", "No.").exception();
        });
    Http.Answer answer = fuse("'model': 'vote'", QUESTION, ANSWERS);
    assertEquals(400, answer.status(), answer.body());
    assertEquals("response_format.json_schema.schema", answer.error().at("/param").asText());
    assertEquals("invalid_schema", answer.error().at("/code").asText());
  }

  @Test
  void anAbstentionHasNoContent() {
    Neighbourhood.fuser.script(
        request -> {
          FuseResponse.Builder response = ScriptedFusion.first(request).toBuilder();
          response
              .clearChosen()
              .getCompletionBuilder()
              .clearText()
              .clearAuthor()
              .setFinishReason(FinishReason.FINISH_REASON_ABSTAIN);
          return response.build();
        });
    JsonNode json = fuse("'model': 'vote'", QUESTION, ANSWERS).json();
    assertTrue(json.at("/abstained").asBoolean());
    assertTrue(json.at("/content").isNull() && json.at("/chosen").isNull(), json.toString());
  }

  /** A recipe of the caller's own is the caller's fault; a registered one is ours. */
  @Test
  void whatIsWrongWithARecipeIsToldToWhomItIs() {
    Neighbourhood.fuser.script(
        _ -> {
          throw new Failure.InvalidArgument("recipe.settings.x", "INVALID_RECIPE", "No x.")
              .exception();
        });
    Http.Answer own = fuse("'method': 'majority-vote'", QUESTION, ANSWERS);
    assertEquals(400, own.status(), own.body());
    assertEquals("settings.x", own.error().at("/param").asText());
    assertEquals("invalid_recipe", own.error().at("/code").asText());
    assertEquals(503, fuse("'model': 'vote'", QUESTION, ANSWERS).status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'model': 'nobody', Q, A; 404; model",
        "'model': 'blend', Q, A; 400; model",
        "'model': 'anna', Q, A; 400; model",
        "Q, A; 400; model",
        "'model': 'vote', 'method': 'm', Q, A; 400; model",
        "'model': 'vote', 'settings': {}, Q, A; 400; settings",
        "'model': 'vote', 'members': [], Q, A; 400; members",
        "'method': 'm', 'settings': 3, Q, A; 400; settings",
        "'method': 'm', 'members': [{'name': 'nobody'}], Q, A; 404; model",
        "'method': 'm', 'members': [{'name': 'anna', 'x': 1}], Q, A; 400; members[0].x",
        "'method': 'm', 'members': [{'name': 'anna', 'sampling': 1}], Q, A; 400; members[0].sampling",
        "'method': 'm', 'members': [{'name': 'anna', 'sampling': {}}], Q, A; 400; members[0].sampling",
        "'method': 'm', 'members': [{'name': 'anna', 'sampling': {'n': 1.5}}], Q, A; 400;"
            + " members[0].sampling.n",
        "'method': 'm', 'members': [{'name': 'anna', 'sampling': {'x': 1}}], Q, A; 400;"
            + " members[0].sampling.x",
        "'model': 'vote', A; 400; messages",
        "'model': 'vote', Q; 400; answers",
        "'model': 'vote', Q, 'answers': []; 400; answers",
        "'model': 'vote', Q, 'answers': {}; 400; answers",
        "'model': 'vote', Q, 'answers': [{'content': 'x'}]; 400; answers[0].member",
        "'model': 'vote', Q, 'answers': [{'member': 'anna'}]; 400; answers[0].content",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': 1}]; 400; answers[0].content",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': '', 'x': 1}]; 400; answers[0].x",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': '', 'logprobs': ['a']}]; 400;"
            + " answers[0].logprobs",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': '', 'result': {}}]; 400;"
            + " answers[0].result",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': '', 'result': [1]}]; 400;"
            + " answers[0].result",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': '', 'tests': {}}]; 400;"
            + " answers[0].tests",
        "'model': 'vote', Q, 'answers': [{'member': 'anna', 'content': '', 'tests': {'a': 1}}]; 400;"
            + " answers[0].tests",
        "'model': 'vote', Q, A, 'response_format': {}; 400; response_format.type",
        "'model': 'vote', Q, A, 'response_format': {'type': 'json_object'}; 400; response_format.type",
        "'model': 'vote', Q, A, 'response_format': {'type': 'json_schema'}; 400;"
            + " response_format.json_schema",
        "'model': 'vote', Q, A, 'response_format': {'type': 'json_schema', 'json_schema': {}}; 400;"
            + " response_format.json_schema.schema",
        "'model': 'vote', Q, A, 'response_format': {'type': 'text', 'x': 1}; 400; response_format.x",
        "'model': 'vote', Q, A, 'stream': true; 400; stream",
        "'model': 'vote', Q, A, 'temperature': 3; 400; temperature",
      })
  void badRequestsAreRefusedByName(String body, int status, String param) {
    Http.Answer answer = fuse(body.replace("Q", QUESTION).replace("A", ANSWERS));
    assertEquals(status, answer.status(), answer.body());
    assertEquals(param, answer.error().at("/param").asText());
    assertEquals(List.of(), Neighbourhood.fuser.requests());
  }

  @Test
  void moreThan256AreTooMany() {
    String many = "{'member': 'anna', 'content': '1'},".repeat(256);
    Http.Answer answer =
        fuse(
            "'model': 'vote'",
            QUESTION,
            "'answers': [%s {'member': 'anna', 'content': '1'}]".formatted(many));
    assertEquals(400, answer.status());
    assertEquals("answers", answer.error().at("/param").asText());
  }
}
