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
  void versionsAreComparedInATableAndADrawing() {
    Browsing visit = Browsing.begin();
    String page = visit.get(FIT + "/compare?versions=" + Browsing.encoded("1, 2 other/1")).body();
    assertTrue(page.contains("/compare?versions=1%2C2%2Cother%2F1"), page);
    assertTrue(page.contains("<td class=\"number\" data-label=\"Queries\">8</td>"), page);
    assertTrue(page.contains("-0.25 to 0.5 (0.95)"), page);
    assertTrue(page.contains("They held out other queries."), page);
    assertTrue(page.contains("class=\"line line3\""), page);
    visit.get(FIT + "/compare?versions=1", 400);
    visit.get(FIT + "/compare", 400);
  }

  @Test
  void whatAVersionSaidInShadowIsTold() {
    Browsing visit = Browsing.begin();
    String page = visit.get(FIT + "/shadow?version=1").body();
    assertTrue(page.contains("in 0.75 of them") && page.contains("-0.002 USD"), page);
    assertTrue(page.contains(">3</td>") && page.contains(">0</td>"), page);
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

  private static ComparisonItem comparison(List<List<ComparisonItem.CostPoint>> curves) {
    return new ComparisonItem(
        curves.stream()
            .map(
                curve ->
                    new ComparisonItem.Compared(
                        new ArtifactItem.Version(
                            "a", 1, "coin", 1, Map.of(), Map.of(), Instant.EPOCH, "bob"),
                        Map.of(),
                        List.of(),
                        curve))
            .toList(),
        List.of());
  }
}
