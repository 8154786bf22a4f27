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
class EnsemblePagesTest {

  private static final String EVIL = "<script>alert('x')</script><img src=x onerror=\"alert(1)\">";

  @Test
  void theCatalogTellsEveryMethodAndIsSearched() {
    Browsing visit = Browsing.begin();
    String all = visit.get("/console/ensembles/~new").body();
    for (String method : List.of("coin", "mean", "ballot", "ladder")) {
      assertTrue(all.contains("/console/ensembles/~new?method=" + method + "\""), all);
    }
    assertTrue(all.contains("Nobody, never.") && all.contains("full_distribution"), all);
    String some = visit.get("/console/ensembles/~new?family=fusion&text=TOY").body();
    assertTrue(some.contains("method=ballot") && !some.contains("method=coin"), some);
    assertTrue(
        visit.get("/console/ensembles/~new?text=nobodys").body().contains("No method fits."));
    String csv = Rest.get("/console/ensembles/~methods.csv").expect(200).body();
    assertTrue(csv.contains("mean,token,decoder-service,A toy.,"), csv);
    assertEquals(5, csv.lines().count());
  }

  @Test
  void whoCannotServeTheMethodIsGreyedWithTheReason() {
    Browsing visit = Browsing.begin();
    Rest.createModel("grey-plain", "plain");
    Rest.createModel("grey-full", "full");
    Rest.createEnsemble("grey-coin", "coin", "m:grey-full");
    String mean = visit.get("/console/ensembles/~new?method=mean&text=").body();
    String found = find(visit, "mean", "grey-");
    assertTrue(row(found, "model:grey-full").contains("name=\"in-"), found);
    assertFalse(row(found, "model:grey-full").contains("disabled"), found);
    assertTrue(row(found, "model:grey-plain").contains("lacks full_distribution"), found);
    assertTrue(row(found, "model:grey-plain").contains(" disabled"), found);
    assertTrue(
        row(found, "ensemble:grey-coin").contains("mean takes no ensembles as members"), found);
    assertTrue(mean.contains("1 to 64 members, each with full_distribution; no ensembles."), mean);
    // Of roles, only the one that it cannot have.
    String coin = row(find(visit, "coin", "grey-plain"), "model:grey-plain");
    assertTrue(
        coin.contains("<option value=\"judge\" disabled>judge (judge: lacks scoring)"), coin);
    assertTrue(coin.contains("<option value=\"side\">side"), coin);
    // What the platform gives is asked of nobody.
    assertFalse(coin.contains("class=\"reason\""), coin);
    assertTrue(
        find(visit, "coin", "grey-plain")
            .contains("ensembles may be members. The platform gives it embedding."));
  }

  @Test
  void theSettingsAreTheMethodsOwn() {
    Browsing visit = Browsing.begin();
    String coin = visit.get("/console/ensembles/~new?method=coin").body();
    assertTrue(coin.contains("name=\"settings.tilt\""), coin);
    assertTrue(coin.contains("How unfair it is. Number, 0 to 1. 0.5 where it is left out."), coin);
    String ladder = visit.get("/console/ensembles/~new?method=ladder&artifact=org%2FFit").body();
    assertTrue(ladder.contains("name=\"settings.artifact\" value=\"org/Fit\""), ladder);
    assertTrue(ladder.contains("name of the artifact that it stands on. As a JSON"), ladder);
    // What is wrong with several of them leads here.
    assertTrue(ladder.contains("id=\"field-settings\""), ladder);
    assertTrue(ladder.contains("Whole number, 1 to 4, steps. 2 where it is left out."), ladder);
    assertTrue(
        Pattern.compile("<select id=\"field-settings.sound\".*loud</option>", Pattern.DOTALL)
            .matcher(ladder)
            .find(),
        ladder);
  }

