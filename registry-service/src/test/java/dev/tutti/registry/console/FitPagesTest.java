package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pages that import lines and start fits of them. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class FitPagesTest {

  private static final String EVIL = "\"><script>alert(1)</script><img src=x>'";

  @Test
  void linesAreImportedByFormAsTheyAreOrCompressed() throws IOException {
    Browsing visit = Browsing.begin();
    assertTrue(
        visit.get("/console/imports?dataset=form%2Fsums").body().contains("value=\"form/sums\""));
    String bad = "{\"id\": \"q0\", \"turns\": 1}\n";
    String lines = Datasets.line("q1", "train", 1) + bad;
    Answer taken =
        upload(visit, visit.token(), lines.getBytes(StandardCharsets.UTF_8), "name", "form/sums");
    String job = taken.expect(303).header("Location").replaceFirst("^http://[^/]+", "");
    assertTrue(job.startsWith("/console/jobs/registry-service/"), job);
    Datasets.end(job.substring(job.lastIndexOf('/') + 1));
    String page = visit.get(job).body();
    assertTrue(page.contains("href=\"/console/datasets/form%2Fsums\""), page);
    assertTrue(page.contains(job + "/refusals.csv"), page);
    assertEquals(1, Rest.get("datasets/form%2Fsums").json().path("queries").asInt());
    var zipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(zipped)) {
      gzip.write(
          Datasets.line("q2", "test", 1)
              .replace("\"id\"", "\"seen\":1,\"id\"")
              .getBytes(StandardCharsets.UTF_8));
    }
    job =
        upload(
                visit,
                visit.token(),
                zipped.toByteArray(),
                "name",
                "form/sums",
                "ignore",
                "seen",
                "on_conflict",
                "replace",
                "cost_unit",
                "usd_per_call")
            .expect(303)
            .header("Location");
    Datasets.end(job.substring(job.lastIndexOf('/') + 1));
    assertEquals(2, Rest.get("datasets/form%2Fsums").json().path("queries").asInt());
  }

  @Test
  void anImportIsRefusedInTheForm() {
    Browsing visit = Browsing.begin();
    byte[] line = Datasets.line("q1", "train", 1).getBytes(StandardCharsets.UTF_8);
    upload(visit, "", line, "name", "form-forged").expect(403);
    upload(visit, "A".repeat(43), line, "name", "form-forged").expect(403);
    String empty =
        upload(visit, visit.token(), new byte[0], "name", "form-empty").expect(400).body();
    assertTrue(empty.contains("at least one line") && empty.contains("#field-body"), empty);
    assertTrue(empty.contains("value=\"form-empty\""), empty);
    for (String field : new String[] {"name", "cost_unit", "on_conflict"}) {
      String evil =
          upload(visit, visit.token(), line, "name", "form-evil", field, EVIL).expect(400).body();
      assertFalse(evil.contains("<script>alert") || evil.contains("<img"), evil);
    }
    String ignoring =
        upload(visit, visit.token(), line, "name", "form-evil", "ignore", EVIL)
            .expect(303)
            .header("Location");
    String job = visit.get(ignoring.replaceFirst("^http://[^/]+", "")).body();
    assertFalse(job.contains("<script>alert") || job.contains("<img"), job);
    String unit =
        upload(visit, visit.token(), line, "name", "form-unit", "cost_unit", "euros")
            .expect(400)
            .body();
    assertTrue(unit.contains("cost_unit is &#39;euros&#39;"), unit);
    Rest.get("datasets/form-unit").expect(404);
    Rest.get("datasets/form-forged").expect(404);
  }

  @Test
  void aFitIsCheckedAndStartedAndFollowedToItsArtifact() {
    Browsing visit = Browsing.begin();
    Datasets.take("fit-sums", "", Datasets.line("q1", "train", 1) + Datasets.line("q2", "", 1));
    String catalog = visit.get("/console/fits?dataset=fit-sums").body();
    assertTrue(catalog.contains("/console/fits?method=ladder&amp;dataset=fit-sums"), catalog);
    assertFalse(catalog.contains("method=coin"), catalog);
    assertTrue(
        Rest.get("/console/fits/~methods.csv")
            .expect(200)
            .body()
            .contains("\r\nladder,cascade,cascade-service,A toy.,"));
    visit.get("/console/fits?method=coin", 422);
    String form = visit.get("/console/fits?method=ladder&dataset=fit-sums").body();
    assertTrue(form.contains("name=\"settings.steps\"") && form.contains("1 to 4"), form);
    assertTrue(form.contains("<input type=\"checkbox\" name=\"members\" value=\"bad\">"), form);
    assertTrue(form.contains("<option value=\"train\">"), form);
    assertTrue(form.contains("<option value=\"&quot;&quot;\">"), form);
    String[] order = {
      "method", "ladder", "artifact", "fit-a", "dataset", "fit-sums", "members", "good", "members",
      "bad", "split", "\"\"", "holdout", "0.5", "seed", "7", "settings.steps", "3"
    };
    String good = send(visit, order, "step", "check").expect(200).body();
    assertTrue(good.contains("It can be started") && good.contains("Start the fit"), good);
    for (String its :
        new String[] {
          "&quot;split&quot; : &quot;&quot;",
          "&quot;steps&quot; : 3",
          "&quot;seed&quot; : 7",
          "&quot;members&quot; : [ &quot;good&quot;, &quot;bad&quot; ]"
        }) {
      assertTrue(good.contains(its), its + good);
    }
    assertTrue(good.contains("value=\"bad\" checked"), good);
    assertEquals(0, Rest.get("audit?name=fit-a").json().path("items").size());
    String looked = send(visit, order, "step", "look").expect(200).body();
    assertFalse(looked.contains("It can be started"), looked);
    String job = send(visit, order, "step", "start").expect(303).header("Location");
    assertTrue(job.endsWith("/console/jobs/cascade-service/started-fit"), job);
    assertEquals("fit", Rest.get("audit?name=fit-a").json().at("/items/0/action").asText());
    String page = visit.get("/console/jobs/cascade-service/started-fit").body();
    assertTrue(page.contains("href=\"/console/artifacts/cascade-service/org%2FFit\""), page);
  }

  @Test
  void aFitIsRefusedBeforeItStartsAsTheRestDoes() {
    Browsing visit = Browsing.begin();
    String[] order = {"method", "ladder", "artifact", "fit-b", "dataset", "poor"};
    for (String step : new String[] {"check", "start"}) {
      String refused = send(visit, order, "step", step).expect(400).body();
      assertTrue(
          refused.contains("neighbours is 0") && refused.contains("settings.neighbours"), refused);
      assertTrue(refused.contains("value=\"poor\""), refused);
    }
    send(visit, order, "step", "check", "seed", "much").expect(400);
    send(visit, new String[] {"method", "ladder"}, "step", "check").expect(400);
    send(visit, new String[] {"method", "dice"}, "step", "check").expect(422);
    Browsing.post("/console/fits", "method=ladder&step=start", "Cookie", visit.cookie())
        .expect(403);
    assertEquals(0, Rest.get("audit?name=fit-b").json().path("items").size());
    String evil =
        send(
                visit,
                new String[] {"method", "ladder"},
                "step",
                "look",
                "artifact",
                EVIL,
                "dataset",
                EVIL,
                "split",
                EVIL,
                "members",
                EVIL,
                "holdout",
                EVIL,
                "seed",
                EVIL,
                "settings.steps",
                EVIL,
                "quality_drop",
                EVIL,
                "budget_usd",
                EVIL)
            .expect(200)
            .body();
    assertFalse(evil.contains("<script>alert") || evil.contains("<img"), evil);
    assertTrue(evil.contains("&lt;script&gt;"), evil);
    visit.get("/console/fits?method=ladder&dataset=" + Browsing.encoded(EVIL));
    visit.get("/console/fits?dataset=" + Browsing.encoded(EVIL));
  }

  @Test
  void theRestChecksAFitAndBeginsNothing() {
    String order = "{\"artifact\": \"fit-c\", \"method\": \"ladder\", \"dataset\": \"%s\"}";
    Rest.post("fits?validate_only=true", order.formatted("sums")).expect(204);
    Rest.post("fits?validate_only=true", order.formatted("nowhere"))
        .expectProblem(404, "not-found", "dataset", "There is no dataset");
    Rest.post("fits?validate_only=yes", order.formatted("sums")).expect(400);
    assertEquals(0, Rest.get("audit?name=fit-c").json().path("items").size());
    Rest.post("fits?validate_only=false", order.formatted("sums")).expect(202);
    String evaluation = "{\"ensemble\": \"%s\", \"policy\": {\"uniform\": true}}";
    Rest.post("evaluations?validate_only=true", evaluation.formatted("fit-e")).expect(204);
    Rest.post("evaluations?validate_only=true", evaluation.formatted("nobody"))
        .expectProblem(400, "refused", "ensemble", "not a routing ensemble");
    assertEquals(0, Rest.get("audit?name=fit-e").json().path("items").size());
  }

  private static Answer send(Browsing visit, String[] fields, String... more) {
    var all = new java.util.ArrayList<>(java.util.List.of(fields));
    all.addAll(java.util.List.of(more));
    return visit.send("/console/fits", all.toArray(String[]::new));
  }

  /** As a browser sends a form with a file. */
  private static Answer upload(Browsing visit, String token, byte[] file, String... fields) {
    var body = new ByteArrayOutputStream();
    part(body, "csrf", token);
    for (int i = 0; i < fields.length; i += 2) {
      part(body, fields[i], fields[i + 1]);
    }
    text(
        body,
        "--edge\r\nContent-Disposition: form-data; name=\"body\"; filename=\"a.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n");
    body.writeBytes(file);
    text(body, "\r\n--edge--\r\n");
    Answer answer =
        Datasets.send(
            "/console/imports",
            body.toByteArray(),
            "Content-Type",
            "multipart/form-data; boundary=edge",
            "Cookie",
            visit.cookie(),
            "Sec-Fetch-Site",
            "same-origin");
    return answer.status() == 303 ? answer : Browsing.page(answer);
  }

  private static void part(ByteArrayOutputStream body, String name, String value) {
    text(
        body,
        "--edge\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
            .formatted(name, value));
  }

  private static void text(ByteArrayOutputStream body, String text) {
    body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
