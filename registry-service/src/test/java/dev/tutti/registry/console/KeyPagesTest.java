package dev.tutti.registry.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.ScriptedKeySpend;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.testing.WithKeys;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pages of teams and keys, in a registry that came with one. */
@QuarkusTest
@TestProfile(WithKeys.class)
@ExtendWith(OfRegistry.class)
class KeyPagesTest {

  private static final String[] ADMIN = {"Authorization", "Bearer " + WithKeys.ADMIN};
  private static final Pattern TEXT = Pattern.compile("value=\"(tk-[A-Za-z0-9_-]{43})\"");
  private static final String XSS = "<img src=x onerror=alert(1)>\"'";
  private static final String ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;";
  private static final Duration SOON = Duration.ofSeconds(2);

  private Browsing visit;

  @BeforeEach
  void begin() {
    visit = Browsing.begin(ADMIN);
  }

  private void team(String name) {
    assertEquals(
        "/console/teams/" + name,
        place(visit.send("/console/teams", "name", name, "description", XSS)));
  }

  private static String place(Rest.Answer answer) {
    return answer.expect(303).header("Location").replaceFirst("^http://[^/]*", "");
  }

  private static String text(Rest.Answer page) {
    Matcher matcher = TEXT.matcher(page.expect(200).body());
    assertTrue(matcher.find(), page.body());
    return matcher.group(1);
  }

  private static JsonNode newest(String team) {
    return Rest.get("keys?team=" + team, ADMIN).expect(200).json().at("/items/0");
  }