  @Test
  void oneIsCheckedRegisteredChangedAndRolledBack() {
    Browsing visit = Browsing.begin();
    Rest.createModel("built-a", "full");
    Rest.createModel("built-b", "full");
    Rest.createModel("built-plain", "plain");
    String[] members = {
      "method",
      "coin",
      "name",
      "built",
      "lifecycle",
      "active",
      "settings.tilt",
      "0.25",
      "ref-0",
      "model:built-plain",
      "in-0",
      "on",
      "place-0",
      "2",
      "weight-0",
      "2.5",
      "as-0",
      "Plain!",
      "ref-1",
      "model:built-a",
      "in-1",
      "on",
      "place-1",
      "1",
      "role-1",
      "judge",
      "ref-2",
      "model:built-b",
      "place-2",
      "3",
      "budget.usd_per_day",
      "1.5",
      "time_limit_seconds",
      "60",
      "unserved",
      "drop",
      "description",
      "Built.",
      "aliases",
      "built-too"
    };
    String checked =
        visit.send("/console/ensembles", with(members, "step", "check")).expect(200).body();
    assertTrue(checked.contains("It can be served") && checked.contains("value=\"save\""), checked);
    Rest.get("ensembles/built").expect(404);
    visit.send("/console/ensembles", with(members, "step", "save")).expect(303);
    JsonNode built = Rest.get("ensembles/built").expect(200).json();
    assertEquals(
        "[{\"model\":\"built-a\",\"role\":\"judge\"},{\"model\":\"built-plain\",\"weight\":2.5,\"as\":\"Plain!\"}]",
        built.path("members").toString());
    assertEquals("{\"tilt\":0.25}", built.path("settings").toString());
    assertEquals("{\"usd_per_day\":1.5}", built.path("budget").toString());
    assertEquals("drop", built.path("unserved").asText());
    String page = visit.get("/console/ensembles/built-too").body();
    assertTrue(page.contains("<dt>tilt</dt><dd><code>0.25</code>"), page);
    assertTrue(page.contains("href=\"/console/models/built-a\""), page);

    // What the form shows may be sent back as it is.
    var fields = fields(visit.get("/console/ensembles/built/edit").body());
    assertTrue(
        fields.containsAll(List.of("model:built-plain", "2.5", "Plain!")), fields.toString());
    visit
        .send("/console/ensembles/built", with(fields.toArray(String[]::new), "step", "save"))
        .expect(303);
    assertTrue(
        visit
            .get("/console/ensembles/built/diff?from=1&to=2")
            .body()
            .contains("They say the same."));
    int at = fields.indexOf("settings.tilt");
    fields.set(at + 1, "0.75");
    fields.set(fields.indexOf("version") + 1, "2");
    visit
        .send("/console/ensembles/built", with(fields.toArray(String[]::new), "step", "save"))
        .expect(303);
    for (String wrong :
        List.of("from=x&to=1", "to=1", "from=0&to=1", "from=99999999999999999999&to=1")) {
      visit.get("/console/ensembles/built/diff?" + wrong, 400);
    }
    String differences =
        Rest.get("/console/ensembles/built/diff.csv?from=2&to=3").expect(200).body();
    assertTrue(differences.contains("settings.tilt,0.25,0.75"), differences);
    assertTrue(
        Rest.get("/console/ensembles/built/members.csv")
            .expect(200)
            .body()
            .startsWith("name,kind,role,weight"));
    String diff = visit.get("/console/ensembles/built/diff?from=2&to=3").body();
    assertTrue(
        diff.contains("settings.tilt")
            && diff.contains("<del>0.25</del>")
            && diff.contains("<ins>0.75"),
        diff);
    visit.send("/console/ensembles/built/rollback", "to", "2", "version", "3").expect(303);
    assertEquals("{\"tilt\":0.25}", Rest.get("ensembles/built").json().path("settings").toString());
    visit
        .send("/console/ensembles/built/lifecycle", "lifecycle", "retired", "version", "4")
        .expect(303);
    assertTrue(visit.get("/console/ensembles/built").body().contains("It is retired"));
  }

