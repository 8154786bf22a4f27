package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.database.Database;
import dev.tutti.method.v1.Family;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lists of decisions, and decisions within decisions. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class DecisionsTest {

  @Inject AgroalDataSource database;
  @Inject Database migrated;

  @AfterEach
  void calm() {
    Neighbourhood.calm();
    Neighbourhood.registry.tell(Neighbourhood.usual());
  }

  /** Asks for an ensemble of this name and waits until that is written. */
  private static String asked(String ensemble) {
    Http.Answer answer = Http.chat(ensemble);
    assertEquals(200, answer.status(), answer.body());
    String id = answer.header("x-tutti-decision-id");
    awaitListed(ensemble, id);
    return id;
  }

  private static void awaitListed(String ensemble, String id) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!ids(Http.get("/v1/decisions?limit=200&ensemble=" + ensemble).json()).contains(id)) {
      assertTrue(System.nanoTime() < end, "waited 20 s");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static List<String> ids(JsonNode page) {
    var ids = new ArrayList<String>();
    page.path("data").forEach(d -> ids.add(d.path("id").asText()));
    return ids;
  }

  private static void register(String ensemble, String... members) {
    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder()
            .addEnsembles(
                Neighbourhood.ensemble(ensemble, Family.FAMILY_ROUTER, "blending", members)
                    .toBuilder()
                    .addAliases(ensemble + "-alias"))
            .build());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (Http.get("/v1/models/" + ensemble).status() != 200) {
      assertTrue(System.nanoTime() < end, "waited 20 s");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  @Test
  void decisionsAreListedByEnsembleMemberAndTime() {
    register("listed", "anna");
    String first = asked("listed");
    String second = asked("listed");
    JsonNode all = Http.get("/v1/decisions?ensemble=listed").json();
    assertEquals(List.of(second, first), ids(all), "newest first");
    JsonNode brief = all.at("/data/1");
    assertEquals("blending", brief.path("method").asText());
    assertEquals("anna", brief.at("/members/0").asText());
    assertEquals("0.25", brief.path("cost_usd").asText());
    JsonNode whole = Http.get(brief.path("url").asText()).json();
    assertEquals(first, whole.path("id").asText());
    assertEquals(
        Instant.parse(whole.path("time").asText()).truncatedTo(ChronoUnit.MILLIS),
        Instant.parse(brief.path("time").asText()));
    assertEquals(ids(all), ids(Http.get("/v1/decisions?ensemble=listed-alias").json()));
    assertEquals(ids(all), ids(Http.get("/v1/decisions?ensemble=listed&member=anna").json()));
    assertEquals(List.of(), ids(Http.get("/v1/decisions?ensemble=listed&member=bert").json()));
    String from = all.at("/data/0/time").asText();
    if (!from.equals(brief.path("time").asText())) {
      assertEquals(
          List.of(second), ids(Http.get("/v1/decisions?ensemble=listed&from=" + from).json()));
      assertEquals(
          List.of(first), ids(Http.get("/v1/decisions?ensemble=listed&to=" + from).json()));
    }
    assertEquals(
        List.of(), ids(Http.get("/v1/decisions?ensemble=listed&to=" + Instant.EPOCH).json()));
  }

  @Test
  void whatFailedIsListedAndToldWithTheReason() {
    register("shaky", "anna", "bert");
    String well = asked("shaky");
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("anna")) {
            throw new Failure.Unavailable("AWAY", "Anna is away.").exception();
          }
          Neighbourhood.echo(request, sink);
        });
    // Who is asked first is drawn: until it was her.
    var stumbled = new ArrayList<String>();
    while (stumbled.isEmpty()) {
      asked("shaky");
      stumbled.addAll(ids(Http.get("/v1/decisions?ensemble=shaky&failed=member").json()));
    }
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw new Failure.Unavailable("AWAY", "Everybody is away.").exception();
        });
    Http.Answer refused = Http.chat("shaky");
    assertEquals(503, refused.status(), refused.body());
    String failed = refused.header("x-tutti-decision-id");
    awaitListed("shaky", failed);
    JsonNode briefs = Http.get("/v1/decisions?ensemble=shaky&failed=request").json();
    assertEquals(List.of(failed), ids(briefs));
    assertEquals("request", briefs.at("/data/0/failed").asText());
    JsonNode whole = Http.get("/v1/decisions/" + failed).json();
    assertTrue(whole.path("failure").asText().contains("Everybody is away."), whole.toString());
    JsonNode all = Http.get("/v1/decisions?ensemble=shaky&limit=200").json();
    all.path("data")
        .forEach(
            brief ->
                assertEquals(
                    brief.path("id").asText().equals(failed)
                        ? "request"
                        : stumbled.contains(brief.path("id").asText()) ? "member" : "",
                    brief.path("failed").asText()));
    assertTrue(ids(all).contains(well));
  }

  /** Of 20,000 decisions one; reading all to find it takes the longer the more there are. */
  @Test
  void whoWasCalledIsFoundByAnIndex() throws Exception {
    migrated.connect().close();
    String index =
        "select coalesce(sum(idx_scan), 0) from pg_stat_user_indexes where indexrelname = 'decision_members'";
    String ofTeam = index.replace("decision_members", "decision_ensemble_team");
    try {
      sql(
          """
          insert into router.decision (id, time, ensemble, ensemble_version, method, document, members)
          select 'many-' || n, timestamptz '1999-01-01' + n * interval '1 second', 'many', 1, 'none', '',
            array['carl', case when n = 100 then 'rarely' else 'often' end]
          from generate_series(1, 20000) n""");
      sql(
          """
          insert into router.decision (id, time, ensemble, ensemble_version, method, document, team)
          select 'seldom-' || n, timestamptz '1999-01-01' + n * interval '1 second', 'seldom', 1, 'none', '',
            case when n <= 100 and n % 2 = 0 then 'none' else 'others' end
          from generate_series(1, 5000) n""");
      sql("vacuum analyze router.decision");
      long before = number(index);
      long beforeOfTeam = number(ofTeam);
      assertEquals(
          List.of("many-100"), ids(Http.get("/v1/decisions?ensemble=many&member=rarely").json()));
      // So is what was asked without a key for the last time long ago, page by page.
      JsonNode seldom = Http.get("/v1/decisions?ensemble=seldom&limit=2").json();
      assertEquals(List.of("seldom-100", "seldom-98"), ids(seldom));
      seldom =
          Http.get(
                  "/v1/decisions?ensemble=seldom&team=none&limit=200&after="
                      + seldom.path("next").asText())
              .json();
      assertEquals(48, ids(seldom).size());
      assertEquals("seldom-96", ids(seldom).getFirst());
      assertFalse(seldom.has("next"));
      assertEquals(List.of(), ids(Http.get("/v1/decisions?ensemble=seldom&team=others").json()));
      // Whoever was called often, and then no more, is found behind the newest, page by page.
      sql(
          """
          insert into router.decision (id, time, ensemble, ensemble_version, method, document, members)
          select 'many-late-' || n, timestamptz '2000-01-01' + n * interval '1 second', 'many', 1, 'none', '',
            array['carl']
          from generate_series(1, 20001) n""");
      JsonNode gone = Http.get("/v1/decisions?ensemble=many&member=often&limit=2").json();
      assertEquals(List.of("many-20000", "many-19999"), ids(gone));
      gone =
          Http.get(
                  "/v1/decisions?ensemble=many&member=often&limit=2&after="
                      + gone.path("next").asText())
              .json();
      assertEquals(List.of("many-19998", "many-19997"), ids(gone));
      // The server tells its statistics some time later.
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (number(index) == before || number(ofTeam) == beforeOfTeam) {
        assertTrue(System.nanoTime() < end, "waited 30 s");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    } finally {
      sql("delete from router.decision where ensemble in ('many', 'seldom')");
    }
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        var execute = connection.createStatement()) {
      execute.execute(statement);
    }
  }

  private long number(String query) throws SQLException {
    try (Connection connection = database.getConnection();
        var select = connection.createStatement();
        var rows = select.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Test
  void pagesTogetherAreTheListWhateverComesMeanwhile() {
    register("paged", "anna");
    var expected = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      expected.addFirst(asked("paged"));
    }
    var seen = new ArrayList<String>();
    String after = "";
    do {
      JsonNode page = Http.get("/v1/decisions?ensemble=paged&limit=2" + after).json();
      seen.addAll(ids(page));
      after = page.has("next") ? "&after=" + page.path("next").asText() : null;
      asked("paged");
    } while (after != null);
    assertEquals(expected, seen);
  }

  private static String page(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void wrongParametersAreRefusedByName() {
    for (String wrong :
        List.of(
            "limit=0",
            "limit=201",
            "from=yesterday",
            "after=x",
            "after=" + page("+300000-01-01T00:00:00Z x"),
            "after=" + page("+1000000000-12-31T23:59:59Z x"),
            "after=" + page("-1000000000-01-01T00:00:00Z x"),
            "member=a%00b",
            "team=a%00b",
            "key=a%00b",
            "failed=both",
            "colour=red")) {
      Http.Answer answer = Http.get("/v1/decisions?" + wrong);
      assertEquals(400, answer.status(), answer.body());
      assertEquals(
          wrong.substring(0, wrong.indexOf('=')), answer.error().path("param").asText(), wrong);
    }
  }

  @Test
  void aNestedDecisionHasAnIdOfItsOwn() {
    Neighbourhood.fusion.script(
        (request, sink) -> {
          var completion = ScriptedGeneration.completion("anna", "yes");
          completion
              .getCompletionBuilder()
              .setDecision(
                  Decision.newBuilder()
                      .setId(request.getRequestId())
                      .setEnsemble("vote")
                      .setMethod("majority-vote")
                      .setTime(Timestamps.now())
                      .addNested(Decision.newBuilder().setEnsemble("deeper")));
          completion
              .getCompletionBuilder()
              .getDecisionBuilder()
              .addCandidatesBuilder()
              .setMember("anna")
              .setChosen(true)
              .setCalled(true);
          sink.emit(completion.build());
        });
    register("nests", "@vote");
    String id = asked("nests");
    JsonNode outer = Http.get("/v1/decisions/" + id).json();
    assertEquals(id + ".1", outer.at("/nested/0/id").asText());
    assertEquals(id + ".1", outer.at("/candidates/0/decisions/0").asText(), "whose it is");
    assertEquals(outer.at("/nested/0"), Http.get("/v1/decisions/" + id + ".1").json());
    assertEquals(
        "deeper", Http.get("/v1/decisions/" + id + ".1.1").json().path("ensemble").asText());
    assertEquals(404, Http.get("/v1/decisions/" + id + ".2").status());
    assertEquals(404, Http.get("/v1/decisions/" + id + ".1.2").status());
    assertFalse(ids(Http.get("/v1/decisions?limit=200").json()).contains(id + ".1"), "one request");
    Http.Answer rated =
        Http.post("/v1/feedback", "{\"decision\": \"%s.1\", \"correct\": true}".formatted(id));
    assertEquals("vote", rated.json().path("ensemble").asText(), rated.body());
  }
}
