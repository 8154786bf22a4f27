package dev.tutti.router.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyBudget;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a key may use, with the database behind it. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class LimitsTest {

  @Inject LimitLedger ledger;

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

  @Test
  void requestsAMinute() {
    Keys.lock(key("rpm").setRequestsPerMinute(5).build(), key("free").build());
    int answered = answered("rpm", 10);
    assertTrue(answered >= 5, "answered " + answered);
    Http.Answer answer = refused("rpm");
    assertEquals("rate_limit_exceeded", answer.error().path("code").asText());
    assertTrue(answer.error().path("message").asText().contains("requests"), answer.body());
    int seconds = Integer.parseInt(answer.header("retry-after"));
    assertTrue(seconds >= 1 && seconds <= 60, "retry after " + seconds);
    // Each other key has its own, and what is only read is no request.
    assertEquals(200, Keys.chat("anna", "free").status());
    assertEquals(200, Keys.get("/v1/models", "rpm").status());
    assertEquals(200, Keys.get("/v1/decisions", "rpm").status());
    for (String path : new String[] {"/v1/route", "/v1/embeddings"}) {
      String body =
          path.equals("/v1/route")
              ? Http.body("blend")
              : "{\"model\": \"embedder\", \"input\": \"a\"}";
      assertEquals(429, Http.post(path, body, "authorization", Keys.bearer("rpm")).status(), path);
    }
  }

  /** An answer has 3 tokens of the prompt and some that were written. */
  @Test
  void tokensAMinute() {
    Keys.lock(key("tpm").setTokensPerMinute(40).build());
    int answered = answered("tpm", 40);
    assertTrue(answered >= 5, "answered " + answered);
    assertTrue(refused("tpm").error().path("message").asText().contains("tokens"));
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
    assertTrue(Integer.parseInt(answer.header("retry-after")) >= 1);
    Keys.chat("anna", "warned");
    Http.Answer warned = Keys.chat("anna", "warned");
    assertEquals(200, warned.status());
    assertFalse(warned.header("x-tutti-budget-warning").isEmpty());
  }

  @Test
  void aRequestThatNobodyCouldAnswerCostsNoTokens() {
    Keys.lock(key("wrong").setTokensPerMinute(40).build());
    for (int i = 0; i < 30; i++) {
      assertEquals(404, Keys.chat("nobody", "wrong").status());
    }
    assertEquals(200, Keys.chat("anna", "wrong").status());
  }

  /** The month does not end while this runs, but for once a month. */
  @Test
  void theTableIsOfAllReplicas() throws SQLException {
    var first = ledger.exchange("table", LimitKind.MONTH, 10, 0, 4);
    assertEquals(4, first.given());
    assertTrue(first.left().compareTo(Duration.ofDays(31)) <= 0 && !first.left().isNegative());
    assertEquals(6, ledger.exchange("table", LimitKind.MONTH, 10, 0, 7).given());
    assertEquals(0, ledger.exchange("table", LimitKind.MONTH, 10, 3, 1).given());
    assertEquals(13, ledger.exchange("table", LimitKind.MONTH, 10, 0, 0).used());
    assertEquals(8, ledger.exchange("table", LimitKind.MONTH, 10, -5, 0).used());
    assertEquals(2, ledger.exchange("table", LimitKind.MONTH, 10, 0, 9).given());
    assertEquals(9, ledger.exchange("other", LimitKind.MONTH, 10, 0, 9).given());
    assertEquals(9, ledger.exchange("table", LimitKind.DAY, 10, 0, 9).given());
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