  @Test
  void aKeyIsToldByThePageThatMakesItAndByNoOther() {
    team("paged-search");
    Rest.post("models", Rest.model("keyed-page", "full"), ADMIN).expect(201);
    Rest.Answer made =
        visit.send(
            "/console/keys",
            "team",
            "paged-search",
            "name",
            XSS,
            "scopes",
            "use",
            "scopes",
            "feedback",
            "models",
            "keyed-page",
            "requests_per_minute",
            "60",
            "soft_usd_per_day",
            "0.5",
            "usd_per_day",
            "1",
            "expires_at",
            "2999-01-01T00:00:00Z");
    String text = text(made);
    assertEquals("no-store", made.header("Cache-Control"));
    JsonNode key = newest("paged-search");
    String id = key.path("id").asText();
    assertEquals(XSS, key.path("name").asText());
    assertEquals("[\"use\",\"feedback\"]", key.path("scopes").toString());
    assertEquals("[\"keyed-page\"]", key.path("models").toString());
    assertEquals(60, key.path("requests_per_minute").asInt());
    assertEquals(1, key.path("usd_per_day").asDouble());
    ScriptedKeySpend.of(id);
    for (String path :
        List.of(
            "/console/keys/" + id,
            "/console/keys/" + id + "/edit",
            "/console/keys?team=paged-search",
            "/console/teams/paged-search",
            "/console/teams",
            "/console/audit?name=" + id)) {
      String page = visit.get(path).body();
      assertFalse(page.contains(text.substring(11)), path);
      assertFalse(page.contains("<img"), path);
    }
    String page = visit.get("/console/keys/" + id).body();
    assertTrue(page.contains(ESCAPED) && page.contains(text.substring(0, 11)), page);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                visit
                    .get("/console/keys/" + id)
                    .body()
                    .contains("1.25 USD, 1,234 requests, 56,789 tokens"));
    assertTrue(page.contains("<dd>never</dd>"), page);
    String csv = Rest.get("/console/keys/~csv?team=paged-search", ADMIN).expect(200).body();
    assertTrue(
        csv.lines().skip(1).findFirst().orElseThrow().contains(",active,use feedback,"), csv);
    assertFalse(csv.contains(text.substring(11)));
    assertTrue(
        Rest.get("/console/teams/~csv", ADMIN).expect(200).body().contains("paged-search,"), csv);
  }

  @Test
  void whatIsRefusedIsToldInTheForm() {
    team("paged-wrong");
    Rest.Answer refused =
        visit.send(
            "/console/keys",
            "team",
            "nobodys",
            "name",
            "",
            "usd_per_day",
            "a lot",
            "requests_per_minute",
            "0");
    refused.expect(400);
    assertTrue(
        refused.body().contains("usd_per_day has the wrong type; it is a number."), refused.body());
    refused =
        visit.send("/console/keys", "team", "paged-wrong", "models", XSS, "usd_per_day", "-1");
    refused.expect(422);
    for (String field : List.of("name", "scopes", "models", "usd_per_day")) {
      assertTrue(refused.body().contains("href=\"#field-" + field + "\""), field);
    }
    assertTrue(refused.body().contains(ESCAPED), refused.body());
    assertTrue(
        visit.send("/console/teams", "name", "No Team").expect(422).body().contains("No Team"));
    visit.send("/console/teams", "name", "paged-wrong").expect(409);
    for (String odd : List.of("'; drop table api_key; --", "%", "\" or 1=1", XSS)) {
      visit.get("/console/keys?text=" + Browsing.encoded(odd));
      visit.get("/console/keys?team=" + Browsing.encoded(odd), 400);
    }
    assertFalse(
        visit.get("/console/keys?text=" + WithKeys.ADMIN, 400).body().contains("tk-0123456789a"));
    visit.get("/console/keys/key-000000000000", 404);
    visit.get("/console/teams/nobodys", 404);
    Browsing.post("/console/keys", "team=paged-wrong&name=a&scopes=use", ADMIN).expect(403);
    Browsing.post("/console/teams/paged-wrong/delete", "csrf=x", ADMIN).expect(403);
    assertEquals(0, Rest.get("keys?team=paged-wrong", ADMIN).json().path("items").size());
  }

  @Test
  void aKeyIsChangedRotatedAndRevoked() {
    team("paged-changed");
    String first =
        text(
            visit.send(
                "/console/keys",
                "team",
                "paged-changed",
                "name",
                "a",
                "scopes",
                "admin",
                "usd_per_month",
                "7"));
    String id = newest("paged-changed").path("id").asText();
    assertTrue(visit.get("/console/keys/" + id + "/edit").body().contains("value=\"7\""));
    assertEquals(
        "/console/keys/" + id,
        place(
            visit.send(
                "/console/keys/" + id, "name", "b", "scopes", "admin", "tokens_per_minute", "9")));
    JsonNode key = Rest.get("keys/" + id, ADMIN).json();
    assertEquals("b", key.path("name").asText());
    assertEquals(9, key.path("tokens_per_minute").asInt());
    assertFalse(key.has("usd_per_month"), key.toString());
    visit
        .send("/console/keys/" + id, "name", "b", "tokens_per_minute", "0", "scopes", "admin")
        .expect(422);
    String second = text(visit.send("/console/keys/" + id + "/rotate", "overlap_seconds", "0"));
    assertFalse(first.equals(second));
    await().atMost(SOON).until(() -> opens(second) && !opens(first));
    // It was used for the REST just now.
    await().atMost(SOON).until(() -> Rest.get("keys/" + id, ADMIN).json().has("last_used_at"));
    visit.send("/console/teams/paged-changed/delete").expect(409);
    place(visit.send("/console/keys/" + id + "/revoke"));
    await().atMost(SOON).until(() -> !opens(second));
    String page = visit.get("/console/keys/" + id).body();
    assertTrue(page.contains("revoked") && !page.contains("/rotate\""), page);
    assertEquals("/console/teams", place(visit.send("/console/teams/paged-changed/delete")));
    assertEquals(
        "paged-changed", Surroundings.open().deletedTeamData().getLast().getTeam(), "goes with it");
    visit.get("/console/teams/paged-changed", 404);
  }

  private static boolean opens(String text) {
    return Rest.get("models", "Authorization", "Bearer " + text).status() == 200;
  }

  @Test
  void whatIsKeptOfATeamsRequestsIsDeletedAndTheLogSaysSo() {
    team("paged-data");
    assertEquals(
        "{\"deleted\":{\"cached_answers\":3,\"decisions\":3}}",
        Rest.send("DELETE", "teams/paged-data/data", null, ADMIN).expect(200).json().toString());
    JsonNode audit = Rest.get("audit?name=paged-data", ADMIN).json().path("items");
    assertEquals("team_data", audit.at("/0/kind").asText(), audit.toString());
    assertEquals("cascade-service", audit.at("/0/service").asText());
    assertEquals("router-service", audit.at("/1/service").asText());
    String page =
        visit
            .send("/console/teams/paged-data/data", "of", "user", "user", "ada")
            .expect(200)
            .body();
    assertTrue(page.contains("<dt>cached answers</dt><dd>1</dd>"), page);
    visit.send("/console/teams/paged-data/data", "of", "user", "user", " ").expect(400);
    var asked = Surroundings.open().deletedTeamData().getLast();
    assertEquals(List.of("of-ada"), asked.getRequestsList());
    assertEquals("ada", asked.getUser());
    Rest.send("DELETE", "teams/none/data", null, ADMIN).expect(200);
    Rest.send("DELETE", "teams/nobodys/data", null, ADMIN).expect(404);
    Rest.send("DELETE", "teams/paged-data/data?user=", null, ADMIN)
        .expectProblem(400, "malformed", "user", "1 to 1024");
    assertEquals("none", Surroundings.open().deletedTeamData().getLast().getTeam(), "not all");
    assertFalse(Rest.get("audit?name=paged-data", ADMIN).body().contains("ada"));
  }

  /** An answer that was being written when the team went is kept after that. */
  @Test
  void whatIsLeftOfATeamThatIsGoneIsDeletedByItsName() {
    team("paged-gone");
    visit.send("/console/keys", "team", "paged-gone", "name", "a", "scopes", "use").expect(200);
    place(visit.send("/console/keys/" + newest("paged-gone").path("id").asText() + "/revoke"));
    place(visit.send("/console/teams/paged-gone/delete"));
    Rest.get("teams/paged-gone", ADMIN).expect(404);
    assertEquals(
        "{\"deleted\":{\"cached_answers\":3,\"decisions\":3}}",
        Rest.send("DELETE", "teams/paged-gone/data", null, ADMIN).expect(200).json().toString());
    Rest.send("DELETE", "teams/paged-never/data", null, ADMIN).expect(404);
  }

  /** What cascades have of a user is found by what the router knows. */
  @Test
  void whatOneUserLeftIsDeletedWhereAServiceWasAwayBefore() {
    team("paged-again");
    String path = "teams/paged-again/data?user=bo";
    Rest.send("DELETE", path, null, ADMIN).expect(503);
    assertEquals(
        "{\"deleted\":{\"cached_answers\":1,\"decisions\":1}}",
        Rest.send("DELETE", path, null, ADMIN).expect(200).json().toString());
    assertEquals(
        "{\"deleted\":{\"cached_answers\":0,\"decisions\":0}}",
        Rest.send("DELETE", path, null, ADMIN).expect(200).json().toString());
  }

  /** Makes a key, uses it, revokes it, and is refused. */
  @Test
  void aPersonMakesAKeyAndRevokesIt() {
    try (var browser = new Browser(Map.of("Authorization", "Bearer " + WithKeys.ADMIN))) {
      Page page = browser.open("/console/teams");
      button(page, "Make a team", AriaRole.LINK).click();
      page.getByLabel("Name (required)").fill("seen-team");
      page.getByLabel("Description").fill("Seen by a browser.");
      button(page, "Make the team", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("seen-team");
      button(page, "Make a key", AriaRole.LINK).click();
      page.getByLabel("Name (required)").fill("seen key");
      page.getByLabel("admin").check();
      page.getByLabel("Requests a minute").fill("0");
      button(page, "Make the key", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("requests_per_minute");
      browser.look("key-refused");
      page.getByLabel("Requests a minute").fill("100");
      button(page, "Make the key", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("The key is made");
      String text = page.getByLabel("Text of the key").inputValue();
      browser.look("key-made");
      button(page, "Copy", AriaRole.BUTTON).click();
      assertThat(page.locator("button[data-copy]")).not().hasText("Copy");
      await().atMost(SOON).until(() -> opens(text));
      button(page, "To its page", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("seen key");
      browser.look("key");
      page.goBack();
      assertThat(page.locator("h1")).not().hasText("seen key");
      assertFalse(page.content().contains(text.substring(11)), "told twice");
      page.navigate(Rest.uri("/console/teams/seen-team").toString());
      browser.look("team");
      button(page, "seen key", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("seen key");
      page.onDialog(dialog -> dialog.accept());
      button(page, "Revoke", AriaRole.BUTTON).click();
      assertThat(page.locator(".title .state")).hasText("revoked");
      await().atMost(SOON).until(() -> !opens(text));
      button(page, "Teams and keys", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Teams and keys");
      browser.look("teams");
      button(page, "All keys", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Keys");
      browser.listens();
      page.getByLabel("Search").fill("seen");
      assertThat(page.locator("tbody tr")).hasCount(1);
      browser.look("keys");
    }
  }

  private static com.microsoft.playwright.Locator button(Page page, String name, AriaRole role) {
    return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
