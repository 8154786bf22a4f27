package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class DecisionPagesTest {

  private static final List<String> IDS =
      List.of("route-1", "climb-1", "vote-1", "write-1", "alone-1", "route-1.9");

  private static String flat(String page) {
    return page.replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ");
  }

  private static void assertTold(String page, String... texts) {
    String flat = flat(page);
    for (String text : texts) {
      assertTrue(flat.contains(text), () -> text + " is not in: " + flat);
    }
  }

  @Test
  void allAreListedAndEachFilterLeavesItsOwn() {
    Browsing visit = Browsing.begin();
    String all = visit.get("/console/decisions").body();
    for (String id : IDS) {
      assertTrue(all.contains("href=\"/console/decisions/%s\"".formatted(id)), all);
    }
    assertTold(all, "1,200 + 34", "0.000120000001", "none", "no whole answer", "a member");
    for (String[] filter :
        List.of(
            new String[] {"ensemble=org%2FVote", "vote-1"},
            new String[] {"member=second", "climb-1"},
            new String[] {"team=none", "alone-1"},
            new String[] {"failed=request", "route-1.9"},
            new String[] {"failed=member", "climb-1"},
            new String[] {"key=key-0f6a1b2c3d4e&member=ben&ensemble=org%2FVote", "vote-1"})) {
      String page = visit.get("/console/decisions?from=&to=&" + filter[0]).body();
      for (String id : IDS) {
        assertEquals(
            id.equals(filter[1]), page.contains("/decisions/%s\"".formatted(id)), filter[0] + id);
      }
      assertTrue(page.contains("/api/v1/decisions?"), page);
    }
    String none = visit.get("/console/decisions?from=2024-01-01T00:00:00Z").body();
    assertTold(none, "No decision fits.");
    assertTold(visit.get("/console/decisions?to=2023-11-15T00:00:00Z").body(), "route-1");
    for (String wrong :
        List.of("failed=both", "from=yesterday", "cursor=x", "colour=red", "team=a%00b")) {
      visit.get("/console/decisions?" + wrong, 400);
    }
    for (String text : List.of("'%20or%20'1'='1", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")) {
      String page = visit.get("/console/decisions?ensemble=%s&key=%s".formatted(text, text)).body();
      assertFalse(page.contains("<script>alert"), page);
      assertTold(page, "No decision fits.");
    }
  }

  @Test
  void theWholeListIsCsvPageByPage() {
    String csv = Rest.get("/console/decisions/~csv?team=search").expect(200).body();
    assertEquals(6, csv.lines().count(), csv);
    assertTrue(csv.startsWith("id,time,ensemble,"), csv);
    assertTrue(
        csv.contains(
            "\r\nclimb-1,2023-11-14T22:13:20Z,steps,3,ladder,first second jury,search,key-0f6a1b2c3d4e,1200,34,0.000120000001,false,member\r\n"),
        csv);
    Rest.get("/console/decisions/~csv?failed=both").expect(400);
  }

  @Test
  void oneIsFoundByItsId() {
    Browsing visit = Browsing.begin();
    assertEquals(
        "/console/decisions/a%2Fb%20c",
        Rest.uri("/")
            .relativize(
                java.net.URI.create(
                    Rest.get("/console/decisions/~find?id=%20a%2Fb%20c").header("Location")))
            .toString()
            .replaceFirst("^(?!/)", "/"));
    String none = visit.get("/console/decisions/nobody", 404).body();
    assertTrue(none.contains("There is no such decision."), none);
    assertTrue(none.contains("DECISION_NOT_FOUND"), none);
  }

  @Test
  void aRoutersPictureHasCandidatesDeviationAndShadow() {
    String page = Browsing.begin().get("/console/decisions/route-1").body();
    assertEquals(2, page.split("<g class=\"candidate").length - 1 - 2, "two of the legend");
    assertEquals(2, page.split("<g class=\"in-shadow").length - 1 - 1, "one of the legend");
    assertTrue(page.contains("<title>small: 0.000100 USD expected, score 0.620 +- 0.0500"), page);
    assertTrue(page.contains("<title>In shadow: large: 0.0100 USD expected, score 0.800"), page);
    assertTrue(page.contains("href=\"/console/ensembles/org%2FRoute\""), page);
    assertTrue(page.contains("href=\"/console/artifacts/router-service/org%2FFit\""), page);
    assertTrue(page.contains("href=\"/console/decisions?key=key-0f6a1b2c3d4e\""), page);
    assertTold(
        page,
        "large as L",
        "Left out: it is away.",
        "version 3, would have asked in this order",
        "lambda",
        "999: 4711",
        "rated 0.75",
        "large as good as small",
        "not learned: It has no artifact.");
    assertEquals(-1, page.indexOf("<img"));
  }

  @Test
  void aCascadesRungsAreToldInTheirOrderWithWhatLiesWithin() {
    Browsing visit = Browsing.begin();
    String page = visit.get("/console/decisions/climb-1").body();
    String rungs = flat(page.substring(page.indexOf("<table class=\"rungs\">")));
    assertTrue(
        rungs.matches(
            ".*first answer 1 of 2 passed on .*first answer 2 of 2 passed on .*second failed .*It is full\\..*jury"
                + " accepted .*dearest not asked .*"),
        rungs);
    assertTrue(page.contains("<rect class=\"part\" width=\"40.0\""), page);
    assertTrue(page.contains("<path d=\"M80.0 0V14\"/>"), page);
    assertTold(
        page,
        "0.004 USD, against always asking the dearest member",
        "cosine 0.97",
        "write verify",
        "mean logprob -0.910",
        "2 more were not told");
    assertTrue(page.contains("<strong aria-current=\"page\">steps</strong>"), page);
    assertTrue(page.contains("<a href=\"/console/decisions/climb-1.1.1\">deeper</a>"), page);
    String within = visit.get("/console/decisions/climb-1.1").body();
    assertTrue(within.contains("<strong aria-current=\"page\">jury</strong>"), within);
    assertTrue(within.contains("<a href=\"/console/decisions/climb-1\">steps</a>"), within);
  }

  @Test
  void aFusionsVotesAndSimilarityAreShown() {
    String page = Browsing.begin().get("/console/decisions/vote-1").body();
    String votes = flat(page.substring(page.indexOf("<h2>Votes")));
    assertTrue(votes.contains("42 given 0.75 ann, ben"), votes);
    assertTrue(page.contains("<td class=\"number shade3\" data-label=\"ben\">0.500</td>"), page);
    assertTrue(page.contains("<rect class=\"part\" width=\"75.0\""), page);
    assertFalse(page.contains("<script>alert") || page.contains("<img"), page);
  }

  @Test
  void whatMembersThoughtOfTheFirstTokensIsShown() {
    String page = Browsing.begin().get("/console/decisions/write-1").body();
    assertTold(page, "ensembled_steps 5", "steps 12", "0.7", "token");
    assertTrue(page.contains("<td class=\"number shade3\" data-label=\"ann\">0.500</td>"), page);
    assertTrue(page.contains("<td class=\"number shade0\" data-label=\"ann\">-</td>"), page);
    assertTrue(page.contains("<td class=\"number shade2\" data-label=\"ben\">0.368</td>"), page);
    assertTrue(page.contains("<td class=\"number shade4\" data-label=\"ann\">0.875</td>"), page);
    assertTrue(page.contains("\\n&lt;script&gt;"), page);
  }

  @Test
  void aModelAndAFailureHaveATable() {
    Browsing visit = Browsing.begin();
    String alone = visit.get("/console/decisions/alone-1").body();
    assertTrue(alone.contains("href=\"/console/models/org%2FSmall\""), alone);
    assertTold(alone, "there was nothing to decide", "Nobody has said anything.");
    assertFalse(alone.contains("Decisions within decisions"), alone);
    String failed = visit.get("/console/decisions/route-1.9").body();
    assertTold(
        failed,
        "No whole answer",
        "All members failed:",
        "odd NaN",
        "&quot;odd&quot;: &quot;NaN&quot;");
    assertEquals(
        "NaN", Rest.get("decisions/route-1.9").expect(200).json().at("/inputs/odd").asText());
    assertFalse(failed.contains("<script>alert") || failed.contains("<img"), failed);
    assertFalse(failed.contains("Decisions within decisions"), failed);
  }

  @Test
  void itsTablesAreCsv() {
    String members = Rest.get("/console/decisions/route-1/candidates.csv").expect(200).body();
    assertTrue(members.contains("1,small,,chosen,0.62,0.05,0.9,,1.0E-4,1.2E-4,0.25,,"), members);
    String said = Rest.get("/console/decisions/route-1/feedback.csv").expect(200).body();
    assertTrue(
        said.contains("one,2023-11-14T22:15:00Z,judge,small,0.75,,,,,,'=1+1 <script>"), said);
    assertTrue(said.contains("two,2023-11-14T22:15:00Z,person,,,,,large,small,true,,"), said);
    Rest.get("/console/decisions/nobody/candidates.csv").expect(404);
  }

  @Test
  void theRestTellsTheSame() {
    assertEquals("climb-1", Rest.get("decisions?failed=member").json().at("/items/0/id").asText());
    var first = Rest.get("decisions?limit=4").json();
    assertEquals(4, first.path("items").size());
    var rest = Rest.get("decisions?limit=4&cursor=" + first.path("next_cursor").asText()).json();
    assertEquals("alone-1", rest.at("/items/0/id").asText());
    assertTrue(rest.path("next_cursor").isMissingNode(), rest.toString());
    Rest.get("jobs?cursor=" + first.path("next_cursor").asText()).expect(400);
    var whole = Rest.get("decisions/climb-1.1").json();
    assertEquals("jury", whole.path("ensemble").asText());
    assertEquals("FAMILY_FUSION", whole.path("family").asText());
    var said = Rest.get("decisions/route-1/feedback?limit=1").json();
    assertEquals("judge", said.at("/items/0/source").asText());
    said =
        Rest.get("decisions/route-1/feedback?limit=1&cursor=" + said.path("next_cursor").asText())
            .json();
    assertTrue(said.at("/items/0/comparison/tie").asBoolean(), said.toString());
    Rest.get("decisions/nobody").expect(404);
  }

  @Test
  void aRouterThatIsAwayIsTold() {
    Browsing visit = Browsing.begin();
    Surroundings.open().stop("router");
    try {
      visit.get("/console/decisions", 503);
      visit.get("/console/decisions/route-1", 503);
      Rest.get("/console/decisions/~csv").expect(503);
    } finally {
      Surroundings.open().start("router");
      Rest.awaitNeighbours();
    }
  }
}
