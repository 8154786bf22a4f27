package dev.tutti.registry.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.ScriptedGeneration;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class RecordingResourceTest {

  private static final ScriptedGeneration GENERATION = Surroundings.open().generation();

  @BeforeAll
  static void members() {
    for (String name :
        Set.of(
            "good", "bad", "flaky", "broken", "gated", "judge", "dear", "lossy", "second-gated")) {
      Rest.createModel("rec-" + name, "full");
    }
  }

  private static String line(int factor) {
    return "{\"id\": \"%d\", \"prompt\": \"6*%d=\", \"reference\": %d, \"domain\": \"sums\"}\n"
        .formatted(factor, factor, 6 * factor);
  }

  private static Rest.Answer post(String query, String body) {
    return Rest.form("recordings?" + query, body, "Content-Type", "application/x-ndjson");
  }

  private static String start(String dataset, String members, String query, String body) {
    return post("dataset=%s&members=%s&%s".formatted(dataset, members, query), body)
        .expect(202)
        .json()
        .path("id")
        .asText();
  }

  private static JsonNode take(String dataset, String members, String query, String body) {
    JsonNode job = Datasets.end(start(dataset, members, query, body));
    assertEquals("succeeded", job.path("state").asText(), job.toString());
    return job;
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private static long count(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void membersAreAskedAndScored() {
    int before = GENERATION.requests("rec-good").size();
    JsonNode job =
        take(
            "rec-plain",
            "rec-good,rec-bad",
            "scorer=number&budget_usd=1&split=train&max_tokens=8&temperature=0&seed=3&system=Be%20short.",
            line(7) + "{\"prompt\": 1}\n" + line(8));
    assertEquals("answers", job.path("unit").asText());
    assertEquals(4, job.path("done").asInt(), job.toString());
    assertEquals(4, job.path("total").asInt());
    assertTrue(job.path("message").asText().endsWith("; 1 lines refused"), job.toString());
    JsonNode result = job.path("result");
    assertEquals(2, result.path("imported").asInt(), result.toString());
    assertEquals(1, result.path("refused").asInt());
    assertEquals(0, result.path("failed").asInt());
    assertEquals("", result.path("stopped_by").asText());
    assertEquals(0.004, result.path("usd").asDouble(), 1e-12);
    assertEquals(1, result.at("/members/rec-good/mean_score").asDouble());
    assertEquals(0, result.at("/members/rec-bad/mean_score").asDouble());

    JsonNode refusal = Rest.get("jobs/" + job.path("id").asText() + "/refusals").json();
    assertEquals(2, refusal.at("/items/0/line").asInt());
    assertEquals("prompt", refusal.at("/items/0/field").asText());

    JsonNode query =
        Rest.get("datasets/rec-plain/queries?set=sums&split=train").json().at("/items/0");
    assertEquals("7", query.path("id").asText(), query.toString());
    assertEquals("6*7=", query.path("query").asText());
    assertEquals("42", query.path("reference").asText());
    JsonNode bad = query.at("/models/rec-bad");
    assertEquals(0, bad.path("score").asDouble(), query.toString());
    assertEquals("6*7 = 43", bad.path("response").asText());
    assertEquals(0.001, bad.path("cost").asDouble());
    assertEquals(0.25, bad.path("latency").asDouble());
    assertEquals(-0.2, bad.path("confidence").asDouble());
    assertEquals("usd_per_call", Rest.get("datasets/rec-plain").json().path("cost_unit").asText());

    GenerateRequest asked = GENERATION.requests("rec-good").get(before);
    assertEquals("Be short.", asked.getMessages(0).getContent());
    assertEquals(8, asked.getSampling().getMaxTokens());
    assertEquals(0, asked.getSampling().getTemperature());
    assertEquals(3, asked.getSampling().getSeed());
    assertTrue(asked.getSampling().getLogprobs());
    assertEquals(5, asked.getSampling().getTopLogprobs());
    assertEquals(CacheUse.CACHE_USE_BYPASS, asked.getCache());
    assertTrue(asked.getRequestId().isEmpty());

    JsonNode audit = Rest.get("audit?name=rec-plain&limit=1").json().at("/items/0");
    assertEquals("record", audit.path("action").asText().toLowerCase(java.util.Locale.ROOT));
  }

  @Test
  void whatTheDatasetHasIsNotPaidAgain() {
    take("rec-again", "rec-good", "scorer=number&budget_usd=1", line(7) + line(8));
    int before = GENERATION.requests("rec-good").size();
    JsonNode result =
        take(
                "rec-again",
                "rec-good,rec-bad",
                "scorer=number&budget_usd=1",
                line(7) + line(8) + line(9) + line(9))
            .path("result");
    assertEquals(before + 1, GENERATION.requests("rec-good").size());
    assertEquals(1, result.path("imported").asInt(), result.toString());
    assertEquals(2, result.path("extended").asInt());
    assertEquals(1, result.path("unchanged").asInt());
    assertEquals(3, result.at("/members/rec-good/known").asInt());
    // Another question under a known id is refused before anybody is asked.
    JsonNode other =
        take(
                "rec-again",
                "rec-good",
                "scorer=number&budget_usd=1",
                "{\"id\": \"7\", \"prompt\": \"5*7=\", \"reference\": 35}\n")
            .path("result");
    assertEquals(1, other.path("refused").asInt(), other.toString());
    assertEquals(before + 1, GENERATION.requests("rec-good").size());
    // Unless it is to be replaced.
    JsonNode replaced =
        take("rec-again", "rec-good", "scorer=contains&budget_usd=1&on_conflict=replace", line(7))
            .path("result");
    assertEquals(1, replaced.at("/members/rec-good/answered").asInt(), replaced.toString());
  }

  @Test
  void failuresAreToldByQuestionAndMember() {
    JsonNode job =
        take(
            "rec-failing",
            "rec-flaky,rec-broken",
            "scorer=number&budget_usd=1&concurrency=8",
            line(7) + line(8));
    JsonNode result = job.path("result");
    assertEquals(2, result.path("failed").asInt(), result.toString());
    assertEquals(2, result.at("/members/rec-flaky/answered").asInt());
    assertEquals(2, result.at("/members/rec-broken/failed").asInt());
    String path = "jobs/%s/refusals".formatted(job.path("id").asText());
    JsonNode first = Rest.get(path + "?limit=1").json();
    assertEquals("models.rec-broken", first.at("/items/0/field").asText(), first.toString());
    assertEquals("It is too long for it.", first.at("/items/0/reason").asText());
    JsonNode second =
        Rest.get(path + "?limit=1&cursor=" + first.path("next_cursor").asText()).json();
    assertEquals(2, second.at("/items/0/line").asInt(), second.toString());
    assertFalse(second.has("next_cursor"));
  }

  @Test
  void whatFailedCallsCostCountsToo() {
    JsonNode result =
        take(
                "rec-lossy",
                "rec-good,rec-lossy",
                "scorer=number&budget_usd=0.0125&concurrency=1&max_tokens=1",
                line(7) + line(8) + line(9))
            .path("result");
    // 0.01 is lost and 0.001 paid at the first question; no other two are paid for.
    assertEquals(0.01, result.at("/members/rec-lossy/usd").asDouble(), 1e-12, result.toString());
    assertEquals(1, result.at("/members/rec-lossy/failed").asInt());
    assertEquals(1, result.at("/members/rec-good/answered").asInt());
    assertEquals("budget", result.path("stopped_by").asText());
    assertEquals(2, result.path("left").asInt());
  }

  @Test
  void aJudgeGradesWhatMembersAnswer() {
    JsonNode job =
        take(
            "rec-judged",
            "rec-good,rec-bad",
            "scorer=judge&judge=rec-judge&budget_usd=1",
            "{\"prompt\": \"6*7=\"}\n");
    JsonNode result = job.path("result");
    assertEquals(1, result.at("/members/rec-good/mean_score").asDouble(), result.toString());
    assertEquals(3 / 9.0, result.at("/members/rec-bad/mean_score").asDouble(), 1e-12);
    assertEquals(0.004, result.path("judge_usd").asDouble(), 1e-12);
    assertEquals(0.006, result.path("usd").asDouble(), 1e-12);
    JsonNode told = Rest.get("recordings/" + job.path("id").asText()).expect(200).json();
    assertEquals(0.006, told.path("usd").asDouble(), 1e-12);
    assertEquals("rec-bad", told.at("/members/0/member").asText());
    assertEquals(1, told.at("/members/0/answered").asInt());
  }

  @Test
  void nothingBeginsThatTheBudgetDoesNotPay() {
    var lines = new StringBuilder();
    for (int i = 1; i <= 40; i++) {
      lines.append(line(i));
    }
    // After the first answer each is expected to cost 0.1; 0.3501 pays for three, one after the
    // other.
    JsonNode result =
        take(
                "rec-budget",
                "rec-dear",
                "scorer=number&budget_usd=0.3501&concurrency=1",
                lines.toString())
            .path("result");
    assertEquals("budget", result.path("stopped_by").asText(), result.toString());
    assertTrue(result.path("usd").asDouble() <= 0.3501, result.toString());
    assertEquals(3, result.path("imported").asInt(), result.toString());
    assertEquals(37, result.path("left").asInt());
    // The same call goes on where it ended.
    JsonNode next =
        take(
                "rec-budget",
                "rec-dear",
                "scorer=number&budget_usd=0.2001&concurrency=1",
                lines.toString())
            .path("result");
    assertEquals(3, next.at("/members/rec-dear/known").asInt(), next.toString());
    assertEquals(2, next.path("imported").asInt(), next.toString());
  }

  @Test
  void whoeverGoesOnWithAJobPaysNothingTwice() throws SQLException {
    int good = GENERATION.requests("rec-good").size();
    String job =
        start(
            "rec-lost", "rec-good,rec-gated", "scorer=number&budget_usd=1&concurrency=4", line(7));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                count(
                        "select count(*) from registry.recording_call where job = '%s'"
                            .formatted(job))
                    == 1);
    JsonNode told = Rest.get("recordings/" + job).expect(200).json();
    assertEquals(0.001, told.path("usd").asDouble(), 1e-12, told.toString());
    // Another attempt takes it over.
    execute(
        "update registry.job set attempts = attempts + 1, lease_until = now() - interval '1 minute' where id = '%s'"
            .formatted(job));
    // One may go to the call that is cut off.
    GENERATION.gate().release(2);
    JsonNode ended = Datasets.end(job);
    GENERATION.gate().drainPermits();
    assertEquals("succeeded", ended.path("state").asText(), ended.toString());
    assertTrue(ended.path("attempts").asInt() > 2, ended.toString());
    assertEquals(good + 1, GENERATION.requests("rec-good").size());
    assertEquals(1, ended.at("/result/members/rec-good/answered").asInt());
    assertEquals(1, ended.at("/result/members/rec-gated/answered").asInt());
    assertEquals(
        0, count("select count(*) from registry.recording_call where job = '" + job + "'"));
  }

  /** That one knows no jobs but imports, and deletes bodies to which nothing came for an hour. */
  @Test
  void aRegistryOfBeforeLeavesTheBodyOfARecordingAlone() throws SQLException {
    var lines = new StringBuilder();
    for (int i = 1; i <= 40; i++) {
      lines.append(line(i));
    }
    String bodies = "select count(*) from registry.import_upload where dataset = 'rec-swept'";
    String job =
        start(
            "rec-swept", "rec-gated", "scorer=number&budget_usd=1&concurrency=4", lines.toString());
    assertEquals(1, count(bodies + " and updated_at > now() + interval '23 hours'"), "it may wait");
    execute(
        "update registry.import_upload set updated_at = now() - interval '2 hours' where dataset = 'rec-swept'");
    // The first window.
    GENERATION.gate().release(32);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Rest.get("datasets/rec-swept").json().path("queries").asInt() == 32);
    execute(
        "delete from registry.import_upload where dataset = 'rec-swept' and updated_at < now() - interval '1 hour'");
    assertEquals(1, count(bodies));
    GENERATION.gate().release(8);
    JsonNode ended = Datasets.end(job);
    GENERATION.gate().drainPermits();
    assertEquals("succeeded", ended.path("state").asText(), ended.toString());
    assertEquals(40, ended.at("/result/imported").asInt(), ended.toString());
  }

  /** There is no money left to go on with what was begun. */
  @Test
  void whatWasPaidAndIsOfNoUseCountsToo() throws SQLException {
    String job =
        start(
            "rec-unused",
            "rec-good,rec-gated",
            "scorer=number&budget_usd=1&concurrency=4",
            line(7));
    String paid = "select count(*) from registry.recording_call where job = '%s'".formatted(job);
    await().atMost(Duration.ofSeconds(10)).until(() -> count(paid) == 1);
    execute(
        "insert into registry.recording_call (job, line, member, what, usd) values ('%s', 1, 'rec-gated', 'LOSS', 1)"
            .formatted(job));
    execute(
        "update registry.job set attempts = attempts + 1, lease_until = now() - interval '1 minute' where id = '%s'"
            .formatted(job));
    JsonNode result = Datasets.end(job).path("result");
    // The call that is cut off costs a little yet.
    assertEquals(1.001, result.path("usd").asDouble(), 1e-4, result.toString());
    assertEquals(1, result.at("/members/rec-gated/usd").asDouble(), 1e-4);
    assertEquals(0, result.at("/members/rec-gated/answered").asInt());
  }

  @Test
  void aCancelledRecordingStopsAndKeepsWhatItTookOver() throws SQLException {
    var lines = new StringBuilder();
    for (int i = 1; i <= 6; i++) {
      lines.append(line(i));
    }
    take("rec-cancelled", "rec-good", "scorer=number&budget_usd=1", lines.substring(0));
    String job =
        start(
            "rec-cancelled",
            "rec-good,rec-second-gated",
            "scorer=number&budget_usd=1&concurrency=3",
            lines.toString());
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> GENERATION.requests("rec-second-gated").size() == 3);
    Rest.send("DELETE", "datasets/rec-cancelled", null, "If-Match", "*")
        .expectProblem(409, "busy", null, job);
    Rest.post("jobs/" + job + "/cancel", null).expect(200);
    JsonNode ended = Datasets.end(job);
    assertEquals("cancelled", ended.path("state").asText(), ended.toString());
    assertEquals(3, GENERATION.requests("rec-second-gated").size());
    assertEquals(6, Rest.get("datasets/rec-cancelled").json().at("/members/0/outcomes").asInt());
  }

  @Test
  void anEstimateAsksNobody() {
    int before = GENERATION.requests("rec-good").size();
    JsonNode estimate =
        post(
                "dataset=rec-estimated&members=rec-good,rec-bad&scorer=number&budget_usd=1&max_tokens=100&validate_only=true",
                line(7) + "nothing\n" + line(8))
            .expect(200)
            .json();
    assertEquals(2, estimate.path("questions").asInt(), estimate.toString());
    assertEquals(1, estimate.path("refused").asInt());
    assertEquals(2, estimate.at("/refusals/0/line").asInt());
    assertEquals(2, estimate.at("/members/0/calls").asInt());
    // One token of 4 characters at 1.5, and 100 at 3 US dollars a million; two of each member.
    assertEquals(4 * (1.5 + 300) / 1e6, estimate.path("usd").asDouble(), 1e-12);
    assertEquals(before, GENERATION.requests("rec-good").size());
    Rest.get("datasets/rec-estimated").expect(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "members=rec-good&scorer=number&budget_usd=1|400|dataset",
        "dataset=d&scorer=number&budget_usd=1|400|members",
        "dataset=d&members=rec-good,rec-good&scorer=number&budget_usd=1|400|members",
        "dataset=d&members=rec-good,&scorer=number&budget_usd=1|400|members",
        "dataset=d&members=rec-good&budget_usd=1|400|scorer",
        "dataset=d&members=rec-good&scorer=taste&budget_usd=1|400|scorer",
        "dataset=d&members=rec-good&scorer=judge&budget_usd=1|400|judge",
        "dataset=d&members=rec-good&scorer=number&judge=rec-judge&budget_usd=1|400|judge",
        "dataset=d&members=rec-good&scorer=number|400|budget_usd",
        "dataset=d&members=rec-good&scorer=number&budget_usd=-1|400|budget_usd",
        "dataset=d&members=rec-good&scorer=number&budget_usd=NaN|400|budget_usd",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&concurrency=33|400|concurrency",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&temperature=2.1|400|temperature",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&top_p=0|400|top_p",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&max_tokens=0|400|max_tokens",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&max_tokens=99999999999|400|max_tokens",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&seed=1.5|400|seed",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&on_conflict=keep|400|on_conflict",
        "dataset=d&members=rec-good&scorer=number&budget_usd=1&sampling=1|400|sampling",
        "dataset=d&members=rec-nobody&scorer=number&budget_usd=1|422|members",
        "dataset=d&members=rec-good&scorer=judge&judge=rec-nobody&budget_usd=1|422|judge"
      })
  void whatCannotBeIsToldByItsField(String query, int status, String field) {
    Rest.Answer answer = post(query, line(7)).expect(status);
    assertTrue(answer.body().contains("\"field\":\"" + field + "\""), answer.body());
  }

  @Test
  void bodiesAndDatasetsThatDoNotFitAreRefused() {
    post("dataset=d&members=rec-good&scorer=number&budget_usd=1", "")
        .expectProblem(400, "malformed", "body", "at least one line");
    post("dataset=d&members=rec-good&scorer=number&budget_usd=1&validate_only=true", "")
        .expectProblem(400, "malformed", "body", "at least one line");
    Rest.post("recordings?dataset=d&members=rec-good&scorer=number&budget_usd=1", "{}").expect(415);
    Datasets.take("rec-relative", "?cost_unit=relative", Datasets.line("a", "train", 1));
    post("dataset=rec-relative&members=rec-good&scorer=number&budget_usd=1", line(7))
        .expectProblem(422, "invalid", "cost_unit", "relative");
    Rest.post("models", Rest.model("rec-draft", "full").replace("active", "draft")).expect(201);
    post("dataset=d&members=rec-draft&scorer=number&budget_usd=1", line(7))
        .expectProblem(422, "invalid", "members", "not served");
    Rest.get("recordings/nobody").expect(404);
    String importing = Datasets.start("rec-import", "", Datasets.line("a", "train", 1));
    Rest.get("recordings/" + importing).expect(404);
    Datasets.end(importing);
  }

  @Test
  void callsAtOnceAreBounded() {
    GENERATION.mostRunning();
    var lines = new StringBuilder();
    for (int i = 1; i <= 8; i++) {
      lines.append(line(i));
    }
    take("rec-bounded", "rec-good,rec-bad", "scorer=exact&budget_usd=1&concurrency=2", lines + "");
    assertTrue(GENERATION.mostRunning() <= 2);
  }

  @Test
  void ratedDecisionsBecomeADatasetWithTheTextsThatTheLinesSay() {
    Rest.Answer answer =
        Rest.form(
                "recordings/decisions?dataset=rec-rated&split=train&ensembles=specialists&least_ratings=1"
                    + "&from=2023-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
                """
                {"decision": "d-1", "prompt": "6*7=", "domain": "sums", "reference": 42}
                {"decision": "d-3", "prompt": "6*8="}
                {"decision": "d-2", "messages": [{"role": "user", "content": "6*9="}]}
                {"id": "d-2", "prompt": "6*9="}
                {"prompt": "6*9="}
                """,
                "Content-Type",
                "application/x-ndjson")
            .expect(202);
    JsonNode job = Datasets.end(answer.json().path("id").asText());
    assertEquals("succeeded", job.path("state").asText(), job.toString());
    assertEquals(2, job.at("/result/imported").asInt(), job.toString());
    assertEquals(3, job.at("/result/refused").asInt());
    JsonNode refusals =
        Rest.get("jobs/%s/refusals".formatted(job.path("id").asText())).json().path("items");
    assertEquals(2, refusals.at("/0/line").asInt(), refusals.toString());
    assertEquals("decision", refusals.at("/0/field").asText());
    assertEquals("id", refusals.at("/1/field").asText());
    assertEquals("decision", refusals.at("/2/field").asText());
    JsonNode query = Rest.get("datasets/rec-rated/queries?split=train").json().at("/items/0");
    assertEquals("d-1", query.path("id").asText(), query.toString());
    assertEquals("6*7=", query.path("query").asText());
    assertEquals("sums", query.path("dataset").asText());
    // Where the line tells none it is the ratings'.
    assertEquals(
        "d-2", Rest.get("datasets/rec-rated/queries?set=told").json().at("/items/0/id").asText());
    assertEquals(0.75, query.at("/models/zoe/score").asDouble());
    assertEquals("42", query.at("/models/zoe/response").asText());
    assertEquals(-0.5, query.at("/models/zoe/confidence").asDouble());
    assertEquals(2, query.at("/models/zoe/numbers/ratings").asDouble());
    assertFalse(query.at("/models/adam").has("cost"), query.toString());
    var request = Surroundings.open().rated().requests().getLast();
    assertEquals(java.util.List.of("d-1", "d-3", "d-2"), request.getDecisionsList());
    assertEquals(java.util.List.of("specialists"), request.getEnsemblesList());
    assertEquals(1_672_531_200, request.getFrom().getSeconds());
    assertEquals(1, request.getLeastRatings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ensembles=a|dataset",
        "dataset=d&ensembles=a,,b|ensembles",
        "dataset=d&from=yesterday|from",
        "dataset=d&least_ratings=0|least_ratings",
        "dataset=d&split=a%0Ab|split"
      })
  void whatCannotBeMadeOfDecisionsIsToldByItsField(String query, String field) {
    Rest.Answer answer =
        Rest.form(
                "recordings/decisions?" + query,
                "{\"decision\": \"d-1\", \"prompt\": \"6*7=\"}",
                "Content-Type",
                "application/x-ndjson")
            .expect(400);
    assertTrue(answer.body().contains("\"field\":\"" + field + "\""), answer.body());
  }
}