  @Test
  void whatIsRefusedIsToldAtTheMemberAndTheSetting() {
    Browsing visit = Browsing.begin();
    Rest.createModel("odd-full", "full");
    Rest.createModel("odd-plain", "plain");
    String[] coin = {"method", "coin", "name", "odd", "ref-3", "model:odd-full", "in-3", "on"};
    String tilted =
        visit.send("/console/ensembles", with(coin, "settings.tilt", "7")).expect(422).body();
    assertTrue(tilted.contains("field-settings.tilt"), tilted);
    assertTrue(
        Pattern.compile("id=\"field-settings.tilt-help\"><strong class=\"error\">[^<]*1")
            .matcher(tilted)
            .find(),
        tilted);
    assertTrue(tilted.contains("name=\"settings.tilt\" value=\"7\""), tilted);
    String judge =
        visit
            .send(
                "/console/ensembles",
                with(coin, "ref-4", "model:odd-plain", "in-4", "on", "role-4", "judge"))
            .expect(422)
            .body();
    assertTrue(row(judge, "model:odd-plain").contains("class=\"error\""), judge);
    String gone =
        visit
            .send("/console/ensembles", with(coin, "ref-5", "model:odd-gone", "in-5", "on"))
            .expect(422)
            .body();
    assertTrue(row(gone, "model:odd-gone").contains("There is no model of this name"), gone);
    visit.send("/console/ensembles", "method", "coin", "name", "odd").expect(422);
    visit.send("/console/ensembles", with(coin, "settings.tilt", "steep")).expect(422);
    visit.send("/console/ensembles", with(coin, "weight-3", "heavy")).expect(400);
    // A method that nobody has: the catalog, with what is wrong.
    String nobodys =
        visit.send("/console/ensembles", "method", "dice", "name", "odd").expect(422).body();
    assertTrue(nobodys.contains("Choose a method"), nobodys);
    Rest.get("ensembles/odd").expect(404);
  }

  @Test
  void aServiceThatIsAwayIsNamedAndRefusedAsTheRestDoes() {
    Browsing visit = Browsing.begin();
    Rest.createModel("away", "full");
    Rest.createModel("away-too", "full");
    Rest.createEnsemble("away-before", "ballot", "m:away", "m:away-too");
    Surroundings.open().stop("fusion");
    try {
      String catalog = visit.get("/console/ensembles/~new").body();
      assertTrue(catalog.contains("<strong>fusion-service</strong> cannot be asked now"), catalog);
      assertTrue(catalog.contains("method=coin"), catalog);
      String[] ballot = {"method", "ballot", "name", "away-e", "ref-0", "model:away", "in-0", "on"};
      visit.send("/console/ensembles", with(ballot, "step", "save")).expect(503);
      visit.get("/console/ensembles/away-before/edit", 503);
      Rest.get("ensembles/away-e").expect(404);
    } finally {
      Surroundings.open().start("fusion");
      Rest.awaitNeighbours();
    }
  }

