package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class ModelPagesTest {

  private static final String EVIL = "<script>alert('x')</script><img src=x onerror=\"alert(1)\">";

  @Test
  void whatTheDecoderFindsIsShownBeforeAnythingIsSaved() {
    Browsing visit = Browsing.begin();
    String[] fields = {
      "name",
      "form/model",
      "runtime",
      "onnx",
      "location",
      "full",
      "lifecycle",
      "active",
      "usd_per_million_prompt_tokens",
      "0.5",
      "usd_per_million_completion_tokens",
      "1e0",
      "aliases",
      "form-a\r\n\r\n form-b ",
      "description",
      "Two\r\nlines."
    };
    String looked = visit.send("/console/models", with(fields, "step", "check")).expect(200).body();
    assertTrue(looked.contains("full_distribution"), looked);
    assertTrue(looked.contains("128 tokens"), looked);
    assertTrue(looked.contains("value=\"save\""), looked);
    assertTrue(looked.contains("curl -s -X POST"), looked);
    Rest.get("models/form%2Fmodel").expect(404);
    Answer saved = visit.send("/console/models", with(fields, "step", "save")).expect(303);
    assertTrue(saved.header("Location").endsWith("/console/models/form%2Fmodel"));
    var model = Rest.get("models/form%2Fmodel").expect(200).json();
    assertEquals("active", model.path("lifecycle").asText());
    assertEquals(0.5, model.path("usd_per_million_prompt_tokens").asDouble());
    assertEquals("[\"form-a\",\"form-b\"]", model.path("aliases").toString());
    assertEquals("Two\nlines.", model.path("description").asText());
    assertTrue(visit.get("/console/models/form%2Fmodel").body().contains("0.5 USD a million"));
    // By an alias too, as the REST does.
    assertTrue(visit.get("/console/models/form-a").body().contains("<h1>form/model</h1>"));
  }

  @Test
  void whatIsRefusedKeepsWhatWasTypedAndSaysWhyAtTheField() {
    Browsing visit = Browsing.begin();
    String body =
        visit
            .send(
                "/console/models",
                "name",
                "form-refused",
                "runtime",
                "onnx",
                "location",
                "corrupt",
                "usd_per_million_prompt_tokens",
                "-3",
                "usd_per_million_completion_tokens",
                "2",
                "context_length",
                "0",
                "step",
                "save")
            .expect(422)
            .body();
    assertTrue(body.contains("value=\"-3\""), body);
    assertTrue(
        body.contains(
            "<strong class=\"error\">usd_per_million_prompt_tokens is -3.0; it must be at least 0 and finite.</strong>"),
        body);
    assertTrue(body.contains("context_length is 0"), body);
    assertFalse(body.contains("value=\"save\""), body);
    String dear =
        visit
            .send(
                "/console/models",
                "name",
                "form-refused",
                "runtime",
                "onnx",
                "location",
                "full",
                "usd_per_million_prompt_tokens",
                "dear",
                "usd_per_million_completion_tokens",
                "2")
            .expect(400)
            .body();
    assertTrue(dear.contains("usd_per_million_prompt_tokens has the wrong type"), dear);
    for (String absurd : List.of("1e999", "9".repeat(40), "0x10", "NaN", "1,5", "٣")) {
      int status =
          visit
              .send(
                  "/console/models",
                  "name",
                  "form-refused",
                  "runtime",
                  "onnx",
                  "location",
                  "full",
                  "usd_per_million_prompt_tokens",
                  "1",
                  "usd_per_million_completion_tokens",
                  "2",
                  "context_length",
                  absurd)
              .status();
      assertTrue(status == 400 || status == 422, absurd + " gives " + status);
    }
    Rest.get("models/form-refused").expect(404);
  }

  @Test
  void aModelBehindAnEndpointIsProbedToo() {
    Browsing visit = Browsing.begin();
    String[] fields = {
      "name",
      "form-endpoint",
      "runtime",
      "openai",
      "credential",
      "env:KEY",
      "usd_per_million_prompt_tokens",
      "0",
      "usd_per_million_completion_tokens",
      "0"
    };
    String well =
        visit
            .send("/console/models", with(fields, "endpoints", "https://well.example.com/v1"))
            .expect(200)
            .body();
    assertTrue(
        well.contains("top_logprobs") && well.contains("<dt>Alternatives a token</dt><dd>5"));
    String key =
        visit
            .send("/console/models", with(fields, "endpoints", "https://key.example.com/v1"))
            .expect(422)
            .body();
    assertTrue(key.contains("<strong class=\"error\">The key is refused.</strong>"), key);
    visit
        .send("/console/models", with(fields, "endpoints", "https://gone.example.com/v1"))
        .expect(503);
  }

  @Test
  void whateverIsTypedIsTextOnEveryPage() {
    Browsing visit = Browsing.begin();
    String echoed =
        visit
            .send(
                "/console/models",
                "name",
                EVIL,
                "location",
                EVIL,
                "decoder",
                EVIL,
                "aliases",
                EVIL,
                "usd_per_million_prompt_tokens",
                EVIL,
                "usd_per_million_completion_tokens",
                EVIL,
                "context_length",
                EVIL,
                "parameters",
                EVIL,
                "description",
                EVIL,
                "capabilities",
                EVIL,
                "lifecycle",
                EVIL,
                "runtime",
                EVIL,
                "endpoints",
                EVIL,
                "remote_model",
                EVIL,
                "credential",
                EVIL,
                "version",
                EVIL,
                "step",
                EVIL)
            .expect(422)
            .body();
    assertFalse(echoed.contains("<script>alert") || echoed.contains("<img"), echoed);
    assertTrue(echoed.contains("&lt;script&gt;alert"), echoed);
    visit
        .send(
            "/console/models",
            "name",
            "form-evil",
            "runtime",
            "onnx",
            "location",
            "full",
            "description",
            EVIL,
            "usd_per_million_prompt_tokens",
            "1",
            "usd_per_million_completion_tokens",
            "2",
            "step",
            "save")
        .expect(303);
    visit
        .send(
            "/console/models/form-evil",
            "runtime",
            "onnx",
            "location",
            "full",
            "description",
            EVIL + "'; drop table entry; --",
            "usd_per_million_prompt_tokens",
            "1",
            "usd_per_million_completion_tokens",
            "2",
            "version",
            "1",
            "step",
            "save")
        .expect(303);
    for (String page :
        List.of(
            "/console/models/form-evil",
            "/console/models/form-evil/edit",
            "/console/models/form-evil/diff?from=1&to=2",
            "/console/models?text=" + Browsing.encoded(EVIL))) {
      String body = visit.get(page).body();
      assertFalse(body.contains("<script>alert") || body.contains("<img"), body);
      assertTrue(body.contains("&lt;script&gt;"), body);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/models",
        "/console/models/csrf-model",
        "/console/models/csrf-model/lifecycle",
        "/console/models/csrf-model/rollback",
        "/console/models/csrf-model/delete"
      })
  void aFormWithoutTheTokenOfTheVisitIsForbidden(String path) {
    Browsing visit = Browsing.begin();
    if (Rest.get("models/csrf-model").status() == 404) {
      Rest.createModel("csrf-model", "full");
    }
    String fields = "lifecycle=deprecated&version=1&to=1&name=csrf-new&step=save";
    String good = fields + "&csrf=" + visit.token();
    Browsing.post(path, fields, "Cookie", visit.cookie()).expect(403);
    Browsing.post(path, "", "Cookie", visit.cookie()).expect(403);
    Browsing.post(path, good).expect(403);
    Browsing.post(path, fields + "&csrf=", "Cookie", visit.cookie()).expect(403);
    Browsing.post(path, good.replace(visit.token(), "A".repeat(43)), "Cookie", visit.cookie())
        .expect(403);
    Browsing.post(path, fields + "&csrf=", "Cookie", "tutti-console=").expect(403);
    for (String site : List.of("cross-site", "same-site")) {
      Browsing.post(path, good, "Cookie", visit.cookie(), "Sec-Fetch-Site", site).expect(403);
    }
    for (String type : List.of("text/plain", "application/json", "multipart/form-data")) {
      int status = Rest.form(path, good, "Content-Type", type, "Cookie", visit.cookie()).status();
      assertEquals(415, status, type);
    }
    assertEquals(1, Rest.get("models/csrf-model").json().path("version").asInt());
  }

  @Test
  void listsAreSearchedAndPagedAsTheRestDoes() {
    Browsing visit = Browsing.begin();
    for (int i = 0; i < 53; i++) {
      Rest.createModel("pager-%02d".formatted(i), i % 2 == 0 ? "full" : "plain");
    }
    var names = new ArrayList<String>();
    String next = "/console/models?text=pager-&lifecycle=&capability=";
    while (next != null) {
      String body = visit.get(next).body();
      Pattern.compile("<a href=\"/console/models/(pager-[0-9]+)\">")
          .matcher(body)
          .results()
          .forEach(m -> names.add(m.group(1)));
      var link = Pattern.compile("<a href=\"([^\"]*)\" rel=\"next\"").matcher(body);
      next = link.find() ? link.group(1).replace("&amp;", "&") : null;
    }
    assertEquals(53, names.size());
    assertEquals("pager-52", names.getLast());
    String scoring = visit.get("/console/models?text=pager-&capability=scoring").body();
    assertTrue(scoring.contains("pager-00") && !scoring.contains("pager-01"));
    assertTrue(scoring.contains("/api/v1/models?text=pager-&amp;capability=scoring"), scoring);
    assertTrue(visit.get("/console/models?text=nobody").body().contains("No model fits."));
    for (String odd : List.of("'; drop table entry; --", "%", "\\", "\" or 1=1", "ß€")) {
      visit.get("/console/models?text=" + Browsing.encoded(odd));
    }
    visit.get("/console/models?lifecycle=lively", 400);
    visit.get("/console/models?cursor=x", 400);
    visit.get("/console/models?txet=x", 400);
    Answer csv = Rest.get("/console/models/~csv?text=pager-").expect(200);
    assertEquals(54, csv.body().lines().count());
    assertTrue(csv.header("Content-Type").startsWith("text/csv"));
    assertTrue(
        csv.body().contains("\r\npager-01,onnx,active,1,64,0,1.5,3.0,generation,"), csv.body());
    Browsing.page(Rest.get("/console/models/~csv?lifecycle=lively").expect(400));
  }

  @Test
  void versionsAreComparedAndRolledBackAndLivesGoOn() {
    Browsing visit = Browsing.begin();
    Rest.createModel("form-lives", "full");
    Rest.createEnsemble("form-user", "coin", "m:form-lives");
    String page = visit.get("/console/models/form-lives").body();
    assertTrue(page.contains("form-user") && page.contains("Make it deprecated"), page);
    String[] dearer = {
      "runtime",
      "onnx",
      "location",
      "full",
      "version",
      "1",
      "step",
      "save",
      "usd_per_million_prompt_tokens",
      "9",
      "usd_per_million_completion_tokens",
      "3"
    };
    visit.send("/console/models/form-lives", dearer).expect(303);
    visit.send("/console/models/form-lives", dearer).expect(412);
    String diff = visit.get("/console/models/form-lives/diff?from=1&to=2").body();
    assertTrue(diff.contains("<del>1.5</del>") && diff.contains("<ins>9.0</ins>"), diff);
    assertFalse(diff.contains("usd_per_million_completion_tokens"), diff);
    visit.send("/console/models/form-lives/rollback", "to", "1", "version", "2").expect(303);
    assertEquals(
        1.5, Rest.get("models/form-lives").json().path("usd_per_million_prompt_tokens").asDouble());
    String used =
        visit
            .send("/console/models/form-lives/lifecycle", "lifecycle", "retired", "version", "3")
            .expect(409)
            .body();
    assertTrue(used.contains("is a member of &#39;form-user&#39;."), used);
    visit
        .send("/console/models/form-lives/lifecycle", "lifecycle", "deprecated", "version", "3")
        .expect(303);
    visit
        .send("/console/models/form-lives/lifecycle", "lifecycle", "asleep", "version", "4")
        .expect(422);
    visit.send("/console/models/form-lives/lifecycle", "lifecycle", "active").expect(428);
    assertEquals(
        5, Rest.get("/console/models/form-lives/versions.csv").expect(200).body().lines().count());
    Rest.post("models", Rest.model("form-draft", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
    visit.send("/console/models/form-draft/delete", "version", "1").expect(303);
    visit.get("/console/models/form-draft", 404);
    visit.get("/console/models/form-lives/diff?from=1&to=77", 404);
    visit.get("/console/nowhere", 404);
  }

  @Test
  void whatThePagesLoadIsServedHere() {
    assertTrue(Rest.get("/webjars/htmx.org/dist/htmx.min.js").expect(200).body().contains("htmx"));
    assertTrue(
        Rest.get("/console/console.css").expect(200).body().contains("prefers-color-scheme"));
    assertEquals(
        "/console/overview",
        Rest.get("/console").expect(303).header("Location").replaceFirst("^https?://[^/]+", ""));
    assertFalse(Rest.get("/q/openapi?format=json").expect(200).body().contains("/console"));
  }

  @Test
  void textThatASpreadsheetWouldRunIsNotAFormula() {
    assertEquals("'=1+1", Csv.cell("=1+1"));
    assertEquals("'@org/model", Csv.cell("@org/model"));
    assertEquals("\"'-a,\"\"b\"\"\"", Csv.cell("-a,\"b\""));
    assertEquals("-3.5", Csv.cell(-3.5));
    assertEquals("", Csv.cell(null));
    assertEquals("\"two\nlines\"", Csv.cell("two\nlines"));
  }

  @Test
  void whatTheFormOfAChangeShowsMayBeSentBackAsItIs() {
    Browsing visit = Browsing.begin();
    Rest.createModel("form-unchanged", "full");
    String form = visit.get("/console/models/form-unchanged/edit").body();
    var fields = new ArrayList<String>();
    Pattern.compile("<input ([^>]*)name=\"([a-z_]+)\" value=\"([^\"]*)\"([^>]*)>")
        .matcher(form)
        .results()
        .filter(m -> !m.group(1).contains("checkbox") || m.group(4).contains("checked"))
        .filter(m -> !m.group(2).equals("csrf"))
        .forEach(m -> fields.addAll(List.of(m.group(2), m.group(3))));
    assertTrue(fields.contains("full_distribution"), fields.toString());
    visit
        .send("/console/models/form-unchanged", with(fields.toArray(String[]::new), "step", "save"))
        .expect(303);
    assertTrue(
        visit
            .get("/console/models/form-unchanged/diff?from=1&to=2")
            .body()
            .contains("They say the same."));
  }

  private static String[] with(String[] fields, String... more) {
    var all = new ArrayList<>(List.of(fields));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
