package dev.tutti.registry.api;

import static dev.tutti.registry.testing.Datasets.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class DatasetResourceTest {

  @Test
  void whatIsImportedIsDescribedAndRead() {
    JsonNode report =
        Datasets.take(
            "good",
            "",
            line("a", "train", 1) + "\n" + line("c", "test", 0.5) + line("b", "train", 0.25));
    assertEquals(3, report.path("lines").asInt(), report.toString());
    assertEquals(3, report.path("imported").asInt());
    assertEquals(0, report.path("refused").asInt());

    Rest.Answer answer = Rest.get("datasets/good").expect(200);
    JsonNode dataset = answer.json();
    assertEquals("\"" + dataset.path("revision").asText() + "\"", answer.etag());
    Rest.get("datasets/good", "If-None-Match", answer.etag()).expect(304);
    assertEquals(report.path("revision"), dataset.path("revision"));
    assertEquals(3, dataset.path("queries").asInt());
    assertEquals("usd_per_call", dataset.path("cost_unit").asText());
    assertTrue(dataset.path("fingerprint").asText().matches("[0-9a-f]{64}"));
    assertEquals(
        "[{\"set\":\"sums\",\"split\":\"test\",\"queries\":1},{\"set\":\"sums\",\"split\":\"train\",\"queries\":2}]",
        dataset.path("slices").toString());
    JsonNode good = dataset.at("/members/1");
    assertEquals("good", good.path("name").asText());
    assertEquals(3, good.path("outcomes").asInt());
    assertEquals(1, good.path("coverage").asDouble());
    assertEquals(1.75 / 3, good.path("mean_score").asDouble(), 1e-12);

    JsonNode queries = Rest.get("datasets/good/queries").expect(200).json().path("items");
    assertEquals(List.of("a", "b", "c"), texts(queries, "id"));
    assertEquals(
        "{\"id\":\"a\",\"dataset\":\"sums\",\"split\":\"train\",\"query\":\"What is a?\",\"models\":{"
            + "\"bad\":{\"score\":0.0,\"cost\":0.001},\"good\":{\"score\":1.0,\"response\":\"x\",\"cost\":0.002}}}",
        queries.get(0).toString());
    assertEquals(
        List.of("c"),
        texts(Rest.get("datasets/good/queries?split=test").json().path("items"), "id"));
    assertEquals(
        List.of(), texts(Rest.get("datasets/good/queries?set=none").json().path("items"), "id"));

    JsonNode audit = Rest.get("audit?name=good").expect(200).json().at("/items/0");
    assertEquals("import", audit.path("action").asText());
    assertEquals("dataset", audit.path("kind").asText());
  }

  private static List<String> texts(JsonNode items, String field) {
    var texts = new ArrayList<String>();
    items.forEach(item -> texts.add(item.path(field).asText()));
    return texts;
  }

  @Test
  void linesThatCannotBeTakenAreToldAndTheOthersGoOn() {
    String tooLong = "{\"id\":\"%s\"}\n".formatted("x".repeat(1 << 20));
    String lines =
        line("a", "train", 1)
            + "no json\n"
            + line("b", "train", 1).replace("\"score\":1.0", "\"score\":\"good\"")
            + tooLong
            + line("c", "train", 1).replace("\"id\":\"c\",", "");
    String job = Datasets.start("partly", "", lines + line("d", "train", 1).stripTrailing());
    JsonNode ended = Datasets.end(job);
    assertEquals(
        "6 lines: 2 imported, 0 extended, 0 replaced, 4 refused", ended.path("message").asText());
    assertEquals(ended.path("total"), ended.path("done"));
    JsonNode report = ended.path("result");
    assertEquals(6, report.path("lines").asInt(), report.toString());
    assertEquals(2, report.path("imported").asInt());
    assertEquals(4, report.path("refused").asInt());
    assertEquals(4, report.path("refusals_kept").asInt());
    var refused = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page = Rest.get("jobs/" + job + "/refusals?limit=3" + cursor).expect(200).json();
      page.path("items")
          .forEach(
              line -> refused.add(line.path("line").asInt() + " " + line.path("field").asText()));
      cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
    } while (cursor != null);
    assertEquals(List.of("2 ", "3 models.good.score", "4 ", "5 id"), refused);
  }

  @Test
  void theSameLinesAgainChangeNothingAndOrderDoesNotMatter() {
    String lines = line("a", "train", 1) + line("b", "test", 0.5);
    Datasets.take("same", "", lines);
    JsonNode before = Rest.get("datasets/same").json();
    JsonNode report = Datasets.take("same", "", lines + line("a", "train", 1));
    assertEquals(3, report.path("unchanged").asInt(), report.toString());
    assertEquals(0, report.path("imported").asInt());
    assertEquals(before, Rest.get("datasets/same").json());

    Datasets.take("same-turned", "", line("b", "test", 0.5));
    Datasets.take("same-turned", "", line("a", "train", 1));
    JsonNode turned = Rest.get("datasets/same-turned").json();
    assertEquals(before.path("fingerprint"), turned.path("fingerprint"));
    assertNotEquals(before.path("revision"), turned.path("revision"));
  }

  @Test
  void aLineThatContradictsIsRefusedOrReplaces() {
    Datasets.take("torn", "", line("a", "train", 1) + line("b", "train", 1));
    JsonNode refused = Datasets.take("torn", "", line("a", "train", 0.5) + line("b", "test", 1));
    assertEquals(2, refused.path("refused").asInt(), refused.toString());
    assertEquals(1, mean("torn", 1));
    JsonNode replaced =
        Datasets.take(
            "torn", "?on_conflict=replace", line("a", "train", 0.5) + line("b", "test", 1));
    assertEquals(2, replaced.path("replaced").asInt(), replaced.toString());
    assertEquals(0.75, mean("torn", 1));
    JsonNode dataset = Rest.get("datasets/torn").json();
    assertEquals(2, dataset.path("queries").asInt());
    assertEquals(List.of("test", "train"), texts(dataset.path("slices"), "split"));
    // As if it had never been otherwise.
    Datasets.take("torn-fresh", "", line("a", "train", 0.5) + line("b", "test", 1));
    assertEquals(
        dataset.path("fingerprint"), Rest.get("datasets/torn-fresh").json().path("fingerprint"));
  }

  private static double mean(String dataset, int member) {
    return Rest.get("datasets/" + dataset)
        .json()
        .at("/members/" + member + "/mean_score")
        .asDouble();
  }

  @Test
  void aLineMayAddWhatAQueryLacks() {
    Datasets.take("grown", "", line("a", "train", 1));
    JsonNode report =
        Datasets.take(
            "grown",
            "",
            """
            {"id":"a","query":"What is a?","reference":"1","models":{"new":{"score":0.5,"tokens":3}},"topic":"x"}
            """);
    assertEquals(1, report.path("extended").asInt(), report.toString());
    assertEquals("[\"tokens\"]", report.path("numbers").toString());
    assertEquals("[\"topic\"]", report.path("labels").toString());
    JsonNode query = Rest.get("datasets/grown/queries").json().at("/items/0");
    assertEquals("train", query.path("split").asText());
    assertEquals("1", query.path("reference").asText());
    assertEquals("x", query.at("/labels/topic").asText());
    assertEquals(3, query.path("models").size());
    assertEquals(3, query.at("/models/new/numbers/tokens").asInt());
  }

  @Test
  void shortLinesMayAddToQueriesThatTogetherAreLong() {
    var long20 = new StringBuilder();
    var short20 = new StringBuilder();
    String response = "y".repeat(900_000);
    for (int i = 0; i < 20; i++) {
      long20.append(line("q" + i, "train", 1).replace("\"x\"", "\"" + response + "\""));
      String added =
          "{\"id\":\"q%d\",\"query\":\"What is q%d?\",\"models\":{\"%s\":{\"score\":0.5}}}\n";
      short20.append(added.formatted(i, i, "new")).append(added.formatted(i, i, "newer"));
    }
    Datasets.take("long", "", long20.toString());
    JsonNode report = Datasets.take("long", "", short20.toString() + line("q20", "train", 1));
    assertEquals(40, report.path("extended").asInt(), report.toString());
    assertEquals(1, report.path("imported").asInt());
    JsonNode members = Rest.get("datasets/long").json().path("members");
    assertEquals(List.of("bad", "good", "new", "newer"), texts(members, "name"));
    assertEquals(20, members.path(3).path("outcomes").asInt());
  }

  @Test
  void aBodyMayBeCompressed() throws IOException {
    byte[] lines = line("a", "train", 1).repeat(50).getBytes(StandardCharsets.UTF_8);
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(lines);
    }
    String job =
        Datasets.post("packed/imports", packed.toByteArray(), "Content-Encoding", "gzip")
            .expect(202)
            .json()
            .path("id")
            .asText();
    JsonNode report = Datasets.end(job).path("result");
    assertEquals(49, report.path("unchanged").asInt(), report.toString());
    Datasets.post("packed/imports", lines, "Content-Encoding", "gzip")
        .expectProblem(400, "malformed", "body", "gzip");
    byte[] broken = java.util.Arrays.copyOf(packed.toByteArray(), packed.size() - 12);
    Datasets.post("packed/imports", broken, "Content-Encoding", "gzip")
        .expectProblem(400, "malformed", "body", "broke off");
    Datasets.post("packed/imports", lines, "Content-Encoding", "br")
        .expectProblem(415, "unsupported-media-type", null, "gzip");
    Datasets.post("packed/imports", lines, "Content-Type", "application/json").expect(415);
    // What a small body may become is bounded.
    var bomb = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bomb)) {
      byte[] spaces = " ".repeat(1 << 20).replace("  ", " \n").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 33; i++) {
        gzip.write(spaces);
      }
    }
    Datasets.post("bomb/imports", bomb.toByteArray(), "Content-Encoding", "gzip")
        .expectProblem(413, "too-large", null, "33554432 bytes");
    Rest.get("datasets/bomb").expect(404);
  }

  @Test
  void wrongRequestsAreRefused() {
    byte[] lines = line("a", "train", 1).getBytes(StandardCharsets.UTF_8);
    Datasets.post("wrong/imports?on_conflct=replace", lines)
        .expectProblem(400, "malformed", "on_conflct", "on_conflict");
    Datasets.post("wrong/imports?on_conflict=merge", lines)
        .expectProblem(400, "malformed", "on_conflict", "refuse or replace");
    Datasets.post("wrong/imports?cost_unit=eur", lines)
        .expectProblem(400, "malformed", "cost_unit", "usd_per_call");
    Datasets.post("wrong/imports?ignore=a,score", lines)
        .expectProblem(400, "malformed", "ignore", "score");
    Datasets.post("wrong%20name/imports", lines)
        .expectProblem(400, "malformed", "name", "no dataset");
    Datasets.post("wrong/imports", new byte[0]).expectProblem(400, "malformed", "body", "one line");
    Datasets.post("wrong/imports", lines, "X-Tutti-User", "x".repeat(129)).expect(400);
    Rest.get("datasets/wrong").expectProblem(404, "not-found", null, "wrong");
    Rest.get("datasets/wrong/queries").expect(404);
    Rest.get("datasets?limit=0").expectProblem(400, "malformed", "limit", "1 to 200");
    Rest.get("datasets?cursor=x").expectProblem(400, "malformed", "cursor", "cursor");
    Rest.get("datasets?page=2").expectProblem(400, "malformed", "page", "limit");
    Rest.get("jobs/nobody").expectProblem(404, "not-found", null, "nobody");
    Rest.get("jobs/nobody/refusals").expect(404);
    Rest.post("jobs/nobody/cancel", null).expect(404);
    Rest.get("jobs?state=tired").expectProblem(400, "malformed", "state", "queued");
    Rest.get("jobs?cursor=x").expectProblem(400, "malformed", "cursor", "cursor");
  }

  @Test
  void costsOfDifferentUnitsAreNotMixed() {
    Datasets.take("unit", "?cost_unit=relative", line("a", "train", 1));
    assertEquals("relative", Rest.get("datasets/unit").json().path("cost_unit").asText());
    Datasets.post(
            "unit/imports?cost_unit=usd_per_call",
            line("b", "train", 1).getBytes(StandardCharsets.UTF_8))
        .expectProblem(422, "invalid", "cost_unit", "relative");
    JsonNode report = Datasets.take("unit", "", line("b", "train", 1));
    assertEquals(1, report.path("imported").asInt());
  }

  @Test
  void datasetsQueriesAndJobsArePaged() {
    var lines = new StringBuilder();
    for (int i = 0; i < 25; i++) {
      lines.append(line("%c%d".formatted(i % 2 == 0 ? 'z' : 'Z', i), "train", 1));
    }
    Datasets.take("paged-1", "", lines.toString());
    Datasets.take("paged-2", "", line("a", "train", 1));
    Datasets.take("paged-3", "", line("a", "train", 1));
    List<String> names = all("datasets?limit=2", "name");
    assertTrue(names.containsAll(List.of("paged-1", "paged-2", "paged-3")));
    assertEquals(new ArrayList<>(new TreeSet<>(names)), names);
    List<String> ids = all("datasets/paged-1/queries?limit=7", "id");
    assertEquals(25, ids.size());
    assertEquals(new ArrayList<>(new TreeSet<>(ids)), ids, "in order of bytes");
    List<String> jobs = all("jobs?service=registry-service&limit=2", "id");
    assertEquals(jobs.size(), new TreeSet<>(jobs).size());
    assertEquals(
        all("jobs?service=registry-service&limit=200&state=succeeded", "id"),
        jobs.stream()
            .filter(id -> Rest.get("jobs/" + id).json().path("state").asText().equals("succeeded"))
            .toList());
  }

  private static List<String> all(String path, String field) {
    var found = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page = Rest.get(path + cursor).expect(200).json();
      found.addAll(texts(page.path("items"), field));
      cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
    } while (cursor != null);
    return found;
  }

  @Test
  void aDatasetIsDeletedByWhoHasSeenIt() {
    Datasets.take("gone", "", line("a", "train", 1));
    String etag = Rest.get("datasets/gone").etag();
    Datasets.take("gone", "", line("b", "train", 1));
    Rest.send("DELETE", "datasets/gone", null)
        .expectProblem(428, "version-required", null, "If-Match");
    Rest.send("DELETE", "datasets/gone", null, "If-Match", etag)
        .expectProblem(412, "stale", null, "gone");
    Rest.send(
            "DELETE",
            "datasets/gone",
            null,
            "If-Match",
            Rest.get("datasets/gone").etag(),
            "X-Tutti-User",
            "ada")
        .expect(204);
    Rest.get("datasets/gone").expect(404);
    Rest.send("DELETE", "datasets/gone", null, "If-Match", "*").expect(404);
    JsonNode audit = Rest.get("audit?name=gone").json().at("/items/0");
    assertEquals("delete", audit.path("action").asText());
    assertEquals("ada", audit.path("user").asText());
    // It is another one then, and no ETag comes twice.
    Datasets.take("gone", "", line("a", "train", 1));
    assertFalse(etag.equals(Rest.get("datasets/gone").etag()));
  }
}