  @Test
  void aNameThatWasADraftOfTheOtherKindHasItsPage() {
    Browsing visit = Browsing.begin();
    Rest.createModel("was-a-model-m", "full");
    Rest.post("models", Rest.model("was-a-model", "full").replace("active", "draft")).expect(201);
    visit.send("/console/models/was-a-model/delete", "version", "1").expect(303);
    Rest.createEnsemble("was-a-model", "coin", "m:was-a-model-m");
    assertEquals(2, Rest.get("ensembles/was-a-model").expect(200).json().path("version").asInt());
    assertTrue(visit.get("/console/ensembles/was-a-model").body().contains("registered"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/console;x/models/~new", "/console;x/nowhere", "/console/models;x"})
  void noWayOfWritingAPathGivesAPageWithoutItsHeaders(String path) {
    Browsing.page(Rest.get(path));
  }

  @Test
  void listsAreSearchedByMethodAndMember() {
    Browsing visit = Browsing.begin();
    Rest.createModel("list-m", "full");
    Rest.createEnsemble("list-coin", "coin", "m:list-m");
    Rest.createEnsemble("list-ballot", "ballot", "m:list-m", "e:list-coin");
    String all = visit.get("/console/ensembles?text=list-&lifecycle=&method=&member=").body();
    assertTrue(all.contains("list-coin") && all.contains("list-ballot"), all);
    String coins = visit.get("/console/ensembles?text=list-&method=coin").body();
    assertFalse(coins.contains("list-ballot"), coins);
    String users = visit.get("/console/ensembles?member=list-coin").body();
    assertTrue(users.contains("href=\"/console/ensembles/list-ballot\""), users);
    assertTrue(visit.get("/console/ensembles/list-coin").body().contains("list-ballot"));
    String csv = Rest.get("/console/ensembles/~csv?member=list-m").expect(200).body();
    assertTrue(csv.contains("list-ballot,ballot,fusion,active,1,list-m list-coin,,,"), csv);
    for (String odd : List.of("'; drop table entry; --", "%", "\\", "\" or 1=1", EVIL)) {
      for (String filter : List.of("text", "method", "member")) {
        String body =
            visit.get("/console/ensembles?%s=%s".formatted(filter, Browsing.encoded(odd))).body();
        assertFalse(body.contains("<script>alert") || body.contains("<img"), body);
      }
    }
    Rest.get("/console/ensembles?member=%00").expect(400);
  }

  @Test
  void whateverIsTypedIsTextOnEveryPage() {
    Browsing visit = Browsing.begin();
    Rest.createModel("evil-m", "full");
    String[] evil = {
      "ref-0", "model:evil-m", "in-0", "on", "as-0", EVIL, "description", EVIL, "find", EVIL
    };
    visit
        .send("/console/ensembles", with(evil, "method", "coin", "name", "evil-e", "step", "save"))
        .expect(303);
    for (String page : List.of("/console/ensembles/evil-e", "/console/ensembles/evil-e/edit")) {
      String body = visit.get(page).body();
      assertFalse(body.contains("<script>alert") || body.contains("<img"), body);
      assertTrue(body.contains("&lt;script&gt;"), body);
    }
    String echoed =
        visit
            .send(
                "/console/ensembles",
                "method",
                "coin",
                "name",
                EVIL,
                "ref-0",
                "model:" + EVIL,
                "in-0",
                EVIL,
                "place-0",
                EVIL,
                "role-0",
                EVIL,
                "weight-0",
                EVIL,
                "as-0",
                EVIL,
                "settings.tilt",
                EVIL,
                "settings." + EVIL,
                EVIL,
                "budget.usd_per_day",
                EVIL,
                "budget.usd_per_request",
                EVIL,
                "time_limit_seconds",
                EVIL,
                "unserved",
                EVIL,
                "aliases",
                EVIL,
                "description",
                EVIL,
                "lifecycle",
                EVIL,
                "find",
                EVIL)
            .body();
    assertFalse(echoed.contains("<script>alert") || echoed.contains("<img"), echoed);
    assertTrue(echoed.contains("&lt;script&gt;"), echoed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/e", "/e/lifecycle", "/e/rollback", "/e/delete"})
  void aFormWithoutTheTokenOfTheVisitIsForbidden(String path) {
    Browsing visit = Browsing.begin();
    Browsing.post("/console/ensembles" + path, "version=1", "Cookie", visit.cookie()).expect(403);
  }

  private static String find(Browsing visit, String method, String text) {
    return visit
        .send("/console/ensembles", "method", method, "find", "\u0007" + text, "step", "find")
        .expect(200)
        .body();
  }

  /** The row of a member in the form. */
  private static String row(String body, String ref) {
    return Pattern.compile("<tr id.*?</tr>", Pattern.DOTALL)
        .matcher(body)
        .results()
        .map(m -> m.group())
        .filter(row -> row.contains("value=\"%s\"".formatted(ref)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no row of " + ref + " in " + body));
  }

  /** Names and values of what the form of a page would send. */
  private static List<String> fields(String body) {
    var fields = new ArrayList<String>();
    Pattern.compile(
            "<input ([^>]*?)name=\"([^\"]+)\"(?: value=\"([^\"]*)\")?([^>]*)>|<select [^>]*?name=\"([^\"]+)\".*?</select>|<textarea [^>]*?name=\"([^\"]+)\"[^>]*>\\n?([^<]*)<",
            Pattern.DOTALL)
        .matcher(body)
        .results()
        .forEach(
            m -> {
              if (m.group(5) != null) {
                var chosen = Pattern.compile("value=\"([^\"]*)\" selected").matcher(m.group());
                fields.addAll(List.of(m.group(5), chosen.find() ? chosen.group(1) : ""));
              } else if (m.group(6) != null) {
                fields.addAll(List.of(m.group(6), m.group(7)));
              } else if (!m.group(2).equals("csrf")
                  && (!m.group(1).contains("checkbox") || m.group(4).contains("checked"))) {
                fields.addAll(List.of(m.group(2), m.group(3) == null ? "on" : m.group(3)));
              }
            });
    return fields;
  }

  private static String[] with(String[] fields, String... more) {
    var all = new ArrayList<>(List.of(fields));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
