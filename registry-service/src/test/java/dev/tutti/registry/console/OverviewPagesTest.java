package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
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
class OverviewPagesTest {

  @Test
  void itIsTheFirstPage() {
    assertEquals("/console/overview", path(Rest.get("/console").expect(303).header("Location")));
    assertTrue(Browsing.begin().get("/console/overview").body().contains("<h1>Overview</h1>"));
  }

  private static String path(String location) {
    return location.replaceFirst("^http://[^/]*", "");
  }

  @Test
  void whatWasAskedIsToldAsTheRestTellsIt() {
    JsonNode told = Rest.get("activity").expect(200).json();
    assertEquals(
        "{\"requests\":4,\"failures\":1,\"prompt_tokens\":1200,\"completion_tokens\":340,\"cost_usd\":0.75,\"compared\":2,"
            + "\"compared_usd\":0.2,\"dearest_usd\":0.5,\"saved_usd\":0.3,\"p50_seconds\":0.75,\"p95_seconds\":2.5}",
        told.path("all").toString());
    assertEquals("2020-09-13T00:00:00Z", told.path("from").asText());
    assertEquals(3_600, told.path("step_seconds").asInt());
    assertEquals(7, told.path("ensemble_count").asInt());
    assertFalse(told.at("/steps/1/activity").has("p50_seconds"));
    Browsing visit = Browsing.begin();
    String page = visit.get("/console/overview?period=&ensemble=").body();
    for (String text :
        List.of(
            "<dd>4</dd>",
            "1 <span class=\"quiet\">25.0 %</span>",
            "0.3 <span class=\"quiet\">USD, 60.0 %</span>",
            "href=\"/console/overview?period=day&amp;ensemble=vote\"",
            "&lt;img src=x&gt;",
            "7 were asked",
            "/api/v1/activity",
            "<option value=\"day\" selected>")) {
      assertTrue(page.contains(text), text + "\n" + page);
    }
    // 3 charts: of all steps, but for times, which only one has.
    assertEquals(3, page.split("<svg class=\"curves\"").length - 1);
    assertEquals(2 * 2 + 2 * 2 + 2, page.split("<circle").length - 1);
    String one = visit.get("/console/overview?period=month&ensemble=vote").body();
    assertTrue(one.contains("period=month&amp;ensemble=vote"), one);
    assertTrue(one.contains(">13 Sep</text>"), one);
    String idle = visit.get("/console/overview?ensemble=idle").body();
    assertTrue(idle.contains("Nothing was asked of <strong>idle</strong>"), idle);
    Rest.get("activity?period=year")
        .expectProblem(400, "malformed", "period", "hour, day, week, month");
    Rest.get("activity?ensemble=a%20b").expectProblem(400, "malformed", "ensemble", "no name");
    visit.get("/console/overview?period=year", 400);
    visit.get("/console/overview?ensemble=" + Browsing.encoded("'; drop table x; --"), 400);
    visit.get(
        "/console/overview?ensemble=" + Browsing.encoded("\"><script>alert(1)</script>"), 400);
  }

  @Test
  void itCanBeHadAsCsv() {
    String steps = Rest.get("/console/overview/~csv?ensemble=vote").expect(200).body();
    assertEquals(
        List.of(
            "start,requests,failures,prompt_tokens,completion_tokens,cost_usd,compared,compared_usd,dearest_usd,saved_usd,"
                + "p50_seconds,p95_seconds",
            "2020-09-13T00:00:00Z,3,1,1200,340,0.25,2,0.2,0.5,0.3,0.75,2.5",
            "2020-09-13T01:00:00Z,0,0,0,0,0.0,0,0.0,0.0,0.0,,"),
        steps.lines().toList());
    String ensembles = Rest.get("/console/overview/~ensembles.csv").expect(200).body();
    assertTrue(ensembles.contains("<img src=x>,1,0,0,0,0.5,"), ensembles);
    Rest.get("/console/overview/~csv?ensemble=unwell").expect(503);
  }

  @Test
  void itSaysWhoIsHealthyWhatWaitsAndWhoMayComeIn() {
    JsonNode platform = Rest.get("platform").expect(200).json();
    assertEquals(
        List.of(
            "registry-service",
            "router-service",
            "decoder-service",
            "fusion-service",
            "cascade-service"),
        platform.path("services").findValuesAsText("service"));
    assertEquals("ready", platform.at("/services/0/state").asText());
    assertEquals("degraded", platform.at("/services/1/state").asText());
    assertEquals(
        "It finds that fusion-service does not serve.", platform.at("/services/1/reason").asText());
    assertFalse(platform.at("/services/2").has("reason"));
    assertEquals(
        "{\"front_door_keys\":false,\"admin_keys\":false}", platform.path("doors").toString());
    assertEquals(
        "{\"model\":\"<img src=y>\",\"place\":2,\"state\":\"failing\",\"seconds_left_alone\":4.5,\"calls\":0}",
        platform.at("/models/endpoints/0").toString());
    assertEquals("ready", platform.at("/models/endpoints/1/state").asText());
    assertTrue(
        Rest.get("/console/overview/~endpoints.csv")
            .expect(200)
            .body()
            .contains("<img src=y>,2,failing,4.5,0"));
    assertEquals(23, platform.at("/waiting/feedback").asInt());
    assertEquals(17, platform.at("/waiting/decisions").asInt());
    assertEquals("vote", platform.at("/waiting/unanswered/0").asText());
    // Scripted jobs failed in 1970.
    assertEquals(0, platform.at("/waiting/jobs_failed").asInt());
    assertTrue(platform.at("/waiting/jobs_running").asInt() > 0);
    String page = Browsing.begin().get("/console/overview").body();
    for (String text :
        List.of(
            "It finds that fusion-service does not serve.",
            "23 pieces not learned from yet",
            "17 wait",
            "Cannot be answered now (1): <code>vote</code>",
            "It is open: whoever reaches it is answered without a key.",
            "2 in all, 1 left alone",
            "&lt;img src=y&gt;",
            "<span class=\"state failing\">",
            "It is &lt;b&gt;no&lt;/b&gt; file.",
            "They are open")) {
      assertTrue(page.contains(text), text + "\n" + page);
    }
  }

  @Test
  void whoIsAwayIsToldAndTheRestToo() {
    Surroundings.open().stop("router");
    Surroundings.open().stop("fusion");
    try {
      String page = Browsing.begin().get("/console/overview").body();
      assertTrue(page.contains("What was asked cannot be told now: router-service"), page);
      assertEquals(2, page.split("<span class=\"state away\">").length - 1);
      assertTrue(page.contains("not known: router-service does not answer"), page);
      Rest.get("activity").expect(503);
      JsonNode platform = Rest.get("platform").expect(200).json();
      assertFalse(platform.path("doors").has("front_door_keys"));
      assertFalse(platform.path("waiting").has("feedback"));
    } finally {
      Surroundings.open().start("router");
      Surroundings.open().start("fusion");
      Rest.awaitNeighbours();
    }
  }
}
