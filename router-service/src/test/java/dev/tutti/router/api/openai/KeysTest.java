package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Timestamp;
import dev.tutti.kit.testing.LoggedLines;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in at the REST of the front door, once a key for it was made. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class KeysTest {

  private static final ApiKey SEARCH = Keys.of("search", "search");
  private static final ApiKey ADMIN = Keys.admin("root");

  @BeforeEach
  void lock() {
    Keys.unlock();
    Neighbourhood.calm();
    Keys.lock(SEARCH, ADMIN);
  }

  @AfterAll
  static void unlock() {
    Keys.unlock();
  }

  private static Http.Answer send(String method, String path, String... headers) {
    HttpRequest.Builder request =
        Http.request(path)
            .method(
                method,
                method.equals("GET")
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString("{}"));
    if (!method.equals("GET")) {
      request.header("content-type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return Http.send(request);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/models",
    "GET, /v1/models/anna",
    "POST, /v1/chat/completions",
    "POST, /v1/completions",
    "POST, /v1/embeddings",
    "POST, /v1/route",
    "POST, /v1/route/batch",
    "POST, /v1/fuse",
    "POST, /v1/decide",
    "GET, /v1/decisions",
    "GET, /v1/decisions/any",
    "POST, /v1/feedback",
    "GET, /v1/feedback",
    "GET, /v1/spend"
  })
  void nothingIsAnsweredWithoutAKey(String method, String path) {
    Http.Answer none = send(method, path);
    assertEquals(401, none.status(), none.body());
    assertEquals("invalid_api_key", none.error().path("code").asText());
    assertEquals("invalid_request_error", none.error().path("type").asText());
    assertEquals("Bearer", none.header("www-authenticate"));
    for (String name : List.of("authorization", "x-api-key")) {
      String value = name.equals("authorization") ? Keys.bearer("search") : Keys.text("search");
      int status = send(method, path, name, value).status();
      assertTrue(status != 401 && status != 403 && status < 500, path + ": " + status);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/models",
        "/v1//models",
        "//v1/models",
        "/v1;a/models",
        "/v1/models;a=b",
        "/v1/%6dodels",
        "/v1/x/../models",
        "/./v1/./models",
        "/v1/models/",
        "/V1/models",
        "/v1%2Fmodels"
      })
  void noSpellingOfAPathGetsAroundTheCheck(String path) {
    int none = send("GET", path).status();
    assertTrue(none == 401 || none == 404, path + ": " + none);
    int asked = Keys.get(path, "search").status();
    assertTrue(asked == 200 || asked == 404, path + ": " + asked);
  }

  @Test
  void whatIsNoKeyOpensNothing() {
    String right = Keys.text("search");
    var wrong =
        new ArrayList<>(
            List.of(
                "Bearer",
                "Bearer ",
                "Bearer tk-",
                "Basic " + right,
                right,
                "Bearer " + right + "x",
                "Bearer " + right.substring(0, right.length() - 1),
                "Bearer " + right.toUpperCase(Locale.ROOT),
                "Bearer " + "x".repeat(4_000)));
    wrong.add(Keys.bearer("unknown"));
    for (String header : wrong) {
      Http.Answer answer = send("GET", "/v1/models", "authorization", header);
      assertEquals(401, answer.status(), header);
      assertFalse(answer.body().contains(right), header);
    }
    // The first header decides.
    assertEquals(
        401,
        send("GET", "/v1/models", "authorization", "Bearer nobody", "x-api-key", right).status());
    assertEquals(200, send("GET", "/v1/models", "authorization", "bearer  " + right).status());
  }

  @Test
  void aRevokedKeyIsRefusedWithinTwoSecondsAndAnExpiredOneAtItsTime() {
    assertEquals(200, Keys.chat("anna", "search").status());
    Neighbourhood.registry.tell(Keys.locked(ADMIN));
    Keys.await(() -> Keys.status("search") == 401);
    Http.Answer answer = Keys.chat("anna", "search");
    assertEquals(401, answer.status());
    assertTrue(answer.error().path("message").asText().contains("revoked"), answer.body());

    Instant end = Instant.now().plusSeconds(1);
    Neighbourhood.registry.tell(
        Keys.locked(
            SEARCH.toBuilder()
                .setExpires(
                    Timestamp.newBuilder().setSeconds(end.getEpochSecond()).setNanos(end.getNano()))
                .build()));
    Keys.await(
        () -> Keys.chat("anna", "search").error().path("message").asText().contains("expiry"));
    assertEquals(401, Keys.status("search"));
  }

  @Test
  void aKeyIsForItsScopesOnly() {
    ApiKey feedback =
        Keys.of("rater", "search").toBuilder()
            .clearScopes()
            .addScopes(KeyScope.KEY_SCOPE_FEEDBACK)
            .build();
    ApiKey use =
        Keys.of("asker", "search").toBuilder()
            .clearScopes()
            .addScopes(KeyScope.KEY_SCOPE_USE)
            .build();
    ApiKey admin = ADMIN.toBuilder().clearScopes().addScopes(KeyScope.KEY_SCOPE_ADMIN).build();
    Keys.lock(feedback, use, admin);
    assertEquals(403, Keys.chat("anna", "rater").status());
    assertEquals("scope_missing", Keys.chat("anna", "rater").error().path("code").asText());
    assertEquals(200, Keys.get("/v1/feedback", "rater").status());
    assertEquals(403, Keys.get("/v1/feedback", "asker").status());
    assertEquals(200, Keys.chat("anna", "asker").status());
    assertEquals(403, Keys.chat("anna", "root").status());
  }

  @Test
  void aKeyAsksWhatItMayOnly() {
    Keys.lock(SEARCH.toBuilder().addModels("anna").addModels("embedder").build());
    assertEquals(200, Keys.chat("anna", "search").status());
    for (String other : List.of("bert", "blend", "vote", "steps")) {
      Http.Answer answer = Keys.chat(other, "search");
      assertEquals(403, answer.status(), answer.body());
      assertEquals("model_not_allowed", answer.error().path("code").asText());
    }
    assertEquals(404, Keys.chat("nobody", "search").status());
    JsonNode listed = Keys.get("/v1/models", "search").json().path("data");
    assertEquals(2, listed.size(), listed.toString());
    assertEquals(200, Keys.get("/v1/models/anna", "search").status());
    assertEquals(403, Keys.get("/v1/models/bert", "search").status());
    assertEquals(404, Keys.get("/v1/models/nobody", "search").status());
    String[] key = {"authorization", Keys.bearer("search")};
    String texts = "{\"model\": \"%s\", \"input\": \"a\"}";
    assertEquals(200, Http.post("/v1/embeddings", texts.formatted("embedder"), key).status());
    assertEquals(403, Http.post("/v1/embeddings", texts.formatted("wire-embedder"), key).status());
    assertEquals(
        403, Http.post("/v1/embeddings", texts.formatted("all-minilm-l6-v2"), key).status());
    assertEquals(403, Http.post("/v1/route", Http.body("blend"), key).status());
    assertEquals(
        403,
        Http.post(
                "/v1/route/batch",
                """
                {"model": "blend", "usd": 1,
                 "queries": [{"messages": [{"role": "user", "content": "a"}]}]}""",
                key)
            .status());
    assertEquals(
        403,
        Http.post(
                "/v1/fuse",
                """
                {"model": "vote", "messages": [{"role": "user", "content": "a"}],
                 "answers": [{"member": "anna", "content": "a"}]}""",
                key)
            .status());
  }

  @Test
  void whoIsCutOffFromTheRegistryKeepsWhatItKnowsAndKeepsHashesOnly() throws IOException {
    Path file = Path.of(ConfigProvider.getConfig().getValue("tutti.router.snapshot", String.class));
    Neighbourhood.registry.stop();
    try {
      assertEquals(200, Keys.chat("anna", "search").status());
      assertEquals(401, Http.chat("anna").status());
      byte[] kept = Files.readAllBytes(file);
      Snapshot snapshot = Snapshot.parseFrom(kept);
      assertTrue(snapshot.getFrontDoorLocked());
      assertEquals(2, snapshot.getKeysCount());
      assertFalse(
          new String(kept, StandardCharsets.ISO_8859_1).contains(Keys.text("search").substring(3)));
    } finally {
      Neighbourhood.registry.start();
    }
  }

  /** One of the build of before, or one whose database was restored: it tells of no key. */
  @Test
  void noRegistryOpensALockedDoor() {
    Neighbourhood.registry.tell(Neighbourhood.usual());
    Keys.await(() -> Keys.status("search") == 401);
    assertEquals(401, Http.get("/v1/models").status());
    assertEquals(401, Http.chat("anna").status());
    Neighbourhood.registry.tell(Keys.locked(SEARCH));
    Keys.await(() -> Keys.status("search") == 200);
  }

  /** At every level that is logged, right keys and wrong ones; nor in a metric. */
  @Test
  void noKeyIsInALogOrAMetric() {
    var logged = new LoggedLines(Level.FINE);
    try (logged) {
      Keys.chat("anna", "search");
      Keys.chat("blend", "search", "\"stream\": true");
      Keys.chat("nobody", "search");
      Keys.chat("anna", "stranger");
      send("GET", "/v1/models", "x-api-key", Keys.text("stranger") + "x");
    }
    assertFalse(logged.all().isEmpty());
    String metrics = Http.operators("/metrics").body();
    for (String id : List.of("search", "stranger")) {
      String secret = Keys.text(id).substring(11);
      assertFalse(metrics.contains(secret));
      logged.all().forEach(line -> assertFalse(line.contains(Keys.text(id)), line));
    }
  }

  @Test
  void aStreamIsAnsweredToWhoHasAKeyOnly() {
    assertEquals(401, Http.chat("blend", "\"stream\": true").status());
    Http.Answer stream = Keys.chat("blend", "search", "\"stream\": true");
    assertTrue(stream.body().endsWith("data: [DONE]\n\n"), stream.body());
  }
}
