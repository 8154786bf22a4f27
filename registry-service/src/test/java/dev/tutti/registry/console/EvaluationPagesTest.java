package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pages that tell what somebody else would have been worth: policies, and partners. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class EvaluationPagesTest {

  private static final String EVIL = "\"><script>alert(1)</script><img src=x>'";

  @Test
  void aPolicyIsCheckedAndEvaluated() {
    Browsing visit = Browsing.begin();
    Rest.createModel("evaluated-m", "full");
    Rest.createEnsemble("evaluated", "coin", "m:evaluated-m");
    Rest.createModel("evaluated-n", "full");
    Rest.createEnsemble("evaluated-ballot", "ballot", "m:evaluated-m", "m:evaluated-n");
    String form = visit.get("/console/evaluations/~new?ensemble=evaluated").body();
    assertTrue(form.contains("value=\"evaluated\""), form);
    assertFalse(form.contains("evaluated-ballot"), form);
    assertTrue(form.contains("<option value=\"evaluated-m\">"), form);
    String good =
        visit
            .send(
                "/console/evaluations",
                "ensemble",
                "evaluated",
                "policy",
                "weights",
                "policy.weights",
                "evaluated-m 2.5\nother",
                "usd_weight",
                "10",
                "from",
                "2026-11-01T00:00:00Z",
                "step",
                "check")
            .expect(200)
            .body();
    assertTrue(good.contains("It can be begun"), good);
    for (String its :
        List.of(
            "&quot;evaluated-m&quot; : 2.5",
            "&quot;other&quot; : 1",
            "&quot;usd_weight&quot; : 10",
            "&quot;from&quot; : &quot;2026-11-01T00:00:00Z&quot;")) {
      assertTrue(good.contains(its), its + good);
    }
    assertEquals(
        0,
        Rest.get("audit?name=evaluated&limit=1")
            .json()
            .at("/items")
            .findValuesAsText("action")
            .stream()
            .filter("evaluate"::equals)
            .count());
    String job =
        visit
            .send(
                "/console/evaluations",
                "ensemble",
                "evaluated",
                "policy",
                "uniform",
                "step",
                "start")
            .expect(303)
            .header("Location");
    assertTrue(job.endsWith("/console/jobs/router-service/started-evaluate"), job);
    assertEquals(
        "evaluate", Rest.get("audit?name=evaluated").json().at("/items/0/action").asText());
    String page = visit.get("/console/jobs/router-service/started-evaluate").body();
    assertTrue(page.contains("href=\"/console/evaluations/started-evaluate\""), page);
  }

  @Test
  void whatIsRefusedIsToldInTheForm() {
    Browsing visit = Browsing.begin();
    String refused =
        visit
            .send(
                "/console/evaluations",
                "ensemble",
                "nobody",
                "policy",
                "member",
                "policy.member",
                "ada",
                "step",
                "check")
            .expect(400)
            .body();
    assertTrue(
        refused.contains("is not a routing ensemble") && refused.contains("value=\"ada\""),
        refused);
    visit.send("/console/evaluations", "policy", "uniform", "step", "start").expect(400);
    Browsing.post("/console/evaluations", "policy=uniform&step=start", "Cookie", visit.cookie())
        .expect(403);
    for (String policy : List.of("member", "weights", "uniform", "shadow", "fitted", EVIL)) {
      visit.get("/console/evaluations/~new?policy=" + Browsing.encoded(policy));
      String evil =
          visit
              .send(
                  "/console/evaluations",
                  "ensemble",
                  EVIL,
                  "policy",
                  policy,
                  "policy.member",
                  EVIL,
                  "policy.weights",
                  EVIL,
                  "policy.shadow.artifact",
                  EVIL,
                  "policy.shadow.version",
                  EVIL,
                  "policy.fitted.method",
                  EVIL,
                  "policy.fitted.version",
                  EVIL,
                  "from",
                  EVIL,
                  "to",
                  EVIL,
                  "usd_weight",
                  EVIL,
                  "step",
                  "look")
              .expect(200)
              .body();
      assertFalse(evil.contains("<script>alert") || evil.contains("<img"), evil);
    }
  }

  @Test
  void whatItWouldHaveEarnedIsToldWithIntervals() {
    Browsing visit = Browsing.begin();
    String list = visit.get("/console/evaluations").body();
    assertTrue(list.contains("fitted: method coin, version 2"), list);
    assertTrue(list.contains("0.6 (0.52 to 0.68)") && list.contains("321.5"), list);
    String page = visit.get("/console/evaluations/started-evaluate").body();
    for (String its :
        List.of(
            "0.61</td>",
            "0.72</td>",
            "1200",
            "and older ones",
            "Self-normalised",
            "&lt;img src=x&gt;")) {
      assertTrue(page.contains(its), its + page);
    }
    for (String body : List.of(list, page)) {
      assertFalse(body.contains("<script>alert") || body.contains("<img"), body);
    }
    visit.get("/console/evaluations/fit-8", 404);
    visit.get("/console/evaluations/nothing", 404);
    String csv = Rest.get("/console/evaluations/~csv").expect(200).body();
    assertTrue(csv.contains(",1200.0,321.5,0.61,0.5,0.72,0.6,0.52,0.68,,,,0.1,0.02,0.18,,"), csv);
    assertTrue(
        Rest.get("/console/evaluations/started-evaluate/estimates.csv")
            .expect(200)
            .body()
            .contains("\r\ngain,0.1,0.02,0.18\r\n"));
  }

  /** All three answered both queries: bad is 1 of 1 below the best, near is as good and as long. */
  @Test
  void whoMayWriteTogetherIsToldOnTheDatasetsPages() {
    Browsing visit = Browsing.begin();
    String line =
        Datasets.line("q1", "train", 1)
            .replace(
                "\"models\":{", "\"models\":{\"<img src=x>\":{\"score\":1,\"response\":\"y\"},");
    Datasets.take("partners", "", line + line.replace("q1", "q2"));
    String page = visit.get("/console/datasets/partners").body();
    assertTrue(page.contains("action=\"/console/datasets/partners/partners\""), page);
    String told =
        visit
            .get("/console/datasets/partners/partners?split=train&set=&within=&style_ratio=")
            .body();
    assertTrue(told.contains("over the 2 queries") && told.contains("may not"), told);
    assertTrue(told.contains("/api/v1/datasets/partners/partners?split=train&#39;"), told);
    assertFalse(told.contains("<img"), told);
    String two = visit.get("/console/datasets/partners/partners?member=good&member=bad").body();
    assertFalse(two.contains("&lt;img"), two);
    visit.get("/console/datasets/partners/partners?member=nobody", 422);
    visit.get("/console/datasets/partners/partners?within=7", 400);
    visit.get("/console/datasets/nothing/partners", 404);
    String queries = visit.get("/console/datasets/partners/queries?split=train").body();
    assertTrue(queries.contains("What is q2?") && queries.contains("&lt;img src=x&gt;"), queries);
    assertTrue(
        visit.get("/console/datasets/partners/queries?set=none").body().contains("No query is of"));
    visit.get("/console/datasets/nothing/queries", 404);
    assertTrue(
        Rest.get("/console/datasets/partners/queries/~csv")
            .expect(200)
            .body()
            .contains("\r\nq2,sums,train,What is q2?,,bad,0.0,0.001,,,"));
    String csv =
        Rest.get("/console/datasets/partners/partners.csv?members=good,bad").expect(200).body();
    assertTrue(csv.contains("\r\nbad,false,0.0,"), csv);
    assertTrue(
        Rest.get("/console/datasets/partners/slices.csv")
            .expect(200)
            .body()
            .contains("sums,train,2"));
  }
}
