package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class EnsembleResourceTest {

  @Test
  void aNewEnsembleIsResolved() {
    Rest.createModel("res-a", "full");
    Rest.createModel("res-b", "plain");
    Answer created =
        Rest.post(
                "ensembles",
                """
                {"name": "res", "method": "coin", "settings": {"tilt": 0.25}, "lifecycle": "active",
                 "members": [{"model": "res-a", "weight": 2.5}, {"model": "res-b"}],
                 "budget": {"usd_per_request": 0.01}, "time_limit_seconds": 7.5, "unserved": "drop",
                 "description": "Two."}""")
            .expect(201);
    assertEquals("\"1\"", created.etag());
    assertTrue(created.header("Location").endsWith("/api/v1/ensembles/res"));
    JsonNode ensemble = created.json();
    assertEquals("router", ensemble.path("family").asText());
    assertEquals("{\"tilt\":0.25}", ensemble.path("settings").toString());
    assertEquals(
        "[{\"model\":\"res-a\",\"weight\":2.5},{\"model\":\"res-b\"}]",
        ensemble.path("members").toString());
    assertEquals(0.01, ensemble.at("/budget/usd_per_request").asDouble());
    assertEquals(7.5, ensemble.at("/time_limit_seconds").asDouble());
    assertEquals("drop", ensemble.at("/unserved").asText());
    assertEquals(ensemble, Rest.get("ensembles/res").json());
    // Sent back as it was read.
    Rest.put("ensembles/res", ((ObjectNode) ensemble).put("description", "2").toString(), "\"1\"")
        .expect(200);
    assertEquals(
        "token", Rest.createEnsemble("res-t", "mean", "m:res-a").json().path("family").asText());
    assertEquals(
        "fusion",
        Rest.createEnsemble("res-f", "ballot", "m:res-a", "m:res-b")
            .json()
            .path("family")
            .asText());
    assertEquals(
        "cascade",
        Rest.createEnsemble("res-c", "ladder", "m:res-a").json().path("family").asText());
  }

  @Test
  void itIsKnownWhetherItsMethodRewritesPrompts() {
    Rest.createModel("rew-a", "full");
    ObjectNode ensemble = (ObjectNode) Rest.createEnsemble("rew", "ladder", "m:rew-a").json();
    assertTrue(ensemble.path("rewrites").asBoolean());
    Rest.put("ensembles/rew", ensemble.put("rewrites", false).toString(), "*")
        .expectProblem(422, "invalid", "rewrites", "set by the registry");
    ensemble.put("rewrites", true).put("method", "coin");
    assertFalse(
        Rest.put("ensembles/rew", ensemble.toString(), "*").expect(200).json().has("rewrites"));
    JsonNode methods = Rest.get("methods").expect(200).json().path("methods");
    assertEquals(
        List.of(false, false, true, false),
        methods.findValues("rewrites").stream().map(JsonNode::asBoolean).toList());
  }

  @Test
  void namesAreUniqueOverModelsAndEnsembles() {
    Rest.createModel("uni", "full");
    Rest.createEnsemble("uni-e", "coin", "m:uni");
    Rest.post("ensembles", Rest.ensemble("uni", "coin", "m:uni"))
        .expectProblem(409, "name-taken", null, "There is a model 'uni' already");
    Rest.post("models", Rest.model("uni-e", "full"))
        .expectProblem(409, "name-taken", null, "There is an ensemble 'uni-e' already");
  }

  @Test
  void unknownMethodsAndSettingsAreRefused() {
    Rest.createModel("set", "full");
    Rest.post("ensembles", Rest.ensemble("set-e", "magic", "m:set"))
        .expectProblem(422, "invalid", "method", "known: ballot, coin, ladder, mean");
    String wrong = Rest.ensemble("set-e", "coin", "m:set");
    Rest.post("ensembles", wrong.replace("{\"name\"", "{\"settings\": {\"tild\": 1}, \"name\""))
        .expectProblem(422, "invalid", "settings.tild", "known: tilt");
    Rest.post("ensembles", wrong.replace("{\"name\"", "{\"settings\": {\"tilt\": 1.5}, \"name\""))
        .expectProblem(422, "invalid", "settings.tilt", "1");
    Rest.post("ensembles", wrong.replace("{\"name\"", "{\"settings\": {\"tilt\": \"x\"}, \"name\""))
        .expectProblem(422, "invalid", "settings.tilt", "number");
    Rest.post("ensembles", wrong.replace("{\"name\"", "{\"settings\": {\"tilt\": 1e999}, \"name\""))
        .expect(422);
    Rest.post("ensembles", wrong.replace("{\"name\"", "{\"settings\": {\"a\\u0000\": 1}, \"name\""))
        .expectProblem(422, "invalid", "settings", "NUL");
    Rest.get("ensembles/set-e").expect(404);
  }

  @Test
  void membersMustExistBeServedAndAble() {
    Rest.createModel("mem-full", "full");
    Rest.createModel("mem-plain", "plain");
    Rest.createModel("mem-old", "full");
    Rest.move("models/mem-old", "retired").expect(200);
    Rest.post("models", Rest.model("mem-draft", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
    Rest.createEnsemble("mem-e", "coin", "m:mem-full");

    Rest.post("ensembles", Rest.ensemble("mem-x", "coin", "m:mem-full", "m:nobody"))
        .expectProblem(422, "invalid", "members[1]", "There is no model 'nobody'");
    Rest.post("ensembles", Rest.ensemble("mem-x", "coin", "m:mem-old"))
        .expectProblem(422, "invalid", "members[0]", "'mem-old' is retired");
    Rest.post("ensembles", Rest.ensemble("mem-x", "coin", "m:mem-draft"))
        .expectProblem(422, "invalid", "members[0]", "'mem-draft' is a draft");
    Rest.post("ensembles", Rest.ensemble("mem-x", "mean", "m:mem-full", "m:mem-plain"))
        .expectProblem(422, "invalid", "members[1]", "lacks FULL_DISTRIBUTION");
    Rest.post("ensembles", Rest.ensemble("mem-x", "coin", "m:mem-e"))
        .expectProblem(422, "invalid", "members[0]", "{\"ensemble\": \"mem-e\"}");
    Rest.post("ensembles", Rest.ensemble("mem-x", "coin", "e:mem-full"))
        .expectProblem(422, "invalid", "members[0]", "{\"model\": \"mem-full\"}");
    Rest.post("ensembles", Rest.ensemble("mem-x", "mean", "e:mem-e"))
        .expectProblem(422, "invalid", "members[0]", "takes models only");
    Rest.post("ensembles", Rest.ensemble("mem-x", "ballot", "m:mem-full"))
        .expectProblem(422, "invalid", "members", "2 to 64");
    Rest.post("ensembles", Rest.ensemble("mem-x", "ballot", "m:mem-full", "m:mem-full"))
        .expectProblem(422, "invalid", "members[1]", "twice");

    // A draft may have drafts, but cannot become active with them.
    Rest.post("ensembles", Rest.ensemble("mem-x", "coin", "m:mem-draft").replace("active", "draft"))
        .expect(201);
    Rest.move("ensembles/mem-x", "active")
        .expectProblem(422, "invalid", "members[0]", "'mem-draft' is a draft");
    Rest.move("models/mem-draft", "active").expect(200);
    Rest.move("ensembles/mem-x", "active").expect(200);
  }

  @Test
  void theShapeOfMembersIsChecked() {
    Rest.post("ensembles", Rest.ensemble("shape", "coin"))
        .expectProblem(422, "invalid", "members", "1 to 64");
    String[] many = new String[65];
    java.util.Arrays.setAll(many, i -> "m:m" + i);
    Rest.post("ensembles", Rest.ensemble("shape", "coin", many))
        .expectProblem(422, "invalid", "members", "65");
    Rest.post("ensembles", "{\"name\": \"shape\", \"method\": \"coin\"}")
        .expectProblem(422, "invalid", "members", "required");
    for (String member :
        new String[] {"{}", "null", "{\"model\": \"a\", \"ensemble\": \"b\"}", "{\"weight\": 1}"}) {
      Rest.post(
              "ensembles",
              "{\"name\": \"shape\", \"method\": \"coin\", \"members\": [%s]}".formatted(member))
          .expectProblem(422, "invalid", "members[0]", "exactly one of model and ensemble");
    }
    for (String weight : new String[] {"0", "-1", "1e999"}) {
      Rest.post(
              "ensembles",
              "{\"name\": \"shape\", \"method\": \"coin\", \"members\": [{\"model\": \"a\", \"weight\": %s}]}"
                  .formatted(weight))
          .expectProblem(422, "invalid", "members[0].weight", "above 0");
    }
    Rest.post("ensembles", Rest.ensemble("shape", "coin", "m:A B"))
        .expectProblem(422, "invalid", "members[0].model", "'A B'");
    Rest.post(
            "ensembles",
            Rest.ensemble("shape", "coin", "m:a")
                .replace("{\"name\"", "{\"budget\": {\"usd_per_request\": 0}, \"name\""))
        .expectProblem(422, "invalid", "budget.usd_per_request", "above 0");
    Rest.post(
            "ensembles",
            Rest.ensemble("shape", "coin", "m:a").replace("{\"name\"", "{\"budget\": {}, \"name\""))
        .expectProblem(422, "invalid", "budget", "usd_per_request, usd_per_day");
    Rest.post(
            "ensembles",
            Rest.ensemble("shape", "coin", "m:a")
                .replace("{\"name\"", "{\"budget\": {\"usd_per_day\": -1}, \"name\""))
        .expectProblem(422, "invalid", "budget.usd_per_day", "above 0");
    for (String limit : new String[] {"0", "-1", "86401"}) {
      Rest.post(
              "ensembles",
              Rest.ensemble("shape", "coin", "m:a")
                  .replace("{\"name\"", "{\"time_limit_seconds\": %s, \"name\"".formatted(limit)))
          .expectProblem(422, "invalid", "time_limit_seconds", "86400");
    }
    Rest.post(
            "ensembles",
            Rest.ensemble("shape", "coin", "m:a")
                .replace("{\"name\"", "{\"unserved\": \"maybe\", \"name\""))
        .expectProblem(422, "invalid", "unserved", "refuse, drop");
  }

  @Test
  void cyclesAreRefusedWithTheirPath() {
    Rest.createModel("cyc", "full");
    Rest.createEnsemble("cyc-a", "coin", "m:cyc");
    Rest.createEnsemble("cyc-b", "coin", "e:cyc-a");
    Rest.createEnsemble("cyc-c", "coin", "m:cyc", "e:cyc-b");
    Rest.post("ensembles", Rest.ensemble("cyc-d", "coin", "e:cyc-d"))
        .expectProblem(422, "invalid", "members[0]", "cyc-d -> cyc-d");
    Rest.put("ensembles/cyc-a", Rest.ensemble("cyc-a", "coin", "m:cyc", "e:cyc-c"), "*")
        .expectProblem(422, "invalid", "members", "cyc-a -> cyc-c -> cyc-b -> cyc-a");
    Rest.put("ensembles/cyc-a", Rest.ensemble("cyc-a", "coin", "e:cyc-b"), "*")
        .expectProblem(422, "invalid", "members", "cyc-a -> cyc-b -> cyc-a");
  }

  @Test
  void nestingHasABound() {
    Rest.createModel("deep", "full");
    Rest.createEnsemble("deep-1", "coin", "m:deep");
    for (int i = 2; i <= 8; i++) {
      Rest.createEnsemble("deep-" + i, "coin", "e:deep-" + (i - 1));
    }
    Rest.post("ensembles", Rest.ensemble("deep-9", "coin", "e:deep-8"))
        .expectProblem(422, "invalid", "members", "nested 9 deep, deep-9 -> deep-8");
    // From below too: what is put in the middle counts for all above it.
    Rest.createEnsemble("deep-0", "coin", "m:deep");
    Rest.put("ensembles/deep-1", Rest.ensemble("deep-1", "coin", "e:deep-0"), "*")
        .expectProblem(422, "invalid", "members", "deep-8 -> deep-7");
  }

  @Test
  void whatServedEnsemblesUseStays() {
    Rest.createModel("used", "full");
    Rest.createEnsemble("user-1", "mean", "m:used");
    Rest.createEnsemble("user-2", "coin", "e:user-1");
    Rest.move("models/used", "retired").expectProblem(409, "in-use", null, "'user-1'");
    Rest.move("ensembles/user-1", "retired").expectProblem(409, "in-use", null, "'user-2'");
    // The model may not lose what the ensemble needs.
    Rest.put("models/used", Rest.model("used", "plain"), "*")
        .expectProblem(409, "in-use", "capabilities", "'user-1'");
    assertTrue(
        Rest.put("models/used", Rest.model("used", "plain"), "*")
            .body()
            .contains("FULL_DISTRIBUTION"));
    // What nobody needs it may lose.
    String less =
        Rest.model("used", "full")
            .replace("{", "{\"capabilities\": [\"generation\", \"full_distribution\"], ");
    Rest.put("models/used", less, "*").expect(200);
    Rest.move("ensembles/user-2", "retired").expect(200);
    Rest.move("ensembles/user-1", "deprecated").expect(200);
    Rest.move("models/used", "retired").expectProblem(409, "in-use", null, "'user-1'");
    Rest.move("ensembles/user-1", "retired").expect(200);
    Rest.move("models/used", "retired").expect(200);
  }

  @Test
  void whatCannotBeAskedIsNotAccepted() {
    Rest.createModel("ask", "full");
    Surroundings surroundings = Surroundings.open();
    surroundings.stop("fusion");
    try {
      Rest.post("ensembles", Rest.ensemble("ask-f", "ballot", "m:ask", "m:ask"))
          .expectProblem(503, "unavailable", null, "fusion-service");
      // Whoever has the method can be asked.
      Rest.createEnsemble("ask-r", "coin", "m:ask");
      JsonNode methods = Rest.get("methods").expect(200).json();
      assertEquals("fusion-service", methods.at("/unavailable/0/service").asText());
      assertEquals(3, methods.path("methods").size());
    } finally {
      surroundings.start("fusion");
      Rest.awaitNeighbours();
    }
    Rest.post("ensembles", Rest.ensemble("ask-f", "ballot", "m:ask", "e:ask-r")).expect(201);
  }

  @Test
  void methodsOfAllServicesAreListed() {
    JsonNode list = Rest.get("methods").expect(200).json();
    assertEquals(
        "[\"ballot\", \"coin\", \"ladder\", \"mean\"]",
        list.path("methods").findValues("service").size() == 4
            ? java.util.stream.StreamSupport.stream(list.path("methods").spliterator(), false)
                .map(m -> m.path("name").toString())
                .toList()
                .toString()
            : list.toString());
    JsonNode ladder = list.at("/methods/2");
    assertEquals("cascade", ladder.path("family").asText());
    assertEquals("cascade-service", ladder.path("service").asText());
    assertEquals("[\"logprobs\"]", ladder.path("needs").toString());
    JsonNode steps = ladder.at("/settings/0");
    assertEquals("integer", steps.path("type").asText());
    assertEquals("2", steps.path("default_value").toString());
    assertEquals(1, steps.path("minimum").asDouble());
    assertEquals(4, steps.path("maximum").asDouble());
    assertEquals("steps", steps.path("unit").asText());
    assertEquals("[\"loud\",\"silent\"]", ladder.at("/settings/1/allowed").toString());
    assertTrue(list.path("unavailable").isEmpty());
    assertEquals(
        "{\"name\":\"judge\",\"min_members\":0,\"max_members\":2,\"needs\":[\"scoring\"],"
            + "\"help\":\"Says who is right.\",\"usual\":false}",
        list.at("/methods/1/roles/1").toString());
    assertTrue(list.at("/methods/1/roles/0/usual").asBoolean());
    assertEquals(2, ladder.at("/fit/min_members").asInt());
    assertEquals(64, ladder.at("/fit/max_members").asInt());
    assertEquals(steps, ladder.at("/fit/settings/0"));
    assertTrue(list.at("/methods/0/roles").isEmpty());
    assertFalse(list.at("/methods/0").has("fit"));
  }

  @Test
  void aMethodOfTwoServicesIsRefused() {
    Rest.createModel("twice", "full");
    Surroundings surroundings = Surroundings.open();
    surroundings.stop("fusion");
    surroundings.start("fusion", "router");
    try {
      Rest.awaitNeighbours();
      Rest.post("ensembles", Rest.ensemble("twice-r", "coin", "m:twice"))
          .expectProblem(
              502,
              "neighbour-fault",
              null,
              "Names of methods are unique, but router-service and fusion-service have a method 'coin'.");
    } finally {
      surroundings.stop("fusion");
      surroundings.start("fusion");
      Rest.awaitNeighbours();
    }
    Rest.createEnsemble("twice-r", "coin", "m:twice");
  }

  @Test
  void aMembersRoleIsKept() {
    Rest.createModel("acting", "full");
    Rest.createModel("acting-judge", "full");
    Rest.createModel("acting-plain", "plain");
    String body =
        """
        {"name": "acted", "method": "coin", "lifecycle": "active",
         "members": [{"model": "acting"}, {"model": "acting-%s", "role": %s}]}""";
    Rest.post("ensembles", body.formatted("judge", "\" \""))
        .expectProblem(422, "invalid", "members[1].role", "leave it out");
    Rest.post("ensembles", body.formatted("judge", "\"" + "x".repeat(65) + "\""))
        .expectProblem(422, "invalid", "members[1].role", "at most 64");
    Rest.post("ensembles", body.formatted("judge", "7"))
        .expectProblem(400, "malformed", "members[1].role", "it is text");
    // The method's own words.
    Rest.post("ensembles", body.formatted("judge", "\"jury\""))
        .expectProblem(422, "invalid", "members[1].role", "role is 'jury'; coin has: side, judge.");
    Rest.post("ensembles", body.formatted("plain", "\"judge\""))
        .expectProblem(422, "invalid", "members[1]", "SCORING");
    Answer created = Rest.post("ensembles", body.formatted("judge", "\"judge\"")).expect(201);
    assertEquals("judge", created.json().at("/members/1/role").asText());
    assertFalse(created.json().at("/members/0").has("role"));
    assertEquals("judge", Rest.get("ensembles/acted").json().at("/members/1/role").asText());
  }

  @Test
  void aMembersOwnSamplingIsKeptAndItsHistoryToo() {
    Rest.createModel("own-a", "full");
    Rest.createModel("own-b", "full");
    String members =
        "[{\"model\":\"own-a\",\"sampling\":{\"temperature\":0.2,\"top_p\":0.9}},"
            + "{\"model\":\"own-b\",\"sampling\":{\"temperature\":0.5}}]";
    String body = "{\"name\": \"own\", \"method\": \"ballot\", \"members\": %s}";
    JsonNode ensemble = Rest.post("ensembles", body.formatted(members)).expect(201).json();
    assertEquals(members, ensemble.path("members").toString());
    assertEquals(members, Rest.get("ensembles/own").json().path("members").toString());
    String warmer = members.replace("0.2", "0.7");
    Rest.put("ensembles/own", body.formatted(warmer), "\"1\"").expect(200);
    assertEquals(warmer, Rest.get("ensembles/own").json().path("members").toString());
    assertEquals(members, Rest.get("ensembles/own/versions/1").json().path("members").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ballot; {}; members[0].sampling; leave it out",
        "ballot; {\"temperature\": 2.5}; members[0].sampling.temperature; 0 to 2 are allowed",
        "ballot; {\"top_p\": 0}; members[0].sampling.top_p; above 0 and at most 1",
        "ballot; {\"n\": 3}; members[0].sampling.n; decides itself how often",
        "coin; {\"temperature\": 1}; members[0].sampling; takes none",
        "mean; {\"temperature\": 1}; members[0].sampling; takes none",
      })
  void samplingIsRefusedByName(String method, String sampling, String field, String part) {
    for (String model : List.of("odd-a", "odd-b")) {
      if (Rest.get("models/" + model).status() == 404) {
        Rest.createModel(model, "full");
      }
    }
    Rest.post(
            "ensembles",
            "{\"name\": \"odd\", \"method\": \"%s\", \"members\": [{\"model\": \"odd-a\", \"sampling\": %s}, {\"model\": \"odd-b\"}]}"
                .formatted(method, sampling))
        .expectProblem(422, "invalid", field, part);
  }
}
