package dev.tutti.registry.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.WithKeys;
import dev.tutti.registry.v1.BudgetWarning;
import dev.tutti.registry.v1.BudgetWindow;
import dev.tutti.registry.v1.KeyUse;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.TellUseRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who is told that a key has spent its soft budget, and what front doors tell of keys. */
@QuarkusTest
@TestProfile(WithKeys.class)
@ExtendWith(OfRegistry.class)
class WebhookResourceTest {

  private static final String[] ADMIN = {"Authorization", "Bearer " + WithKeys.ADMIN};
  private static final Duration SOON = Duration.ofSeconds(10);

  @Inject DataSource database;

  private record Got(String path, String body, String timestamp, String signature) {}

  private final List<Got> got = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile int failures;
  private HttpServer listener;
  private ManagedChannel channel;

  @BeforeEach
  void listen() throws IOException {
    listener = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    listener.createContext("/", this::take);
    listener.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    listener.start();
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    over.countDown();
    listener.stop(0);
    channel.shutdownNow();
    Rest.get("webhooks", ADMIN)
        .json()
        .path("items")
        .forEach(
            its ->
                Rest.send("DELETE", "webhooks/" + its.path("id").asText(), null, ADMIN)
                    .expect(204));
  }

  private void take(HttpExchange call) throws IOException {
    try (call) {
      got.add(
          new Got(
              call.getRequestURI().getPath(),
              new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
              call.getRequestHeaders().getFirst("X-Tutti-Timestamp"),
              call.getRequestHeaders().getFirst("X-Tutti-Signature")));
      int status = 204;
      if (call.getRequestURI().getPath().equals("/elsewhere")) {
        call.getResponseHeaders().add("Location", "/hook");
        status = 302;
      } else if (call.getRequestURI().getPath().equals("/endless")) {
        call.sendResponseHeaders(200, 0);
        call.getResponseBody().write('x');
        call.getResponseBody().flush();
        over.await();
        return;
      } else if (call.getRequestURI().getPath().equals("/silent")) {
        over.await();
        return;
      } else if (failures > 0) {
        failures--;
        status = 500;
      }
      call.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private JsonNode hook(String path) {
    return Rest.post(
            "webhooks",
            "{\"url\": \"http://127.0.0.1:%d%s\"}".formatted(listener.getAddress().getPort(), path),
            ADMIN)
        .expect(201)
        .json();
  }

  private static String key(String team) {
    Rest.post("teams", "{\"name\": \"%s\"}".formatted(team), ADMIN).expect(201);
    return Rest.post(
            "keys",
            """
            {"team": "%s", "name": "warned", "scopes": ["use"], "soft_usd_per_day": 2, "usd_per_day": 5}"""
                .formatted(team),
            ADMIN)
        .expect(201)
        .json()
        .path("id")
        .asText();
  }

  private void tell(String key, BudgetWindow window, Instant begin) {
    RegistryServiceGrpc.newBlockingStub(channel)
        .tellUse(
            TellUseRequest.newBuilder()
                .addWarnings(
                    BudgetWarning.newBuilder()
                        .setKey(key)
                        .setWindow(window)
                        .setBegin(Timestamps.fromMillis(begin.toEpochMilli()))
                        .setUsedUsd(2.5)
                        .setSoftUsd(2))
                .build());
  }

  @Test
  void aSoftBudgetIsToldOnceAWindowSignedAndAgainUntilItIsTaken() throws Exception {
    String key = key("hooked");
    JsonNode made = hook("/hook");
    String secret = made.path("secret").asText();
    assertTrue(secret.matches("whs-[A-Za-z0-9_-]{43}"), secret);
    failures = 2;
    Instant day = Instant.now().truncatedTo(ChronoUnit.DAYS);
    for (int replicas = 0; replicas < 3; replicas++) {
      tell(key, BudgetWindow.BUDGET_WINDOW_DAY, day);
    }
    tell("key-000000000000", BudgetWindow.BUDGET_WINDOW_DAY, day);
    await().atMost(SOON).until(() -> got.size() == 3);
    JsonNode body = new com.fasterxml.jackson.databind.ObjectMapper().readTree(got.get(2).body());
    assertEquals(
        "{\"type\":\"budget.soft\",\"key\":\"%s\",\"key_name\":\"warned\",\"team\":\"hooked\",\"window\":\"day\",\"begin\":\"%s\",\"used_usd\":2.5,\"soft_usd\":2.0,\"usd\":5.0}"
            .formatted(key, day),
        body.toString());
    for (Got its : got) {
      assertEquals(got.getFirst().body(), its.body());
      assertEquals(signature(secret, its), its.signature());
      assertTrue(
          Math.abs(Instant.now().getEpochSecond() - Long.parseLong(its.timestamp())) < 60,
          its.timestamp());
    }
    String path = "webhooks/" + made.path("id").asText();
    await().atMost(SOON).until(() -> Rest.get(path, ADMIN).json().has("delivered_at"));
    assertFalse(Rest.get(path, ADMIN).json().has("error"));
    tell(key, BudgetWindow.BUDGET_WINDOW_MONTH, day.minus(3, ChronoUnit.DAYS));
    tell(key, BudgetWindow.BUDGET_WINDOW_DAY, day);
    await().atMost(SOON).until(() -> got.size() == 4);
    assertTrue(got.get(3).body().contains("\"month\""), got.get(3).body());
    for (String told : List.of("webhooks", path, "audit?name=" + made.path("id").asText())) {
      assertFalse(Rest.get(told, ADMIN).expect(200).body().contains(secret), told);
    }
    assertEquals(
        "webhook",
        Rest.get("audit?name=" + made.path("id").asText(), ADMIN)
            .json()
            .at("/items/0/kind")
            .asText());
  }

  private static String signature(String secret, Got got) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] signed =
        mac.doFinal((got.timestamp() + "." + got.body()).getBytes(StandardCharsets.UTF_8));
    return "v1=" + HexFormat.of().formatHex(signed);
  }

