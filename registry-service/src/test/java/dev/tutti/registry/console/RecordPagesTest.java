package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The page that records a dataset. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class RecordPagesTest {

  private static final String EVIL = "\"><script>alert(1)</script><img src=x>'";
  private static final String LINES =
      "{\"prompt\": \"6*7=\", \"reference\": 42}\n{\"prompt\": \"6*8=\", \"reference\": 48}\n{}\n";

  private final Browsing visit = Browsing.begin();

  @BeforeAll
  static void members() {
    for (String name : new String[] {"0-page-good", "0-page-bad", "page-judge"}) {
      Rest.createModel(name, "full");
    }
  }

  private Answer send(String path, String token, byte[] file, String... fields) {
    var body = new ByteArrayOutputStream();
    part(body, "csrf", token);
    for (int i = 0; i < fields.length; i += 2) {
      part(body, fields[i], fields[i + 1]);
    }
    body.writeBytes(
        "--xYz\r\nContent-Disposition: form-data; name=\"body\"; filename=\"q.jsonl\"\r\n\r\n"
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(file);
    body.writeBytes("\r\n--xYz--\r\n".getBytes(StandardCharsets.UTF_8));
    Answer answer =
        Datasets.send(
            path.startsWith("/console") ? path : "/console/recordings" + path,
            body.toByteArray(),
            "Content-Type",
            "multipart/form-data; boundary=xYz",
            "Cookie",
            visit.cookie());
    return answer.status() == 303 ? answer : Browsing.page(answer);
  }

  private Answer send(String path, String... fields) {
    return send(path, visit.token(), LINES.getBytes(StandardCharsets.UTF_8), fields);
  }

  private static void part(ByteArrayOutputStream body, String name, String value) {
    body.writeBytes(
        "--xYz\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
            .formatted(name, value)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String job(Answer answer) {
    String job = answer.expect(303).header("Location").replaceFirst("^http://[^/]+", "");
    assertTrue(job.startsWith("/console/jobs/registry-service/"), job);
    Datasets.end(job.substring(job.lastIndexOf('/') + 1));
    return job;
  }

  @Test
  void aRecordingIsEstimatedAndStartedAndFollowed() {
    assertTrue(
        visit.get("/console/datasets").body().contains("href=\"/console/recordings\""), "no way");
    String form = visit.get("/console/recordings?dataset=page%2Fsums").body();
    assertTrue(form.contains("value=\"page/sums\""), form);
    assertTrue(
        form.contains("<input type=\"checkbox\" name=\"members\" value=\"0-page-good\">"), form);
    int before = Surroundings.open().generation().requests("0-page-good").size();
    String[] order = {
      "dataset",
      "page/sums",
      "members",
      "0-page-good",
      "more_members",
      "0-page-bad",
      "scorer",
      "number",
      "budget_usd",
      "1",
      "max_tokens",
      "100",
      "temperature",
      "0",
      "split",
      "train",
      "concurrency",
      "2"
    };
    String estimate = send("/~check", order).expect(200).body();
    assertTrue(estimate.contains("It would cost about 0.001206 US dollars"), estimate);
    assertTrue(estimate.contains("2 questions"), estimate);
    assertTrue(estimate.contains("Line 3, <code>prompt</code>"), estimate);
    assertTrue(
        estimate.contains(
            "<input type=\"checkbox\" name=\"members\" value=\"0-page-good\" checked>"),
        estimate);
    assertEquals(before, Surroundings.open().generation().requests("0-page-good").size());
    Rest.get("datasets/page%2Fsums").expect(404);

    String job = job(send("", order));
    String page = visit.get(job).body();
    assertTrue(page.contains("href=\"/console/datasets/page%2Fsums\""), page);
    assertTrue(page.contains("<th scope=\"row\">0-page-bad</th>"), page);
    assertTrue(page.contains("0.004 US dollars"), page);
    String csv =
        Rest.get(
                "/console/recordings/%s/members.csv"
                    .formatted(job.substring(job.lastIndexOf('/') + 1)))
            .expect(200)
            .body();
    assertTrue(csv.contains("0-page-good,2,0,0,0.002,1.0"), csv);
    assertEquals(2, Rest.get("datasets/page%2Fsums").json().path("queries").asInt());
  }

  @Test
  void aCompressedFileAndAJudgeWillDo() throws IOException {
    var zipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(zipped)) {
      gzip.write("{\"prompt\": \"6*7=\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    String job =
        job(
            send(
                "",
                visit.token(),
                zipped.toByteArray(),
                "dataset",
                "page-judged",
                "members",
                "0-page-good",
                "scorer",
                "judge",
                "judge",
                "page-judge",
                "budget_usd",
                "1",
                "system",
                "Count.\r\nBe short."));
    assertTrue(visit.get(job).body().contains("0-page-good"));
    assertEquals(1, Rest.get("datasets/page-judged").json().at("/members/0/mean_score").asDouble());
    var requests = Surroundings.open().generation().requests("0-page-good");
    assertEquals("Count.\nBe short.", requests.getLast().getMessages(0).getContent());
  }

  @Test
  void ratedDecisionsAreTakenOver() {
    assertTrue(
        visit.get("/console/rated?dataset=page-rated").body().contains("value=\"page-rated\""));
    byte[] file =
        "{\"decision\": \"d-1\", \"prompt\": \"6*7=\"}\n".getBytes(StandardCharsets.UTF_8);
    send("/console/rated", "", file, "dataset", "page-rated").expect(403);
    String time =
        send("/console/rated", visit.token(), file, "dataset", "page-rated", "from", EVIL)
            .expect(400)
            .body();
    assertTrue(time.contains("href=\"#field-from\""), time);
    assertFalse(time.contains("<script>alert") || time.contains("<img"), time);
    String job =
        job(
            send(
                "/console/rated",
                visit.token(),
                file,
                "dataset",
                "page-rated",
                "ensembles",
                "specialists\r\nother",
                "least_ratings",
                "1"));
    assertTrue(visit.get(job).body().contains("href=\"/console/datasets/page-rated\""));
    assertEquals(1, Rest.get("datasets/page-rated").json().path("queries").asInt());
    assertEquals(
        java.util.List.of("specialists", "other"),
        Surroundings.open().rated().requests().getLast().getEnsemblesList());
  }

  @Test
  void whatIsRefusedIsToldInTheForm() {
    send("", "", LINES.getBytes(StandardCharsets.UTF_8), "dataset", "page-forged").expect(403);
    send("/~check", "A".repeat(43), LINES.getBytes(StandardCharsets.UTF_8)).expect(403);
    String nothing = send("").expect(400).body();
    assertTrue(nothing.contains("href=\"#field-dataset\""), nothing);
    String budget =
        send("", "dataset", "page-x", "members", "0-page-good", "scorer", "number")
            .expect(400)
            .body();
    assertTrue(budget.contains("budget_usd is required"), budget);
    assertTrue(budget.contains("value=\"page-x\""), budget);
    String nobody =
        send(
                "/~check",
                "dataset",
                "page-x",
                "more_members",
                "page-nobody",
                "scorer",
                "number",
                "budget_usd",
                "1")
            .expect(422)
            .body();
    assertTrue(nobody.contains("There is no model or ensemble &#39;page-nobody&#39;."), nobody);
    String[] good = {
      "dataset", "page-x", "members", "0-page-good", "scorer", "number", "budget_usd", "1"
    };
    for (String field :
        new String[] {
          "dataset",
          "more_members",
          "scorer",
          "judge",
          "budget_usd",
          "max_tokens",
          "seed",
          "split",
          "on_conflict",
          "temperature",
          "top_p",
          "concurrency"
        }) {
      var all = new java.util.ArrayList<>(java.util.List.of(good));
      int at = all.indexOf(field);
      if (at >= 0) {
        all.set(at + 1, EVIL);
      } else {
        all.addAll(java.util.List.of(field, EVIL));
      }
      String evil = send("/~check", all.toArray(String[]::new)).body();
      assertFalse(evil.contains("<script>alert") || evil.contains("<img"), field + ": " + evil);
    }
    Rest.get("datasets/page-x").expect(404);
  }
}
