package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a team sees of what others have asked: nothing. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class TeamsTest {

  @Inject AgroalDataSource database;

  @BeforeEach
  void lock() {
    Keys.unlock();
    Neighbourhood.calm();
    Keys.lock(
        Keys.of("ours", "us"),
        Keys.of("ours2", "us"),
        Keys.of("theirs", "them"),
        Keys.admin("root"));
  }

  @AfterAll
  static void unlock() {
    Keys.unlock();
  }

  private static Http.Answer rate(String decision, String key, String by) {
    return Http.post(
        "/v1/feedback",
        "{\"decision\": \"%s\", \"member\": \"anna\", \"rating\": 1, \"key\": \"%s\"}"
            .formatted(decision, key),
        "authorization",
        Keys.bearer(by));
  }

  private void awaitWritten(String id) {
    Keys.await(
        () -> {
          try (var connection = database.getConnection();
              var select =
                  connection.prepareStatement("select 1 from router.decision where id = ?")) {
            select.setString(1, id);
            return select.executeQuery().next();
          } catch (SQLException e) {
            return false;
          }
        });
  }

  private static boolean holds(JsonNode list, String field, String value) {
    return StreamSupport.stream(list.spliterator(), false)
        .anyMatch(its -> its.path(field).asText().equals(value));
  }

  @Test
  void aDecisionIsItsTeamsOnly() {
    String before = openly();
    Http.Answer answer = Keys.chat("blend-nest", "ours");
    assertEquals(200, answer.status(), answer.body());
    String id = answer.header("x-tutti-decision-id");
    JsonNode decision = Keys.get("/v1/decisions/" + id, "ours").json();
    assertEquals("us", decision.path("team").asText());
    assertEquals("ours", decision.path("key").asText());
    for (String of : new String[] {id, before}) {
      assertEquals(404, Keys.get("/v1/decisions/" + of, "theirs").status());
      assertEquals(200, Keys.get("/v1/decisions/" + of, "root").status());
    }
    assertEquals(200, Keys.get("/v1/decisions/" + id, "ours2").status());
    assertEquals(404, Keys.get("/v1/decisions/" + before, "ours").status());
    awaitWritten(id);
    assertEquals(404, Keys.get("/v1/decisions/" + id, "theirs").status());
    assertTrue(holds(Keys.get("/v1/decisions", "ours").json().path("data"), "id", id));
    assertTrue(holds(Keys.get("/v1/decisions", "root").json().path("data"), "id", id));
    JsonNode theirs = Keys.get("/v1/decisions?limit=200", "theirs").json().path("data");
    assertFalse(holds(theirs, "id", id));
    theirs.forEach(its -> assertEquals("them", its.path("team").asText()));
    // A filter leaves less of what one sees, and shows nothing more.
    for (String filter : new String[] {"team=us", "key=ours", "team=us&key=ours"}) {
      String path = "/v1/decisions?" + filter;
      assertTrue(holds(Keys.get(path, "root").json().path("data"), "id", id), filter);
      assertTrue(holds(Keys.get(path, "ours2").json().path("data"), "id", id), filter);
      assertEquals(0, Keys.get(path, "theirs").json().path("data").size(), filter);
    }
    for (String filter : new String[] {"team=them", "key=ours2&team=us", "team=us'--"}) {
      assertFalse(
          holds(Keys.get("/v1/decisions?" + filter, "root").json().path("data"), "id", id), filter);
    }
  }

  /** Teams can be there before the door is locked, and in a database that was restored. */
  @Test
  void whoHasNoKeySeesWhatWasAskedWithoutOneOnly() {
    String before = openly();
    String id = Keys.chat("anna", "ours").header("x-tutti-decision-id");
    awaitWritten(id);
    assertEquals(200, rate(id, "seen-1", "ours").status());
    Keys.unlock();
    assertEquals(404, Http.get("/v1/decisions/" + id).status());
    assertEquals(200, Http.get("/v1/decisions/" + before).status());
    JsonNode seen = Http.get("/v1/decisions?limit=200").json().path("data");
    assertFalse(holds(seen, "id", id));
    JsonNode feedback = Http.get("/v1/feedback?decision=" + id).json().path("data");
    assertEquals(0, feedback.size(), feedback.toString());
    JsonNode teams = Http.get("/v1/spend?by=team").json().path("data");
    teams.forEach(its -> assertEquals("none", its.path("key").asText()));
  }

  /** Asked before anybody had a key. */
  private static String openly() {
    Keys.unlock();
    String id = Http.chat("anna").header("x-tutti-decision-id");
    assertFalse(Http.get("/v1/decisions/" + id).json().has("team"));
    Keys.lock(
        Keys.of("ours", "us"),
        Keys.of("ours2", "us"),
        Keys.of("theirs", "them"),
        Keys.admin("root"));
    return id;
  }

  @Test
  void feedbackIsOnAndOfTheTeamsOwnDecisions() {
    String id = Keys.chat("anna", "ours").header("x-tutti-decision-id");
    Http.Answer foreign = rate(id, "team-1", "theirs");
    assertEquals(404, foreign.status(), foreign.body());
    assertEquals("decision_not_found", foreign.error().path("code").asText());
    assertEquals(200, rate(id, "team-1", "ours2").status());
    String path = "/v1/feedback?decision=" + id;
    assertEquals(1, Keys.get(path, "ours").json().path("data").size());
    assertEquals(1, Keys.get(path, "root").json().path("data").size());
    assertEquals(0, Keys.get(path, "theirs").json().path("data").size());
  }

  /** Order numbers, say: nobody takes another's, or learns which there are. */
  @Test
  void eachTeamHasKeysOfFeedbackOfItsOwn() {
    String ours = Keys.chat("anna", "ours").header("x-tutti-decision-id");
    assertEquals(200, rate(ours, "order-1", "ours").status());
    String theirs = Keys.chat("anna", "theirs").header("x-tutti-decision-id");
    for (int i = 0; i < 2; i++) {
      Http.Answer given = rate(theirs, "order-1", "theirs");
      assertEquals(200, given.status(), given.body());
      assertTrue(given.body().contains("\"order-1\""), given.body());
    }
    JsonNode kept = Keys.get("/v1/feedback?decision=" + theirs, "theirs").json().path("data");
    assertEquals(1, kept.size(), kept.toString());
    assertEquals("order-1", kept.at("/0/key").asText());
    assertEquals(200, rate(theirs, "order-1", "root").status());
    // Within a team it is one, whichever of its keys gives it.
    Http.Answer reused =
        rate(Keys.chat("anna", "ours").header("x-tutti-decision-id"), "order-1", "ours2");
    assertEquals(409, reused.status());
    assertTrue(reused.body().contains(ours), reused.body());
  }

  /** What they keep of it is the team's alone. */
  @Test
  void whoAnswersIsToldWhoseRequestItIs() {
    Keys.chat("steps", "ours");
    assertEquals("us", Neighbourhood.cascade.requests().getFirst().getTeam());
    Keys.chat("blend", "theirs");
    assertEquals("them", Neighbourhood.decoder.requests().getFirst().getTeam());
  }

  @Test
  void spendIsToldByTeamAndKeyAndOnlyOnesOwn() {
    String id = Keys.chat("anna", "ours").header("x-tutti-decision-id");
    String other = Keys.chat("anna", "theirs").header("x-tutti-decision-id");
    awaitWritten(id);
    awaitWritten(other);
    JsonNode teams = Keys.get("/v1/spend?by=team", "root").json().path("data");
    assertTrue(holds(teams, "key", "us") && holds(teams, "key", "them"), teams.toString());
    JsonNode keys = Keys.get("/v1/spend?by=key", "ours2").json().path("data");
    assertTrue(holds(keys, "key", "ours"), keys.toString());
    assertFalse(holds(keys, "key", "theirs"), keys.toString());
    assertEquals(1, Keys.get("/v1/spend?by=team", "theirs").json().path("data").size());
    assertEquals(400, Keys.get("/v1/spend?by=person", "ours").status());
    String metrics = Http.operators("/metrics").body();
    assertTrue(
        metrics
            .lines()
            .anyMatch(
                line ->
                    line.startsWith("tutti_spend_usd_total{")
                        && line.contains("team=\"us\"")
                        && line.contains("key=\"ours\"")),
        metrics);
    assertFalse(metrics.contains(Keys.text("ours").substring(3)));
  }
}
