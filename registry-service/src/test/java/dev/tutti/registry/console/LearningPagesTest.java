package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.api.ArtifactItem;
import dev.tutti.registry.api.ComparisonItem;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pages of datasets and of what fits made of them. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class LearningPagesTest {

  private static final String FIT = "/console/artifacts/router-service/org%2FFit";

  @Test
  void datasetsAreListedShownAndDeleted() {
    Browsing visit = Browsing.begin();
    String evil =
        Datasets.line("q1", "<img src=x>", 1).replace("\"good\"", "\"<script>alert(1)</script>\"");
    Datasets.take("console%2Fevil", "", evil + Datasets.line("q2", "train", 0.5));
    assertTrue(
        visit
            .get("/console/datasets")
            .body()
            .contains("href=\"/console/datasets/console%2Fevil\""));
    String page = visit.get("/console/datasets/console%2Fevil").body();
    assertTrue(page.contains("&lt;script&gt;alert(1)") && page.contains("&lt;img src=x&gt;"), page);
    assertTrue(page.contains("<dt>Queries</dt><dd>2</dd>"), page);
    String members = Rest.get("/console/datasets/console%2Fevil/members.csv").expect(200).body();
    assertTrue(members.contains("\r\nbad,2,1.0,0.0\r\n"), members);
    assertTrue(Rest.get("/console/datasets/~csv").expect(200).body().contains("console/evil,"));
    String revision = Browsing.hidden(page, "version");
    Browsing.post("/console/datasets/console%2Fevil/delete", "version=" + revision).expect(403);
    visit.send("/console/datasets/console%2Fevil/delete", "version", "77").expect(412);
    visit.send("/console/datasets/console%2Fevil/delete", "version", revision).expect(303);
    visit.get("/console/datasets/console%2Fevil", 404);
  }

  @Test
  void whatFitsMadeIsListedAndSwitched() {
    Browsing visit = Browsing.begin();
    String list = visit.get("/console/artifacts").body();
    assertTrue(list.contains("href=\"%s\"".formatted(FIT)), list);
    assertTrue(
        Rest.get("/console/artifacts/~csv")
            .expect(200)
            .body()
            .contains("router-service,org/Fit,coin,2,2,"));
    String page = visit.get(FIT).body();
    assertTrue(page.contains("<dt>quality</dt><dd>0.5</dd>"), page);
    assertTrue(
        page.contains("\"/console/ensembles/~new?method=coin&amp;artifact=org%2FFit\""), page);
    assertTrue(
        page.contains("Let version 1 answer") && !page.contains("Let version 2 answer"), page);
    Browsing.post(FIT, "step=activate&version=1", "Cookie", visit.cookie()).expect(403);
    for (String step : List.of("activate", "shadow", "rollback", "unshadow")) {
      visit.send(FIT, "step", step, "version", "1").expect(303);
    }
    assertEquals(
        "unshadow", Rest.get("audit?name=org%2FFit").json().at("/items/0/action").asText());
    visit.send(FIT, "step", "activate", "version", "3").expect(404);
    visit.send(FIT, "step", "activate", "version", "99999999999").expect(404);
    visit.send(FIT, "step", "activate").expect(400);
    visit.send(FIT, "step", "burn", "version", "1").expect(400);
    visit.get("/console/artifacts/router-service/nothing", 404);
    visit.get("/console/artifacts/fusion-service/org%2FFit", 501);
    assertEquals(3, Rest.get(FIT + "/versions.csv").expect(200).body().lines().count());
  }

  @Test
  void versionsOfAllServicesAreComparedInTablesAndADrawing() {
    Browsing visit = Browsing.begin();
    String both =
        "/console/comparisons?version=router-service%2Forg%2FFit%2F1&version=cascade-service%2Forg%2FFit%2F2";
    String page = visit.get(both).body();
    assertTrue(page.contains("the same 4 queries"), page);
    assertTrue(
        page.contains(
            "/api/v1/comparisons?versions=router-service%2Forg%2FFit%2F1%2Ccascade-service%2Forg%2FFit%2F2"),
        page);
    assertTrue(page.contains("data-label=\"Quality\">0.5</td>"), page);
    assertTrue(page.contains("0.5 to 0.5 (0.95, 4 queries)"), page);
    assertTrue(page.contains("class=\"line line2\"") && page.contains("class=\"oracle\""), page);
    // Both versions say the same of the members.
    assertEquals(2 + 1, page.split("<g class=\"alone\">", -1).length - 1);
    assertTrue(page.contains("class=\"hull\""), page);
    String mixed =
        visit
            .get(
                "/console/comparisons?service=router-service&name=org%2FFit&versions="
                    + Browsing.encoded("1, other/1 cascade-service/org/Fit/2"))
            .body();
    assertTrue(mixed.contains("0 are shared by all"), mixed);
    assertTrue(mixed.contains("0 were held out from both."), mixed);
    visit.get("/console/comparisons?versions=router-service%2Forg%2FFit%2F1", 400);
    visit.get("/console/comparisons", 400);
    visit.get(
        "/console/comparisons?versions=" + Browsing.encoded("1,\"><script>alert(1)</script>"), 400);
    visit.get(
        "/console/comparisons?versions=router-service%2Fa%2Fb%2F1,router-service%2Fc%2F1", 404);
    visit.get(
        "/console/comparisons?versions=fusion-service%2Fa%2F1,router-service%2Forg%2FFit%2F1", 501);
    String tables =
        "/console/comparisons/%s.csv?versions=router-service%%2Forg%%2FFit%%2F1,router-service%%2Fother%%2F1";
    assertEquals(
        "router-service,other,1,router-service,org/Fit,1,,,,,,They were not measured on the same queries: 0 were held out from both.",
        lastLine(tables.formatted("pairs")));
    assertEquals("router-service,other,1,0.001,0.4", lastLine(tables.formatted("points")));
    assertEquals(",0.002,0.9", lastLine(tables.formatted("alone")));
    assertEquals("quality,0.5,0.5", lastLine(tables.formatted("metrics")));
    Rest.get(tables.formatted("others")).expect(404);
  }

  private static String lastLine(String csv) {
    return Rest.get(csv).expect(200).body().lines().toList().getLast();
  }

  @Test
  void theRestComparesVersionsOfSeveralServices() {
    var compared =
        Rest.get(
                "comparisons?versions=cascade-service/org/Fit/2,router-service/org/Fit/1,router-service/other/2")
            .expect(200)
            .json();
    assertEquals(0, compared.path("shared_queries").asInt());
    assertEquals("cascade-service", compared.at("/versions/0/service").asText());
    assertEquals(4, compared.at("/versions/0/held_out").asInt());
    assertFalse(compared.at("/versions/0").has("shared_quality"));
    assertEquals("bert", compared.at("/versions/2/members/1/member").asText());
    assertEquals(0.9, compared.at("/versions/2/oracle/quality").asDouble());
    assertEquals("router-service", compared.at("/pairs/0/service").asText());
    assertEquals("cascade-service", compared.at("/pairs/0/base_service").asText());
    assertEquals(-0.5, compared.at("/pairs/0/quality_difference").asDouble());
    assertFalse(compared.at("/pairs/1/comparable").asBoolean(true));
    for (String wrong :
        List.of(
            "",
            "?versions=router-service/a/1",
            "?versions=a/1,a/2",
            "?versions=a//1,b/c/1",
            "?versions=router-service/org/Fit/0,router-service/org/Fit/1")) {
      Rest.get("comparisons" + wrong).expectProblem(400, "malformed", "versions", "versions");
    }
    Surroundings.open().stop("cascade");
    try {
      Rest.get("comparisons?versions=cascade-service/org/Fit/2,router-service/org/Fit/1")
          .expectProblem(503, "unavailable", null, "cascade-service");
    } finally {
      Surroundings.open().start("cascade");
      Rest.awaitNeighbours();
    }
  }

  @Test
  void whatAVersionSaidInShadowIsTold() {
    Browsing visit = Browsing.begin();
    String page = visit.get(FIT + "/shadow?version=1").body();
    assertTrue(page.contains("in 0.75 of them") && page.contains("-0.002 USD"), page);
    assertTrue(page.contains(">3</td>") && page.contains(">0</td>"), page);
    assertTrue(page.contains("Where they disagree") && page.contains("&lt;script&gt;"), page);
    assertEquals("bert,0,1", lastLine(FIT + "/choices.csv?version=1"));
    assertEquals(
        "anna,<script>alert(1)</script>,1", lastLine(FIT + "/disagreements.csv?version=1"));
    assertTrue(lastLine(FIT + "/changes.csv").endsWith(",activate,2,eve"));
    assertTrue(visit.get(FIT + "/shadow?version=2").body().contains("It has said nothing yet."));
    visit.get("/console/artifacts/router-service/nothing/shadow", 404);
    visit.get(FIT + "/shadow?version=x", 400);
  }

  /** 0.001 and 0.004 USD are the ends of the axis: 70 and 620. 0.4 and 0.8 are 310 and 20. */
  @Test
  void curvesAreDrawnToScale() {
    CostCurves curves =
        CostCurves.of(
            comparison(
                List.of(
                    List.of(
                        new ComparisonItem.CostPoint(0.001, 0.4),
                        new ComparisonItem.CostPoint(0.004, 0.8)),
                    List.of(new ComparisonItem.CostPoint(0.002, 0.5)),
                    List.of())));
    assertEquals("70.0,310.0 620.0,20.0", curves.lines().getFirst().points());
    // A third of the way, and a quarter of it.
    assertEquals("253.3,237.5", curves.lines().getLast().points());
    assertEquals(List.of(1, 2), curves.lines().stream().map(CostCurves.Line::place).toList());
    assertEquals("0.00100", curves.costTicks().getFirst().text());
    assertEquals("0.800", curves.qualityTicks().getLast().text());
    // One point alone lies in the middle; none is no drawing.
    CostCurves one =
        CostCurves.of(comparison(List.of(List.of(new ComparisonItem.CostPoint(0, 0)))));
    assertEquals("345.0,165.0", one.lines().getFirst().points());
    assertFalse(one.costTicks().getFirst().text().contains("NaN"));
    assertNull(CostCurves.of(comparison(List.of(List.of()))));
  }

  /**
   * Members alone at (1, .2), (2, .3), (3, .8): drawing between the first and the last is better
   * than the one in between, so the hull leaves it out. Who lacks a cost is not drawn.
   */
  @Test
  void membersTheirHullAndTheOracleAreDrawnBeside() {
    CostCurves curves =
        CostCurves.of(
            comparison(
                List.of(List.of(), List.of(new ComparisonItem.CostPoint(2, 0.5))),
                List.of(
                    new ComparisonItem.MemberPoint("first", 1.0, 0.2),
                    new ComparisonItem.MemberPoint("middle", 2.0, 0.3),
                    new ComparisonItem.MemberPoint("last", 3.0, 0.8),
                    new ComparisonItem.MemberPoint("unpaid", null, 0.9)),
                new ComparisonItem.Oracle(2.0, 1.0, 8)));
    assertEquals(
        List.of("first", "middle", "last"),
        curves.members().stream().map(CostCurves.Dot::name).toList());
    // .2 and 1 are 310 and 20: .8 is three quarters up.
    assertEquals("70.0,310.0 620.0,92.5", curves.hull());
    assertEquals("345.0", curves.oracles().getFirst().x());
    assertEquals("20.0", curves.oracles().getFirst().y());
    assertEquals(1, curves.oracles().size());
    assertEquals(2, curves.lines().getFirst().place());
    assertEquals("US dollars a query", curves.costs());
  }

  /** Between a cost in US dollars and a relative one nothing is reached by drawing. */
  @Test
  void costsThatAreNotInTheSameAreToldApart() {
    var members =
        List.of(
            new ComparisonItem.MemberPoint("first", 1.0, 0.2),
            new ComparisonItem.MemberPoint("last", 3.0, 0.8));
    ComparisonItem same = comparison(List.of(List.of(), List.of()), members, null);
    ComparisonItem.Compared its = same.versions().getFirst();
    var relative =
        new ComparisonItem.Compared(
            its.service(),
            its.version(),
            its.memberShares(),
            its.sets(),
            its.curve(),
            its.members(),
            its.oracle(),
            "relative",
            its.heldOut(),
            its.sharedQuality());
    CostCurves curves = CostCurves.of(new ComparisonItem(List.of(its, relative), List.of(), null));
    assertEquals("", curves.hull());
    assertEquals("Cost, which is not in the same for all: usd_per_call, relative", curves.costs());
  }

  private static ComparisonItem comparison(List<List<ComparisonItem.CostPoint>> curves) {
    return comparison(curves, List.of(), null);
  }

  private static ComparisonItem comparison(
      List<List<ComparisonItem.CostPoint>> curves,
      List<ComparisonItem.MemberPoint> members,
      ComparisonItem.Oracle oracle) {
    return new ComparisonItem(
        curves.stream()
            .map(
                curve ->
                    new ComparisonItem.Compared(
                        "router-service",
                        new ArtifactItem.Version(
                            "a", 1, "coin", 1, Map.of(), Map.of(), Instant.EPOCH, "bob"),
                        Map.of(),
                        List.of(),
                        curve,
                        members,
                        oracle,
                        "usd_per_call",
                        null,
                        null))
            .toList(),
        List.of(),
        null);
  }
}