  @Test
  void nobodyIsFollowedElsewhereAndWhatIsNoAddressRefused() {
    String key = key("hooked-elsewhere");
    String path = "webhooks/" + hook("/elsewhere").path("id").asText();
    tell(key, BudgetWindow.BUDGET_WINDOW_DAY, Instant.now().truncatedTo(ChronoUnit.DAYS));
    await().atMost(SOON).until(() -> Rest.get(path, ADMIN).json().has("error"));
    assertTrue(Rest.get(path, ADMIN).body().contains("status 302"));
    assertTrue(got.stream().allMatch(its -> its.path().equals("/elsewhere")));
    for (String wrong :
        List.of(
            "",
            "file:///etc/passwd",
            "ftp://example.com/",
            "http:///x",
            "//example.com",
            "https://user:secret@example.com/",
            "https://example.com/#a",
            "https://example.com/" + "x".repeat(2_000),
            "https://exa mple.com/",
            "http://example.com:99999/",
            "http://example.com:0/")) {
      Rest.post("webhooks", "{\"url\": \"%s\"}".formatted(wrong), ADMIN)
          .expectProblem(422, "invalid", "url", "url");
    }
    Rest.post("webhooks", "{}", ADMIN).expect(422);
    Rest.get("webhooks/nobodys", ADMIN).expect(404);
    Rest.send("DELETE", "webhooks/nobodys", null, ADMIN).expect(404);
    Rest.get("webhooks").expect(401);
  }

  @Test
  void whoNeverEndsAnAnswerAndWhatNobodyCanSendHoldNobodyUp() throws Exception {
    String key = key("hooked-endless");
    String endless = "webhooks/" + hook("/endless").path("id").asText();
    String wrong = "webhooks/" + hook("/never").path("id").asText();
    // One of before that was refused less.
    try (var connection = database.getConnection();
        var update =
            connection.prepareStatement("update registry.webhook set url = ? where id = ?")) {
      update.setString(1, "http://127.0.0.1:99999/");
      update.setString(2, wrong.substring("webhooks/".length()));
      assertEquals(1, update.executeUpdate());
    }
    String other = "webhooks/" + hook("/other").path("id").asText();
    Instant day = Instant.now().truncatedTo(ChronoUnit.DAYS);
    tell(key, BudgetWindow.BUDGET_WINDOW_DAY, day);
    for (String taken : List.of(endless, other)) {
      await().atMost(SOON).until(() -> Rest.get(taken, ADMIN).json().has("delivered_at"));
    }
    await().atMost(SOON).until(() -> Rest.get(wrong, ADMIN).json().has("error"));
    got.clear();
    tell(key, BudgetWindow.BUDGET_WINDOW_MONTH, day);
    await().atMost(SOON).until(() -> got.size() == 2);
  }

  /** What is not answered is waited for during ten seconds. */
  @Test
  void nobodyWaitsForWhoDoesNotAnswer() {
    String key = key("hooked-silent");
    hook("/silent");
    hook("/other");
    Instant day = Instant.now().truncatedTo(ChronoUnit.DAYS);
    tell(key, BudgetWindow.BUDGET_WINDOW_DAY, day);
    await().atMost(SOON).until(() -> got.size() == 2);
    tell(key, BudgetWindow.BUDGET_WINDOW_MONTH, day);
    await().atMost(Duration.ofSeconds(5)).until(() -> got.size() == 4);
  }

  @Test
  void theLatestUseOfAKeyIsToldWhoeverSaysItFirst() {
    String key = key("hooked-use");
    Instant at = Instant.parse("2026-01-02T03:04:05Z");
    for (Instant told : List.of(at.minusSeconds(60), at, at.minusSeconds(30))) {
      RegistryServiceGrpc.newBlockingStub(channel)
          .tellUse(
              TellUseRequest.newBuilder()
                  .addUses(
                      KeyUse.newBuilder()
                          .setKey(key)
                          .setLast(Timestamps.fromMillis(told.toEpochMilli())))
                  .addUses(KeyUse.newBuilder().setKey("nobodys"))
                  .build());
    }
    assertEquals(
        at.toString(), Rest.get("keys/" + key, ADMIN).json().path("last_used_at").asText());
  }
}
