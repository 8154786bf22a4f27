package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class LeaderboardPagesTest {

  @Test
  void whoStandsHowIsToldAsTheRestTellsIt() {
    JsonNode board = Rest.get("leaderboard?ensemble=elo&domain=math&days=7").expect(200).json();
    assertEquals(
        "{\"points\":1066.5,\"low\":1026.5,\"high\":1106.5}",
        board.at("/members/0/rating").toString());
    assertEquals(0.49, board.at("/members/0/quality/low").asDouble());
    assertFalse(board.at("/members/1").has("quality"));
    assertEquals(102, board.path("members_in_all").asInt());
    assertEquals(2, board.at("/members/0/history").size());
    assertEquals(7, board.at("/arms/0/pulls").asInt());
    assertEquals("mean_reward", board.at("/arms/0/measure").asText());
    Browsing visit = Browsing.begin();
    String page = visit.get("/console/leaderboard?ensemble=elo&domain=&days=7").body();
    for (String text :
        List.of(
            "<option value=\"elo\" selected>",
            "<option selected>7</option>",
            "<code>law</code>, <code>math</code>",
            ">1,067<",
            "1,027 to 1,107",
            "&lt;img src=x onerror=alert(1)&gt;",
            "102 stand here",
            "href=\"/console/ensembles/org%2FLearner\"",
            "<code>mean_reward</code>",
            "/api/v1/leaderboard?ensemble=elo&amp;days=7")) {
      assertTrue(page.contains(text), text + "\n" + page);
    }
    // From the day on which one was rated first: 4 and 1; of feedback 7 days of 3 kinds.
    assertEquals(4 + 1 + 7 * 3, page.split("<circle").length - 1);
    assertEquals(2, page.split("<polygon").length - 1);
    String none = visit.get("/console/leaderboard?domain=art").body();
    assertTrue(none.contains("Nothing was said that makes a rating here."), none);
    assertTrue(none.contains("value=\"art\""), none);
    String other = visit.get("/console/leaderboard?ensemble=un-said&days=9").body();
    assertTrue(other.contains("<option value=\"un-said\" selected>"), other);
    assertTrue(other.contains("<option selected>9</option>"), other);
  }

  @Test
  void whatIsWrongIsRefused() {
    Browsing visit = Browsing.begin();
    for (String days : List.of("0", "-1", "week", "367", "99999999999")) {
      Rest.get("leaderboard?days=" + days).expect(400);
      visit.get("/console/leaderboard?days=" + days, 400);
    }
    for (String odd : List.of("'; drop table x; --", "\"><script>alert(1)</script>")) {
      visit.get("/console/leaderboard?ensemble=" + Browsing.encoded(odd), 400);
      visit.get("/console/leaderboard?domain=" + Browsing.encoded(odd));
    }
    visit.get("/console/leaderboard?domain=a%00b", 400);
    Rest.get("leaderboard?member=a").expectProblem(400, "malformed", "member", "known");
  }

  @Test
  void everyTableCanBeHadAsCsv() {
    List<String> members =
        Rest.get("/console/leaderboard/~members.csv").expect(200).body().lines().toList();
    assertEquals(
        List.of(
            "member,points,low,high,pieces,ratings,quality,quality_low,quality_high",
            "anna,1066.5,1026.5,1106.5,13,10,0.8,0.49,0.943",
            "<img src=x onerror=alert(1)>,933.25,873.25,993.25,13,0,,,"),
        members);
    assertEquals(
        4, Rest.get("/console/leaderboard/~history.csv?days=7").expect(200).body().lines().count());
    assertTrue(
        Rest.get("/console/leaderboard/~feedback.csv").expect(200).body().contains("Z,10,3,1"));
    // A member that looks like a formula is none.
    assertTrue(
        Rest.get("/console/leaderboard/~arms.csv")
            .expect(200)
            .body()
            .contains("org/Learner,metallm,'=bert,0,,0.0,0,,,"));
  }
}
