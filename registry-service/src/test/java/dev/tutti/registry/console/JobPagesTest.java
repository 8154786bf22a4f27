package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.Datasets;
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
class JobPagesTest {

  @Test
  void jobsOfAllServicesAreListedAndLookedAtAgainWhileOneGoesOn() {
    Browsing visit = Browsing.begin();
    String all = visit.get("/console/jobs?service=&kind=fit&state=").body();
    for (String job : List.of("router-service/fit-10", "cascade-service/fit-9")) {
      assertTrue(all.contains("href=\"/console/jobs/%s\"".formatted(job)), all);
    }
    assertTrue(all.contains("hx-trigger=\"every 2s\""), all);
    assertTrue(all.contains("/api/v1/jobs?kind=fit"), all);
    String ended = visit.get("/console/jobs?kind=fit&state=succeeded").body();
    assertFalse(ended.contains("fit-9") || ended.contains("every 2s"), ended);
    String csv = Rest.get("/console/jobs/~csv?service=cascade-service").expect(200).body();
    assertEquals(4, csv.lines().count());
    assertTrue(
        csv.contains("cascade-service,fit-9,fit,failed,0,0,,,bob,0,1970-01-01T00:00:09Z,,"), csv);
    visit.get("/console/jobs?state=dead", 400);
    visit.get("/console/jobs?service=nobody-service", 404);
    visit.get("/console/jobs/router-service/fit-9", 404);
  }

  @Test
  void oneIsShownAndAskedToStop() {
    Browsing visit = Browsing.begin();
    String running = visit.get("/console/jobs/router-service/fit-1").body();
    assertTrue(running.contains("Ask it to stop"), running);
    assertTrue(running.contains("/cancel&#39;"), running);
    Browsing.post("/console/jobs/router-service/fit-1/cancel", "", "Cookie", visit.cookie())
        .expect(403);
    visit.send("/console/jobs/router-service/fit-1/cancel").expect(303);
    assertEquals("cancel", Rest.get("audit?name=fit-1").json().at("/items/0/action").asText());
    String ended = visit.get("/console/jobs/router-service/fit-8").body();
    assertFalse(ended.contains("Ask it to stop") || ended.contains("every 2s"), ended);
  }

  @Test
  void whatAnImportRefusedIsTold() {
    Browsing visit = Browsing.begin();
    String evil = "{\"query_id\": \"<script>alert(1)</script>\", \"<img src=x>\": 1}\n";
    String id = Datasets.start("console-refused", "", Datasets.line("q", "train", 1) + evil);
    Datasets.end(id);
    String page = visit.get("/console/jobs/registry-service/" + id).body();
    assertTrue(page.contains("Lines that were refused"), page);
    assertFalse(page.contains("<script>alert") || page.contains("<img"), page);
    String csv =
        Rest.get("/console/jobs/registry-service/%s/refusals.csv".formatted(id)).expect(200).body();
    assertEquals(2, csv.lines().count());
    assertTrue(csv.contains("\r\n2,"), csv);
    String list = visit.get("/console/jobs?kind=import").body();
    assertTrue(list.contains("<progress") && list.contains(id), list);
  }

  @Test
  void aServiceThatIsAwayIsNamedAndTheRestIsTold() {
    Browsing visit = Browsing.begin();
    Surroundings.open().stop("cascade");
    try {
      String list = visit.get("/console/jobs?kind=fit").body();
      assertTrue(list.contains("<strong>cascade-service</strong> cannot be asked now"), list);
      assertTrue(list.contains("fit-10"), list);
      visit.get("/console/jobs/cascade-service/fit-7", 503);
      // A file would not tell what it lacks.
      for (String csv : List.of("jobs/~csv", "artifacts/~csv", "ensembles/~methods.csv")) {
        String refused = visit.get("/console/" + csv, 503).body();
        assertTrue(refused.contains("cascade-service cannot be asked now"), refused);
      }
    } finally {
      Surroundings.open().start("cascade");
      Rest.awaitNeighbours();
    }
  }
}
