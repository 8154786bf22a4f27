package dev.tutti.router.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.learning.database.Database;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyBudget;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a key may use, with the database behind it. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class LimitsTest {

  @Inject LimitLedger ledger;
  @Inject Database database;

  @BeforeEach
  void calm() {
    Keys.unlock();
    Neighbourhood.calm();
  }

  @AfterAll
  static void unlock() {
    Keys.unlock();
  }

  private static ApiKey.Builder key(String id) {
    return Keys.of(id, "limited").toBuilder();
  }

  /** Asks until it is refused; at most twice a limit, as a minute may end meanwhile. */
  private static int answered(String id, int most) {
    int answered = 0;
    while (answered <= most) {
      Http.Answer answer = Keys.chat("anna", id);
      if (answer.status() != 200) {
        assertEquals(429, answer.status(), answer.body());
        return answered;
      }
      answered++;
    }
    throw new AssertionError("never refused");
  }

  private static Http.Answer refused(String id) {
    Http.Answer answer = Keys.chat("anna", id);
    assertEquals(429, answer.status(), answer.body());
    assertEquals("rate_limit_error", answer.error().path("type").asText());
    return answer;
  }

  /** A minute may end meanwhile, and all begin anew: then once more, with another key. */
  private static void withinAMinute(ApiKey.Builder key, Consumer<String> test) {
    Keys.lock(key.clone().build(), another(key), key("free").build());
    long minute = minute();
    try {
      test.accept(key.getId());
    } catch (AssertionError e) {
      if (minute == minute()) {
        throw e;
      }
      test.accept(another(key).getId());
    }
  }

  private static ApiKey another(ApiKey.Builder key) {
    String id = key.getId() + "-2";
    return key.clone().setId(id).clearSecrets().addAllSecrets(key(id).getSecretsList()).build();
  }

  private static long minute() {
    return Instant.now().getEpochSecond() / 60;
  }

  @Test
  void requestsAMinute() {
    withinAMinute(key("rpm").setRequestsPerMinute(5), LimitsTest::requestsAMinute);
  }

  private static void requestsAMinute(String id) {
    assertEquals(5, answered(id, 10));
    Http.Answer answer = refused(id);
    assertEquals("rate_limit_exceeded", answer.error().path("code").asText());
    assertTrue(answer.error().path("message").asText().contains("requests"), answer.body());
    int seconds = Integer.parseInt(answer.header("retry-after"));
    assertTrue(seconds >= 1 && seconds <= 60, "retry after " + seconds);
    // Each other key has its own, and what is only read is no request.
    assertEquals(200, Keys.chat("anna", "free").status());
    assertEquals(200, Keys.get("/v1/models", id).status());
    assertEquals(200, Keys.get("/v1/decisions", id).status());
    for (String path : new String[] {"/v1/route", "/v1/embeddings"}) {
      String body =
          path.equals("/v1/route")
              ? Http.body("blend")
              : "{\"model\": \"embedder\", \"input\": \"a\"}";
      assertEquals(429, Http.post(path, body, "authorization", Keys.bearer(id)).status(), path);
    }
  }

  /**
   * An answer has 3 tokens of the prompt and 9 that were written: after three 36 are used, so the
   * fourth is let in, and no fifth.
   */
  @Test
  void tokensAMinute() {
    withinAMinute(
        key("tpm").setTokensPerMinute(40),
        id -> {
          assertEquals(4, answered(id, 40));
          assertTrue(refused(id).error().path("message").asText().contains("tokens"));
        });
  }

  /** An answer costs a quarter. */
  @Test
  void aHardBudgetRefusesAndASoftOneWarns() {
    Keys.lock(
        key("paid").setMonth(KeyBudget.newBuilder().setSoftUsd(0.5).setHardUsd(2)).build(),
        key("warned").setDay(KeyBudget.newBuilder().setSoftUsd(0.2)).build());
    assertEquals("", Keys.chat("anna", "paid").header("x-tutti-budget-warning"));
    int answered = 1 + answered("paid", 20);
    assertTrue(answered >= 8 && answered <= 9, "answered " + answered);
    Http.Answer answer = refused("paid");
    assertEquals("key_budget_exhausted", answer.error().path("code").asText());
    assertTrue(
        answer.header("x-tutti-budget-warning").contains("this month"),
        answer.header("x-tutti-budget-warning"));
    assertTrue(answer.error().path("message").asText().endsWith(" in a month: 2."));
    assertTrue(Integer.parseInt(answer.header("retry-after")) >= 1);
    Keys.chat("anna", "warned");
    Http.Answer warned = Keys.chat("anna", "warned");
    assertEquals(200, warned.status());
    assertFalse(warned.header("x-tutti-budget-warning").isEmpty());
  }

  @Test
  void anEmbeddingThatFailsCostsNothing() {
    Keys.lock(key("failing").setMonth(KeyBudget.newBuilder().setHardUsd(1e-6)).build());
    String body = "{\"model\": \"embedder\", \"input\": \"%s\"}".formatted("a".repeat(4_000));
    Neighbourhood.embedder.script(
        _ -> {
          throw new IllegalStateException("as a test wants it");
        });
    String[] key = {"authorization", Keys.bearer("failing")};
    for (int i = 0; i < 5; i++) {
      int status = Http.post("/v1/embeddings", body, key).status();
      assertTrue(status >= 500, "status " + status);
    }
    Neighbourhood.calm();
    assertEquals(200, Http.post("/v1/embeddings", body, key).status());
  }

  /** The month does not end while this runs, but for once a month. */
  @Test
  void theTableIsOfAllReplicas() throws SQLException {
    var first = ledger.exchange("table", LimitKind.MONTH, 10, null, 0, 4);
    assertEquals(4, first.given());
    assertTrue(first.left().compareTo(Duration.ofDays(31)) <= 0 && !first.left().isNegative());
    assertEquals(6, ledger.exchange("table", LimitKind.MONTH, 10, null, 0, 7).given());
    assertEquals(0, ledger.exchange("table", LimitKind.MONTH, 10, null, 3, 1).given());
    assertEquals(13, ledger.exchange("table", LimitKind.MONTH, 10, null, 0, 0).used());
    assertEquals(8, ledger.exchange("table", LimitKind.MONTH, 10, null, -5, 0).used());
    assertEquals(2, ledger.exchange("table", LimitKind.MONTH, 10, null, 0, 9).given());
    assertEquals(9, ledger.exchange("other", LimitKind.MONTH, 10, null, 0, 9).given());
    assertEquals(9, ledger.exchange("table", LimitKind.DAY, 10, null, 0, 9).given());
  }

  /** The row was locked in the old month, and the new one came while it was written. */
  @Test
  void whatWasUsedIsNotCarriedIntoTheNextWindow() throws SQLException {
    Instant end = Instant.parse("2027-01-01T00:00:00Z");
    try (Connection connection = database.connect()) {
      assertEquals(100, exchange(connection, end.minusMillis(1), 100).given());
      assertEquals(0, exchange(connection, end.minusNanos(1_000), 1).given());
      try (var statement = connection.createStatement();
          var row =
              statement.executeQuery("select since from router.key_limit where key = 'turn'")) {
        row.next();
        assertEquals(
            Instant.parse("2026-12-01T00:00:00Z"),
            row.getObject(1, OffsetDateTime.class).toInstant());
      }
      Ledger.Exchanged next = exchange(connection, end, 7);
      assertEquals(7, next.given());
      assertEquals(7, next.used());
      assertEquals(Duration.ofDays(31), next.left());
      assertEquals(end, next.begin());
      // What comes late of the month before is not this one's, owed or given back.
      for (double debt : new double[] {50, -50}) {
        Instant before = Instant.parse("2026-12-01T00:00:00Z");
        assertEquals(
            7,
            LimitLedger.exchange(
                    connection, () -> end, "turn", LimitKind.MONTH, 100, before, debt, 0)
                .used());
      }
    }
  }

  private static Ledger.Exchanged exchange(Connection connection, Instant now, double wanted)
      throws SQLException {
    return LimitLedger.exchange(
        connection, () -> now, "turn", LimitKind.MONTH, 100, null, 0, wanted);
  }

  @Test
  void twoReplicasOnOneTableKeepOneLimitWithinFivePercent() {
    var bounds = new LimitKind.Bounds(200, OptionalDouble.empty());
    Meter[] replicas = new Meter[2];
    for (int i = 0; i < 2; i++) {
      replicas[i] = new Meter("two", LimitKind.MONTH, ledger, System::nanoTime);
    }
    int granted = 0;
    int refused = 0;
    for (int i = 0; refused < 10; i++) {
      Meter meter = replicas[i % 2];
      Meter.Taken taken = meter.take(1);
      if (taken == null) {
        meter.exchange(bounds);
        taken = meter.take(1);
      }
      granted += taken == null ? 0 : 1;
      refused += taken == null ? 1 : 0;
    }
    assertTrue(granted >= 190 && granted <= 210, granted + " of 200");
  }
}
