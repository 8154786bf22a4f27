package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that people have, and the ways to them. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class NamesTest {

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private static List<String> names(JsonNode page) {
    return StreamSupport.stream(page.path("items").spliterator(), false)
        .map(item -> item.path("name").asText())
        .toList();
  }

  private static String with(String body, String members) {
    return body.replaceFirst("\\{", "{" + members + ", ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Qwen/Qwen3-8B",
        "llama3:8b",
        "@cf/meta/llama-3-8b-instruct",
        "claude-3@20240620",
        "GPT_4.1",
        "a/versions/1",
        "a/lifecycle",
        "versions"
      })
  void everyPathTakesAName(String name) {
    Rest.Answer created = Rest.createModel(name, "full");
    assertEquals(
        name,
        Rest.get(URI.create(created.header("Location")).getRawPath())
            .expect(200)
            .json()
            .path("name")
            .asText());
    String path = "models/" + encoded(name);
    assertEquals(name, Rest.get(path).expect(200).json().path("name").asText());
    Rest.put(path, Rest.model(name, "full").replace("1.5", "7"), "\"1\"").expect(200);
    assertEquals(1, Rest.get(path + "/versions/1").expect(200).json().path("version").asInt());
    assertEquals(2, Rest.get(path + "/versions").expect(200).json().path("items").size());
    Rest.post(path + "/rollback", "{\"version\": 1}", "If-Match", "\"2\"").expect(200);
    Rest.move(path, "deprecated").expect(200);
    assertEquals(4, Rest.get("audit?name=" + encoded(name)).json().path("items").size());
  }

  @Test
  void aNameThatLooksLikeAPathIsNotTheOneThatLiesThere() {
    Rest.createModel("inner", "full");
    Rest.createModel("inner/versions/1", "plain");
    assertEquals("inner", Rest.get("models/inner/versions/1").json().path("name").asText());
    assertEquals(
        "inner/versions/1", Rest.get("models/inner%2Fversions%2F1").json().path("name").asText());
  }

  @Test
  void aNameHasUpTo128CharactersAndCapitalsCount() {
    String name = "org/" + "x".repeat(124);
    Rest.createModel(name, "full");
    assertEquals(name, Rest.get("models/" + encoded(name)).json().path("name").asText());
    Rest.createModel("Capital", "full");
    Rest.get("models/capital").expect(404);
    Rest.createModel("capital", "full");
  }

  @Test
  void listsAreInTheOrderOfBytes() {
    for (String name : List.of("order-b", "order/a", "order-B", "order:c", "order-a")) {
      Rest.createModel(name, "full");
    }
    List<String> expected = List.of("order-B", "order-a", "order-b", "order/a", "order:c");
    assertEquals(expected, names(Rest.get("models?text=order").json()));
    JsonNode first = Rest.get("models?text=order&limit=2").json();
    assertEquals(
        expected.subList(2, 5),
        names(Rest.get("models?text=order&cursor=" + first.path("next_cursor").asText()).json()));
  }

  @Test
  void anAliasIsTheSameThingInEveryPath() {
    Rest.post("models", with(Rest.model("Real-1", "full"), "\"aliases\": [\"org/real\", \"r1\"]"))
        .expect(201);
    Rest.Answer got = Rest.get("models/org%2Freal").expect(200);
    assertEquals("Real-1", got.json().path("name").asText());
    assertEquals("\"1\"", got.etag());
    Rest.createEnsemble("over-alias", "coin", "m:r1");
    assertEquals(
        "Real-1",
        Rest.get("ensembles/over-alias").json().at("/members/0/model").asText(),
        "the alias may be somebody else's tomorrow");
    assertEquals(List.of("over-alias"), names(Rest.get("ensembles?member=r1").json()));
    Rest.move("models/r1", "retired")
        .expectProblem(409, "in-use", null, "'Real-1' is a member of 'over-alias'");
    assertEquals(1, Rest.get("audit?name=r1").json().path("items").size());
    assertEquals(1, Rest.get("models/r1/versions").json().path("items").size());
    Rest.put("models/r1", Rest.model("r1", "full"), "*")
        .expectProblem(422, "invalid", "name", "the path says 'Real-1'");
    // A document that leaves the aliases out has none.
    Rest.put("models/r1", Rest.model("Real-1", "full"), "*").expect(200);
    Rest.get("models/r1").expect(404);
  }

  @Test
  void namesAndAliasesAreUniqueTogether() {
    Rest.post("models", with(Rest.model("held", "full"), "\"aliases\": [\"held-alias\"]"))
        .expect(201);
    Rest.post("models", Rest.model("held-alias", "full"))
        .expectProblem(
            409, "name-taken", null, "'held-alias' is an alias of a model already, of 'held'");
    Rest.createModel("other", "full");
    for (String taken : List.of("held", "held-alias")) {
      Rest.post(
              "ensembles",
              with(Rest.ensemble("late", "coin", "m:other"), "\"aliases\": [\"" + taken + "\"]"))
          .expectProblem(422, "invalid", "aliases[0]", taken);
    }
    Rest.put("models/other", with(Rest.model("other", "full"), "\"aliases\": [\"held\"]"), "*")
        .expectProblem(422, "invalid", "aliases[0]", "There is a model 'held' already");
    // A retired one keeps its name and gives its aliases up.
    Rest.move("models/held", "retired").expect(200);
    assertEquals("held", Rest.get("models/held-alias").json().path("name").asText());
    Rest.put(
            "models/other", with(Rest.model("other", "full"), "\"aliases\": [\"held-alias\"]"), "*")
        .expect(200);
    assertEquals("other", Rest.get("models/held-alias").json().path("name").asText());
    Rest.post("models", Rest.model("held", "full")).expect(409);
  }

  @Test
  void whatDatasetsKnowAMemberByIsUniqueInTheEnsemble() {
    Rest.createModel("known-1", "full");
    Rest.createModel("known-2", "full");
    String body =
        """
        {"name": "names-known", "method": "coin", "lifecycle": "active", "members": [
         {"model": "known-1", "as": "WizardLM/WizardLM-13B-V1.2"}, {"model": "known-2", "as": "%s"}]}""";
    for (String twice : List.of("WizardLM/WizardLM-13B-V1.2", "known-1")) {
      // Also where another member's own name is meant.
      String its =
          twice.equals("known-1")
              ? body.replace(", \"as\": \"WizardLM/WizardLM-13B-V1.2\"", "")
              : body;
      Rest.post("ensembles", its.formatted(twice))
          .expectProblem(422, "invalid", "members[1].as", twice);
    }
    Rest.post("ensembles", body.formatted(" "))
        .expectProblem(422, "invalid", "members[1].as", "empty");
    Rest.post("ensembles", body.formatted("x".repeat(129)))
        .expectProblem(422, "invalid", "members[1].as", "128");
    JsonNode members =
        Rest.post("ensembles", body.formatted("claude-instant-v1"))
            .expect(201)
            .json()
            .path("members");
    assertEquals("WizardLM/WizardLM-13B-V1.2", members.at("/0/as").asText());
    assertEquals("claude-instant-v1", members.at("/1/as").asText());
  }

  @Test
  void aDatasetHasSuchANameToo() {
    String path = encoded("org/Router:Bench");
    Datasets.take(path, "", Datasets.line("q1", "train", 1));
    assertEquals(
        "org/Router:Bench", Rest.get("datasets/" + path).expect(200).json().path("name").asText());
    assertEquals(
        1, Rest.get("datasets/" + path + "/queries").expect(200).json().path("items").size());
    Rest.send("DELETE", "datasets/" + path, null, "If-Match", "*").expect(204);
  }

  @Test
  void listsFilter() {
    Rest.post(
            "models",
            with(
                Rest.model("Filter-One", "full"),
                "\"description\": \"Speaks Latin.\", \"aliases\": [\"caesar\"]"))
        .expect(201);
    Rest.createModel("filter-two", "plain");
    Rest.createEnsemble("filter-coin", "coin", "m:Filter-One", "m:filter-two");
    Rest.createEnsemble("filter-ballot", "ballot", "m:filter-two", "e:filter-coin");
    assertEquals(List.of("Filter-One"), names(Rest.get("models?text=LATIN").json()));
    assertEquals(List.of("Filter-One"), names(Rest.get("models?text=caesar").json()));
    assertEquals(
        List.of("Filter-One", "filter-two"), names(Rest.get("models?text=filter-").json()));
    assertEquals(
        List.of("Filter-One"), names(Rest.get("models?text=filter-&capability=scoring").json()));
    assertEquals(
        List.of("filter-ballot"), names(Rest.get("ensembles?text=filter&method=ballot").json()));
    assertEquals(List.of("filter-coin"), names(Rest.get("ensembles?member=Filter-One").json()));
    assertEquals(List.of("filter-ballot"), names(Rest.get("ensembles?member=filter-coin").json()));
    assertEquals(List.of(), names(Rest.get("ensembles?text=100%25").json()));
    Rest.get("models?capability=flying")
        .expectProblem(400, "malformed", "capability", "full_distribution");
  }

  @Test
  void theAuditLogFiltersByUserAndTime() {
    Rest.post("models", Rest.model("logged-by", "full"), "X-Tutti-User", "grace").expect(201);
    Rest.put("models/logged-by", Rest.model("logged-by", "full"), "*").expect(200);
    JsonNode hers = Rest.get("audit?user=grace").json();
    assertEquals(List.of("logged-by"), names(hers));
    String at = hers.at("/items/0/at").asText();
    assertEquals(2, Rest.get("audit?name=logged-by&from=" + at).json().path("items").size());
    assertEquals(
        List.of(), names(Rest.get("audit?name=logged-by&from=" + at + "&to=" + at).json()));
    assertFalse(names(Rest.get("audit?limit=200").json()).isEmpty());
    Rest.get("audit?from=yesterday").expectProblem(400, "malformed", "from", "2026-11-26");
    Rest.get("audit?from=%2B1000000000-12-31T23:59:59Z")
        .expectProblem(400, "malformed", "from", "");
  }

  @Test
  void whatWasReadOfAnOldVersionMayBeSentBack() {
    Rest.createModel("back-1", "full");
    Rest.createModel("back-2", "full");
    Rest.createEnsemble("backed", "coin", "m:back-1");
    String old = Rest.get("ensembles/backed/versions/1").body();
    Rest.put("ensembles/backed", Rest.ensemble("backed", "ballot", "m:back-1", "m:back-2"), "*")
        .expect(200);
    Rest.move("ensembles/backed", "deprecated").expect(200);
    JsonNode again = Rest.put("ensembles/backed", old, "\"3\"").expect(200).json();
    assertEquals(4, again.path("version").asInt());
    assertEquals("coin", again.path("method").asText());
    assertEquals("router", again.path("family").asText());
    assertEquals("deprecated", again.path("lifecycle").asText());
    // The same of a model, whose files were looked at.
    old = Rest.get("models/back-2/versions/1").body();
    Rest.put("models/back-2", Rest.model("back-2", "plain"), "*").expect(200);
    JsonNode model = Rest.put("models/back-2", old, "*").expect(200).json();
    assertEquals("full", model.path("location").asText());
    assertEquals(128, model.path("context_length").asInt());
    // What the registry never said is not taken for it.
    Rest.put("models/back-2", old.replace("\"version\":1", "\"version\":77"), "*")
        .expectProblem(422, "invalid", "version", "set by the registry");
    Rest.put("models/back-2", old.replace("\"version\":1", "\"version\":2"), "*")
        .expectProblem(422, "invalid", "updated_at", "set by the registry");
  }

  @Test
  void anEntryIsRolledBack() {
    Rest.createModel("rolled", "full");
    Rest.put("models/rolled", Rest.model("rolled", "plain").replace("1.5", "7"), "*").expect(200);
    Rest.move("models/rolled", "deprecated").expect(200);
    String path = "models/rolled/rollback";
    Rest.post(path, "{\"version\": 1}").expect(428);
    Rest.post(path, "{\"version\": 1}", "If-Match", "\"2\"").expect(412);
    Rest.post(path, "{}", "If-Match", "*").expectProblem(422, "invalid", "version", "required");
    Rest.post(path, "{\"version\": 9}", "If-Match", "*")
        .expectProblem(422, "invalid", "version", "no version 9 of model 'rolled'");
    Rest.post(path, "{\"version\": 3}", "If-Match", "*")
        .expectProblem(422, "invalid", "version", "is at version 3");
    assertEquals(
        4,
        Rest.post(path + "?validate_only=true", "{\"version\": 1}", "If-Match", "*")
            .expect(200)
            .json()
            .path("version")
            .asInt());
    Rest.Answer back =
        Rest.post(path, "{\"version\": 1}", "If-Match", "\"3\"", "X-Tutti-User", "ada").expect(200);
    assertEquals("\"4\"", back.etag());
    assertEquals("full", back.json().path("location").asText());
    assertEquals(1.5, back.json().path("usd_per_million_prompt_tokens").asDouble());
    assertEquals("deprecated", back.json().path("lifecycle").asText(), "that stays");
    JsonNode told = Rest.get("audit?name=rolled&limit=1").json().at("/items/0");
    assertEquals("roll_back", told.path("action").asText());
    assertEquals("ada", told.path("user").asText());
    // What cannot be any more is refused as it would be for a new one.
    Rest.createModel("gone", "full");
    Rest.createEnsemble("rolls", "coin", "m:gone");
    Rest.put("ensembles/rolls", Rest.ensemble("rolls", "coin", "m:rolled"), "*").expect(200);
    Rest.move("models/gone", "retired").expect(200);
    Rest.post("ensembles/rolls/rollback", "{\"version\": 1}", "If-Match", "*")
        .expectProblem(422, "invalid", "members[0]", "'gone' is retired");
    Rest.post("models/gone/rollback", "{\"version\": 1}", "If-Match", "*")
        .expectProblem(409, "wrong-lifecycle", null, "retired");
  }
}
