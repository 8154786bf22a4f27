package dev.tutti.registry.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.tutti.kit.connection.KeyRing;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.testing.WithKeys;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Teams and keys, in a registry that came with one. */
@QuarkusTest
@TestProfile(WithKeys.class)
@ExtendWith(OfRegistry.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeyResourceTest {

  private static final String AUTHORIZATION = "Authorization";
  private static final String ADMIN = "Bearer " + WithKeys.ADMIN;
  private static final Duration SOON = Duration.ofSeconds(2);

  /** What a test changes, it asks for as the administrator does. */
  private static Rest.Answer send(String method, String path, String body) {
    return Rest.send(method, path, body, AUTHORIZATION, ADMIN);
  }

  private static Rest.Answer get(String path) {
    return send("GET", path, null);
  }

  private static void team(String name) {
    send("POST", "teams", "{\"name\": \"%s\"}".formatted(name)).expect(201);
  }

  private static JsonNode make(String team, String scopes, String more) {
    return send(
            "POST",
            "keys",
            "{\"team\": \"%s\", \"name\": \"of a test\", \"scopes\": [%s]%s}"
                .formatted(team, scopes, more))
        .expect(201)
        .json();
  }

  private static int statusWith(String text) {
    return Rest.get("models", AUTHORIZATION, "Bearer " + text).status();
  }

  @Test
  @Order(1)
  void untilSomebodyMakesAKeyTheRestIsOpenOnLoopback() {
    JsonNode installed = Rest.get("keys").expect(200).json().at("/items/0");
    assertTrue(installed.path("installed").asBoolean(), installed.toString());
    assertEquals("administrators", installed.path("team").asText());
    assertEquals(WithKeys.ADMIN.substring(0, 11), installed.path("prefix").asText());
    Rest.post("teams", "{\"name\": \"first\"}").expect(201);
    Rest.get("models").expect(200);
    Rest.post("keys", "{\"team\": \"first\", \"name\": \"first\", \"scopes\": [\"use\"]}")
        .expect(201);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertEquals(
                    "Bearer",
                    Rest.get("models")
                        .expectProblem(401, "unauthorized", null, "scope admin")
                        .header("WWW-Authenticate")));
    get("models").expect(200);
  }

  @Test
  void aKeyIsToldOnceAndItsHashIsKept() throws SQLException {
    team("told");
    JsonNode made = make("told", "\"use\", \"feedback\"", "");
    String text = made.path("key").asText();
    String id = made.path("id").asText();
    assertTrue(text.matches("tk-[A-Za-z0-9_-]{43}"), text);
    assertEquals(text.substring(0, 11), made.path("prefix").asText());
    JsonNode key = get("keys/" + id).expect(200).json();
    assertEquals("told", key.path("team").asText());
    assertEquals("[\"use\",\"feedback\"]", key.path("scopes").toString());
    assertFalse(key.has("revoked_at") || key.has("requests_per_minute"), key.toString());
    for (String path : new String[] {"keys", "keys/" + id, "audit?name=" + id}) {
      assertFalse(get(path).expect(200).body().contains(text), path);
    }
    try (var database = DriverManager.getConnection(Surroundings.databaseUrl());
        var statement = database.createStatement();
        var rows =
            statement.executeQuery(
                "select sha256, row(k.*)::text from registry.api_key k where id = '" + id + "'")) {
      assertTrue(rows.next());
      assertEquals(KeyRing.hash(text), ByteString.copyFrom(rows.getBytes(1)));
      assertFalse(rows.getString(2).contains(text.substring(11)));
    }
  }

  @Test
  void everyFieldThatIsWrongIsNamed() {
    team("wrong");
    Rest.Answer answer =
        send(
            "POST",
            "keys",
            """
            {"team": "Not A Team", "name": " ", "scopes": ["use", "use"], "models": ["nobody"],
             "requests_per_minute": 0, "tokens_per_minute": -1, "usd_per_day": 0, "soft_usd_per_day": 1e300,
             "usd_per_month": 1, "soft_usd_per_month": 2, "expires_at": "2001-01-01T00:00:00Z"}""");
    answer.expect(422);
    var fields = new ArrayList<String>();
    answer.json().path("errors").forEach(e -> fields.add(e.path("field").asText()));
    assertEquals(
        new TreeSet<>(
            Set.of(
                "team",
                "name",
                "scopes[1]",
                "models[0]",
                "requests_per_minute",
                "tokens_per_minute",
                "usd_per_day",
                "soft_usd_per_day",
                "soft_usd_per_month",
                "expires_at")),
        new TreeSet<>(fields));
    String one = "{\"team\": \"%s\", \"name\": \"a\", \"scopes\": %s%s}";
    send("POST", "keys", one.formatted("nobodys", "[\"use\"]", ""))
        .expectProblem(422, "invalid", "team", "no team 'nobodys'");
    send("POST", "keys", one.formatted("wrong", "[]", ""))
        .expectProblem(422, "invalid", "scopes", "use, feedback, admin");
    send("POST", "keys", one.formatted("wrong", "[\"root\"]", ""))
        .expectProblem(422, "invalid", "scopes[0]", "root");
    send("POST", "keys", one.formatted("wrong", "[\"use\"]", ", \"usd\": 1"))
        .expectProblem(400, "malformed", "usd", "usd_per_day");
    send("POST", "keys", "[]").expect(400);
    send("POST", "keys", null).expect(400);
    send("POST", "teams", "{\"name\": \"none\"}").expectProblem(422, "invalid", "name", "none");
    send("POST", "teams", "{}").expectProblem(422, "invalid", "name", "required");
    send("POST", "teams", "{\"name\": \"wrong\"}").expectProblem(409, "name-taken", null, "wrong");
    get("keys/key-000000000000").expectProblem(404, "not-found", null, "no key");
    get("keys/%00").expect(400);
    get("keys?team=No").expectProblem(400, "malformed", "team", "team");
  }

  @Test
  void aPatchChangesWhatItNamesAndNullTakesAway() {
    team("patched");
    String id =
        make("patched", "\"use\"", ", \"requests_per_minute\": 5, \"usd_per_day\": 2")
            .path("id")
            .asText();
    JsonNode key =
        send(
                "PATCH",
                "keys/" + id,
                "{\"requests_per_minute\": null, \"tokens_per_minute\": 7, \"soft_usd_per_day\": 1}")
            .expect(200)
            .json();
    assertFalse(key.has("requests_per_minute"), key.toString());
    assertEquals(7, key.path("tokens_per_minute").asInt());
    assertEquals(2, key.path("usd_per_day").asDouble());
    assertEquals(1, key.path("soft_usd_per_day").asDouble());
    assertEquals(key, get("keys/" + id).json());
    send("PATCH", "keys/" + id, "{\"usd_per_day\": 0.5}")
        .expectProblem(422, "invalid", "soft_usd_per_day", "usd_per_day");
    send("PATCH", "keys/" + id, "{\"team\": \"told\"}")
        .expectProblem(422, "invalid", "team", "stays");
    send("PATCH", "keys/" + id, "{\"prefix\": \"tk-\"}")
        .expectProblem(400, "malformed", "prefix", "Unknown field");
    send("PATCH", "keys/" + id, "{\"scopes\": null}").expectProblem(422, "invalid", "scopes", "");
    send("PATCH", "keys/key-000000000000", "{}").expect(404);
  }

  @Test
  void afterARotationBothTextsOpenForAWhile() {
    team("rotated");
    JsonNode first = make("rotated", "\"admin\"", "");
    String id = first.path("id").asText();
    JsonNode second = send("POST", "keys/" + id + "/rotate", "{}").expect(200).json();
    assertEquals(id, second.path("id").asText());
    assertFalse(second.path("key").equals(first.path("key")));
    assertTrue(
        Instant.parse(second.path("previous_until").asText())
            .isAfter(Instant.now().plus(Duration.ofHours(23))));
    await().atMost(SOON).until(() -> statusWith(second.path("key").asText()) == 200);
    assertEquals(200, statusWith(first.path("key").asText()));
    JsonNode third =
        send("POST", "keys/" + id + "/rotate", "{\"overlap_seconds\": 0}").expect(200).json();
    await().atMost(SOON).until(() -> statusWith(third.path("key").asText()) == 200);
    await().atMost(SOON).until(() -> statusWith(second.path("key").asText()) == 401);
    assertEquals(401, statusWith(first.path("key").asText()));
    for (String wrong : new String[] {"-1", "2592001"}) {
      send("POST", "keys/" + id + "/rotate", "{\"overlap_seconds\": %s}".formatted(wrong))
          .expectProblem(422, "invalid", "overlap_seconds", "2592000");
    }
  }

  @Test
  void whoIsRevokedIsRefusedWithinTwoSecondsAndForEver() {
    team("revoked");
    JsonNode made = make("revoked", "\"admin\"", "");
    String id = made.path("id").asText();
    String text = made.path("key").asText();
    await().atMost(SOON).until(() -> statusWith(text) == 200);
    send("DELETE", "teams/revoked", null).expectProblem(409, "in-use", "name", id);
    send("DELETE", "keys/" + id, null).expect(204);
    await().atMost(SOON).until(() -> statusWith(text) == 401);
    send("DELETE", "keys/" + id, null).expect(204);
    assertTrue(get("keys/" + id).json().has("revoked_at"));
    send("PATCH", "keys/" + id, "{}").expectProblem(409, "wrong-lifecycle", null, "revoked");
    send("POST", "keys/" + id + "/rotate", "{}").expect(409);
    JsonNode audit = get("audit?name=" + id).json().path("items");
    assertEquals(2, audit.size(), audit.toString());
    assertEquals("revoke", audit.at("/0/action").asText());
    assertEquals("key", audit.at("/0/kind").asText());
    assertEquals("create", audit.at("/1/action").asText());
    send("DELETE", "teams/revoked", null).expect(204);
    get("teams/revoked").expect(404);
    // Whoever had it would see what was spent.
    send("POST", "teams", "{\"name\": \"revoked\"}")
        .expectProblem(409, "name-taken", null, "There was a team 'revoked'");
    get("teams/revoked").expect(404);
  }

  @Test
  void theNameOfATeamThatNeverHadAKeyMayComeAgain() {
    team("brief");
    send("DELETE", "teams/brief", null).expect(204);
    team("brief");
    send("POST", "teams", "{\"name\": \"brief\"}")
        .expectProblem(409, "name-taken", null, "There is a team 'brief' already");
  }

  @Test
  void whatIsNoKeyOfScopeAdminOpensNothing() {
    team("door");
    JsonNode use = make("door", "\"use\", \"feedback\"", "");
    String text = use.path("key").asText();
    await().atMost(SOON).until(() -> statusWith(text) == 403);
    Rest.get("models", AUTHORIZATION, "Bearer " + text)
        .expectProblem(403, "forbidden", null, "scope admin");
    Rest.get("models", "x-api-key", WithKeys.ADMIN).expect(200);
    // The first header decides.
    Rest.get("models", "x-api-key", WithKeys.ADMIN, AUTHORIZATION, "Bearer nobody").expect(401);
    for (String wrong :
        new String[] {"", "tk-", "x".repeat(5_000), text + "x", text.substring(1)}) {
      Rest.get("models", AUTHORIZATION, "Bearer " + wrong)
          .expectProblem(401, "unauthorized", null, "");
    }
    Rest.get("models", AUTHORIZATION, "Basic " + WithKeys.ADMIN).expect(401);
    JsonNode brief =
        make(
            "door",
            "\"admin\"",
            ", \"expires_at\": \"%s\"".formatted(Instant.now().plusSeconds(1)));
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                Rest.get("models", AUTHORIZATION, "Bearer " + brief.path("key").asText())
                    .expectProblem(401, "unauthorized", null, "expiry"));
  }

  @Test
  void pagesTakeAKeyTooAndLeadWhoeverBringsNoneToSignIn() {
    Rest.Answer led = Rest.get("/console/models?text=a").expect(303);
    assertTrue(
        led.header("Location").endsWith("/console/sign-in?to=%2Fconsole%2Fmodels%3Ftext%3Da"),
        led.header("Location"));
    Rest.get("/console/models", AUTHORIZATION, ADMIN).expect(200);
    for (String wrong : new String[] {"Basic " + WithKeys.ADMIN, "Bearer nobody"}) {
      Rest.Answer refused = Rest.get("/console/models", AUTHORIZATION, wrong).expect(401);
      assertTrue(refused.body().contains("<html"), refused.body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/models",
        "/api/v1//models",
        "//api/v1/models",
        "/api/v1;a/models",
        "/api/v1/models;a=b",
        "/api/v1/%6dodels",
        "/api/./v1/x/../models",
        "/api/v1/models/",
        "/API/v1/models"
      })
  void noSpellingOfAPathGetsAroundTheCheck(String path) {
    int status = Rest.get(path).status();
    assertTrue(status == 401 || status == 404, path + ": " + status);
    int asked = Rest.get(path, AUTHORIZATION, ADMIN).status();
    assertTrue(asked == 200 || asked == 404, path + ": " + asked);
  }

  @Test
  void theAuditLogTellsWhoReallyDidIt() {
    Rest.send(
            "POST",
            "teams",
            "{\"name\": \"audited\"}",
            AUTHORIZATION,
            ADMIN,
            "X-Tutti-User",
            "somebody else")
        .expect(201);
    String user = get("audit?name=audited").json().at("/items/0/user").asText();
    assertTrue(user.matches("key-[0-9a-f]{12} \\(administrators\\)"), user);
  }

  @Test
  void thePagesOfTheListAreTheList() {
    team("paged");
    var made = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(make("paged", "\"use\"", "").path("id").asText());
    }
    var found = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page = get("keys?team=paged&limit=2" + cursor).expect(200).json();
      page.path("items").forEach(its -> found.add(its.path("id").asText()));
      cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
    } while (cursor != null);
    assertEquals(made, found);
    assertEquals(1, get("teams?limit=1").json().path("items").size());
    get("teams?cursor=x").expect(400);
    JsonNode described =
        send("PATCH", "teams/paged", "{\"description\": \"Of pages.\"}").expect(200).json();
    assertEquals("Of pages.", described.path("description").asText());
  }
}
