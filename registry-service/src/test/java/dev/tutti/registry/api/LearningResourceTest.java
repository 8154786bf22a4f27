package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fits, evaluations and artifacts, handed on to the services that keep them. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class LearningResourceTest {

  private static final String FIT = "artifacts/router-service/org%2FFit";

  private static String path(Answer answer) {
    return answer.header("Location").replaceFirst("^http://[^/]+", "");
  }

  private static JsonNode audited(String name) {
    return Rest.get("audit?name=" + name + "&limit=1").expect(200).json().at("/items/0");
  }

  @Test
  void aFitIsStartedWhereItsMethodIs() {
    String body =
        """
        {"artifact": "org/Fit", "method": "coin", "dataset": "tasks", "split": "test",
         "members": ["anna", "bert"], "holdout": 0.25, "quality_drop": 0.02,
         "settings": {"neighbours": 5}, "seed": 9007199254740992, "budget_usd": 1.5}""";
    Answer started = Rest.post("fits", body, "X-Tutti-User", "ada").expect(202);
    assertEquals("/api/v1/jobs/router-service/started-fit", path(started));
    JsonNode job = started.json();
    assertEquals("router-service", job.path("service").asText());
    assertEquals("ada", job.path("user").asText());
    assertEquals("queued", job.path("state").asText());
    JsonNode parameters = job.path("parameters");
    assertEquals(10, parameters.size());
    assertEquals("org/Fit", parameters.path("artifact").asText());
    assertEquals("coin", parameters.path("method").asText());
    assertEquals("tasks", parameters.path("dataset").asText());
    assertEquals("test", parameters.path("split").asText());
    assertEquals("[\"anna\",\"bert\"]", parameters.path("members").toString());
    assertEquals(0.25, parameters.path("holdout").asDouble());
    assertEquals(0.02, parameters.path("quality_drop").asDouble());
    assertEquals("{\"neighbours\":5}", parameters.path("settings").toString());
    assertEquals(9007199254740992L, parameters.path("seed").asLong());
    assertEquals(1.5, parameters.path("budget_usd").asDouble());
    JsonNode audit = audited("org%2FFit");
    assertEquals("fit", audit.path("action").asText());
    assertEquals("artifact", audit.path("kind").asText());
    assertEquals("router-service", audit.path("service").asText());
    assertEquals("ada", audit.path("user").asText());

    Answer other =
        Rest.post("fits", "{\"artifact\": \"x\", \"method\": \"ladder\", \"dataset\": \"tasks\"}")
            .expect(202);
    assertEquals("/api/v1/jobs/cascade-service/started-fit", path(other));
    assertEquals(3, other.json().path("parameters").size());
    assertEquals("anonymous", other.json().path("user").asText());
  }

  @Test
  void whatIsAskedForAgainWithItsKeyIsStartedOnce() {
    String fit = "{\"artifact\": \"keyed\", \"method\": \"coin\", \"dataset\": \"tasks\"}";
    String evaluation = "{\"ensemble\": \"keyed-too\", \"policy\": {\"uniform\": true}}";
    for (String key : List.of("one key", "one key", "another")) {
      Rest.post("fits", fit, "Idempotency-Key", key).expect(202);
      Rest.post("evaluations", evaluation, "Idempotency-Key", key + " too").expect(202);
    }
    assertEquals(2, Rest.get("audit?name=keyed").json().path("items").size());
    assertEquals(2, Rest.get("audit?name=keyed-too").json().path("items").size());
    // Nobody said that it is the same.
    Rest.post("fits", fit).expect(202);
    Rest.post("fits", fit).expect(202);
    assertEquals(4, Rest.get("audit?name=keyed").json().path("items").size());
    String key = "x".repeat(129);
    Rest.post("fits", fit, "Idempotency-Key", key)
        .expectProblem(400, "malformed", "Idempotency-Key", "1 to 128 printable ASCII");
    Rest.post("evaluations", evaluation, "Idempotency-Key", key)
        .expectProblem(400, "malformed", "Idempotency-Key", "1 to 128 printable ASCII");
  }

  @Test
  void aFitWhoseClientLeavesIsCalledOff() throws Exception {
    Surroundings surroundings = Surroundings.open();
    String body = "{\"artifact\": \"left\", \"method\": \"coin\", \"dataset\": \"slow\"}";
    try (var client = new Socket("127.0.0.1", Rest.uri("fits").getPort())) {
      client
          .getOutputStream()
          .write(
              "POST /api/v1/fits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(body.length(), body)
                  .getBytes(StandardCharsets.US_ASCII));
      assertTrue(surroundings.slowFits().tryAcquire(10, TimeUnit.SECONDS));
    }
    assertTrue(surroundings.slowFitsCalledOff().tryAcquire(10, TimeUnit.SECONDS));
    assertTrue(Rest.get("audit?name=left").json().path("items").isEmpty());
  }

  @Test
  void whatChangesNothingIsNotInTheLog() {
    // It is active, and eve let it be so.
    Rest.post(FIT + "/activate", "{\"version\": 2}", "X-Tutti-User", "ada").expect(200);
    JsonNode last = audited("org%2FFit");
    Rest.post(FIT + "/activate", "{\"version\": 2}", "X-Tutti-User", "eve").expect(200);
    assertEquals(last, audited("org%2FFit"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                        | 400 | malformed   | dataset | dataset is required
          []                                                        | 400 | malformed   | body    | one JSON object
          {"artefact": "x"}                                         | 400 | malformed   | artefact | known: artifact, budget_usd, dataset, holdout, members, method, quality_drop, seed, settings, split
          {"holdout": "many"}                                       | 400 | malformed   | holdout | it is a number
          {"artifact": "x", "method": "coin", "dataset": "y", "seed": 9007199254740993} | 400 | malformed | seed | 0 to 9007199254740992
          {"artifact": "x", "method": "nobody", "dataset": "y"}     | 422 | invalid     | method  | known: ballot, coin, ladder, mean
          {"artifact": "x", "method": "ballot", "dataset": "y"}     | 501 | not-offered |         | fusion-service
          {"artifact": "x", "method": "coin", "dataset": "nowhere"} | 404 | not-found   | dataset | There is no dataset 'nowhere'.
          {"artifact": "x", "method": "coin", "dataset": "poor"}    | 400 | refused     | settings.neighbours | 1 to 1000 are allowed
          {"artifact": "x", "method": "coin", "dataset": "taken"}   | 409 | wrong-state | key     | The key is taken.
          {"artifact": "x", "method": "coin", "dataset": "faulty"}  | 502 | neighbour-fault |     | router-service
          """)
  void aFitThatCannotBeSaysWhy(String body, int status, String type, String field, String part) {
    JsonNode before = Rest.get("audit?limit=1").json().at("/items/0");
    Rest.post("fits", body).expectProblem(status, type, field, part);
    // What was not done is not in the log.
    assertEquals(before, Rest.get("audit?limit=1").json().at("/items/0"));
  }

  @Test
  void theServicesReasonAndPatienceAreTold() {
    String body = "{\"artifact\": \"x\", \"method\": \"coin\", \"dataset\": \"%s\"}";
    Answer lost = Rest.post("fits", body.formatted("lost"));
    lost.expectProblem(503, "unavailable", null, "router-service");
    lost.expectProblem(503, "unavailable", null, "The database is out of reach.");
    assertEquals("7", lost.header("Retry-After"));
    assertEquals("DATABASE_UNREACHABLE", lost.json().path("reason").asText());
    assertEquals(
        "DATASET_NOT_FOUND",
        Rest.post("fits", body.formatted("nowhere")).json().path("reason").asText());
    // Where the registry itself says no, there is none.
    assertFalse(Rest.post("fits", "{}").json().has("reason"));
  }

  @Test
  void anEvaluationIsTheRouters() {
    String body =
        """
        {"ensemble": "judged", "policy": {"weights": {"anna": 1}}, "from": "2026-01-01T00:00:00Z",
         "to": "2026-02-01T00:00:00Z", "usd_weight": 3}""";
    Answer started = Rest.post("evaluations", body, "X-Tutti-User", "ada").expect(202);
    assertEquals("/api/v1/jobs/router-service/started-evaluate", path(started));
    JsonNode parameters = started.json().path("parameters");
    assertEquals(5, parameters.size());
    assertEquals("judged", parameters.path("ensemble").asText());
    assertEquals("{\"weights\":{\"anna\":1}}", parameters.path("policy").toString());
    assertEquals("2026-01-01T00:00:00Z", parameters.path("from").asText());
    assertEquals("2026-02-01T00:00:00Z", parameters.path("to").asText());
    assertEquals(3, parameters.path("usd_weight").asInt());
    JsonNode audit = audited("judged");
    assertEquals("evaluate", audit.path("action").asText());
    assertEquals("ensemble", audit.path("kind").asText());
    Rest.post("evaluations", "{\"ensemble\": \"x\"}")
        .expectProblem(400, "malformed", "policy", "policy is required");
    Rest.post("evaluations", "{\"policies\": {}}")
        .expectProblem(
            400, "malformed", "policies", "known: ensemble, from, policy, to, usd_weight");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 200})
  void theListIsOfAllServices(int limit) {
    var seen = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page = Rest.get("artifacts?limit=%d%s".formatted(limit, cursor)).expect(200).json();
      assertTrue(page.path("unavailable").isEmpty());
      page.path("items")
          .forEach(a -> seen.add(a.path("service").asText() + " " + a.path("name").asText()));
      cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
    } while (cursor != null);
    assertEquals(
        List.of(
            "cascade-service a",
            "cascade-service org/Fit",
            "cascade-service z",
            "router-service a",
            "router-service org/Fit",
            "router-service z"),
        seen);
  }

  @Test
  void theListOfOneServiceIsIts() {
    JsonNode list = Rest.get("artifacts?service=router-service").expect(200).json();
    assertEquals(3, list.path("items").size());
    assertEquals(
        "{\"service\":\"router-service\",\"name\":\"org/Fit\",\"method\":\"coin\",\"newest_version\":2,"
            + "\"active_version\":2}",
        list.at("/items/1").toString());
    Rest.get("artifacts?service=decoder-service")
        .expectProblem(501, "not-offered", null, "decoder-service");
    Rest.get("artifacts?service=nobody").expectProblem(404, "not-found", null, "'nobody'");
    Rest.get("artifacts?limit=0").expectProblem(400, "malformed", "limit", "1 to 200");
    Rest.get("artifacts?name=x").expectProblem(400, "malformed", "name", "known: cursor");
  }

  @Test
  void anArtifactIsToldWhole() {
    JsonNode artifact = Rest.get(FIT).expect(200).json();
    assertEquals("router-service", artifact.path("service").asText());
    assertEquals("org/Fit", artifact.path("name").asText());
    assertEquals(2, artifact.path("active_version").asInt());
    assertFalse(artifact.has("shadow_version"));
    assertEquals(2, artifact.path("versions").size());
    assertEquals(
        "{\"name\":\"org/Fit\",\"version\":2,\"method\":\"coin\",\"bytes\":512,\"provenance\":{\"seed\":7},"
            + "\"metrics\":{\"quality\":0.5},\"created_at\":\"2020-09-13T12:26:40Z\",\"created_by\":\"bob\"}",
        artifact.at("/versions/0").toString());
    assertEquals(
        "{\"action\":\"activate\",\"version\":2,\"at\":\"2020-09-13T12:26:40Z\",\"by\":\"eve\"}",
        artifact.at("/changes/0").toString());
    assertEquals(artifact.at("/versions/1"), Rest.get(FIT + "/versions/1").expect(200).json());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          artifacts/router-service/none               | 404 | not-found   | artifact | There is no artifact 'none'.
          artifacts/router-service/org%2FFit/versions/3 | 404 | not-found | version | Artifact 'org/Fit' has no version 3.
          artifacts/router-service/org%2FFit/versions/x | 404 | not-found | | nothing at this path
          artifacts/fusion-service/org%2FFit          | 501 | not-offered |          | fusion-service
          artifacts/nobody/org%2FFit                  | 404 | not-found   |          | There is no service 'nobody'
          artifacts/router-service/org%2FFit/shadow?version=0 | 400 | malformed | version | from 1 on
          artifacts/router-service/org%2FFit/compare  | 400 | malformed   | versions | 2 to 8
          artifacts/router-service/org%2FFit/compare?versions=1,1 | 400 | malformed | versions | 2 to 8
          artifacts/router-service/org%2FFit/compare?versions=1,2,3,4,5,6,7,8,9 | 400 | malformed | versions | 2 to 8
          artifacts/router-service/org%2FFit/compare?versions=1,x | 400 | malformed | versions | 'x'
          artifacts/router-service/org%2FFit/compare?versions=1,4294967295 | 400 | malformed | versions | '4294967295'
          artifacts/router-service/org%2FFit/compare?versions=1,-1 | 400 | malformed | versions | '-1'
          artifacts/router-service/org%2FFit/compare?version=1 | 400 | malformed | version | known: versions
          """)
  void whatThereIsNotSaysSo(String path, int status, String type, String field, String part) {
    Rest.get(path).expectProblem(status, type, field, part);
  }

  @Test
  void versionsAreSwitchedAndTheLogTellsByWhom() {
    Answer activated =
        Rest.post(FIT + "/activate", "{\"version\": 1}", "X-Tutti-User", "ada").expect(200);
    assertEquals(1, activated.json().path("active_version").asInt());
    assertEquals("ada", activated.json().at("/changes/0/by").asText());
    assertSwitched("activate", "1");
    Answer back = Rest.post(FIT + "/rollback", null, "X-Tutti-User", "ada").expect(200);
    assertEquals("roll_back", back.json().at("/changes/0/action").asText());
    assertEquals("ada", back.json().at("/changes/0/by").asText());
    assertSwitched("roll_back", "1");
    Answer shadow =
        Rest.send("PUT", FIT + "/shadow", "{\"version\": 1}", "X-Tutti-User", "ada").expect(200);
    assertEquals(1, shadow.json().path("shadow_version").asInt());
    assertEquals("ada", shadow.json().at("/changes/0/by").asText());
    assertSwitched("shadow", "1");
    Answer light = Rest.send("DELETE", FIT + "/shadow", null, "X-Tutti-User", "ada").expect(200);
    assertEquals("unshadow", light.json().at("/changes/0/action").asText());
    assertEquals("ada", light.json().at("/changes/0/by").asText());
    assertSwitched("unshadow", "null");
  }

  private static void assertSwitched(String action, String version) {
    JsonNode audit = audited("org%2FFit");
    assertEquals(action, audit.path("action").asText());
    assertEquals("artifact", audit.path("kind").asText());
    assertEquals("router-service", audit.path("service").asText());
    assertEquals("ada", audit.path("user").asText());
    assertEquals(version, audit.path("version_after").asText());
    assertTrue(audit.path("after").isNull());
  }

  @Test
  void whatIsNotSwitchedSaysWhy() {
    Answer nothing = Rest.post("artifacts/router-service/a/rollback", null);
    nothing.expectProblem(400, "refused", "artifact", "No version was active before.");
    assertEquals("NOTHING_TO_ROLL_BACK", nothing.json().path("reason").asText());
    Rest.post(FIT + "/activate", "{\"version\": 3}")
        .expectProblem(404, "not-found", "version", "no version 3");
    Rest.post(FIT + "/activate", "{}").expectProblem(400, "malformed", "version", "is required");
    Rest.post(FIT + "/activate", "{\"versions\": 1}")
        .expectProblem(400, "malformed", "versions", "known: version");
    Rest.post(FIT + "/activate", "{\"version\": 1.5}")
        .expectProblem(400, "malformed", "version", "whole number");
    Rest.post(FIT + "/activate", "{\"version\": 1}", "X-Tutti-User", "x".repeat(129))
        .expectProblem(400, "malformed", "X-Tutti-User", "printable ASCII");
  }

  @Test
  void versionsAreComparedAcrossArtifacts() {
    JsonNode compared =
        Rest.get(FIT + "/compare?versions=1,team/org/Fit/2,other/1").expect(200).json();
    assertEquals(
        List.of("org/Fit", "team/org/Fit", "other"),
        List.of(
            compared.at("/versions/0/version/name").asText(),
            compared.at("/versions/1/version/name").asText(),
            compared.at("/versions/2/version/name").asText()));
    assertEquals(2, compared.at("/versions/1/version/version").asInt());
    assertEquals(
        "{\"anna\":0.75,\"bert\":0.25}", compared.at("/versions/0/member_shares").toString());
    assertEquals(
        "[{\"set\":\"sums\",\"queries\":8,\"quality\":0.5}]",
        compared.at("/versions/0/sets").toString());
    assertEquals("[{\"usd\":0.001,\"quality\":0.4}]", compared.at("/versions/0/curve").toString());
    assertEquals(
        "{\"service\":\"router-service\",\"name\":\"team/org/Fit\",\"version\":2,\"base_service\":\"router-service\",\"base_name\":\"org/Fit\",\"base_version\":1,\"comparable\":true,"
            + "\"queries\":8,\"quality_difference\":0.125,\"low\":-0.25,\"high\":0.5,\"confidence\":0.95}",
        compared.at("/pairs/0").toString());
    assertEquals(
        "{\"service\":\"router-service\",\"name\":\"other\",\"version\":1,\"base_service\":\"router-service\",\"base_name\":\"org/Fit\",\"base_version\":1,\"comparable\":false,"
            + "\"reason\":\"They held out other queries.\"}",
        compared.at("/pairs/1").toString());
  }

  @Test
  void theShadowReportsWhatItWouldHaveDone() {
    assertEquals(
        "{\"artifact\":\"org/Fit\",\"version\":1,\"decisions\":4,\"truncated\":true,\"agreement\":0.75,"
            + "\"active_choices\":{\"anna\":4},\"shadow_choices\":{\"anna\":3,\"bert\":1},"
            + "\"disagreements\":[{\"active\":\"anna\",\"shadow\":\"<script>alert(1)</script>\",\"decisions\":1}],"
            + "\"expected_usd_difference\":-0.002,\"quality_difference_by_active\":0.1,"
            + "\"quality_difference_by_shadow\":0.2}",
        Rest.get(FIT + "/shadow").expect(200).body());
    assertEquals(
        "{\"artifact\":\"org/Fit\",\"version\":2,\"decisions\":0,\"truncated\":false,\"active_choices\":{},"
            + "\"shadow_choices\":{},\"disagreements\":[]}",
        Rest.get(FIT + "/shadow?version=2").expect(200).body());
  }

  @Test
  void aServiceThatIsAwayIsNamedAndTheRestIsTold() {
    Surroundings surroundings = Surroundings.open();
    surroundings.stop("router");
    try {
      JsonNode list = Rest.get("artifacts").expect(200).json();
      assertEquals(3, list.path("items").size());
      assertEquals("router-service", list.at("/unavailable/0/service").asText());
      Answer away = Rest.get(FIT);
      away.expectProblem(503, "unavailable", null, "router-service");
      assertEquals("2", away.header("Retry-After"));
      Rest.get("artifacts?service=router-service")
          .expectProblem(503, "unavailable", null, "router-service");
      Rest.post("fits", "{\"artifact\": \"x\", \"method\": \"coin\", \"dataset\": \"y\"}")
          .expectProblem(503, "unavailable", null, "router-service cannot be asked");
      Rest.get("learners").expectProblem(503, "unavailable", null, "router-service");
      Rest.get("budgets").expectProblem(503, "unavailable", null, "router-service");
    } finally {
      surroundings.start("router");
      Rest.awaitNeighbours();
    }
  }
}
