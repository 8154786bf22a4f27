package dev.tutti.router.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.BudgetWarning;
import dev.tutti.registry.v1.BudgetWindow;
import dev.tutti.registry.v1.KeyBudget;
import dev.tutti.router.access.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How limits are with their ledger, by a clock that is set by hand. */
class LooksTest {

  private static final ApiKey KEY =
      ApiKey.newBuilder()
          .setId("k")
          .setRequestsPerMinute(1_000_000)
          .setDay(KeyBudget.newBuilder().setHardUsd(10))
          .build();

  private final AtomicInteger exchanges = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();
  private final List<BudgetWarning> warned = new ArrayList<>();
  private final Map<LimitKind, Double> used = new EnumMap<>(LimitKind.class);
  private final Limits limits =
      new Limits(this::exchange, Duration.ofSeconds(10), now::get, warned::add);

  private synchronized Ledger.Exchanged exchange(
      String key, LimitKind kind, double most, Instant of, double debt, double wanted) {
    exchanges.incrementAndGet();
    double owed = Math.max(0, used.getOrDefault(kind, 0.0) + debt);
    double given = Math.clamp(wanted, 0, Math.max(0, most - owed));
    used.put(kind, owed + given);
    return new Ledger.Exchanged(given, owed + given, Instant.EPOCH, Duration.ofSeconds(50));
  }

  private Admission admit(double usd) throws Exception {
    return new Caller(Optional.of(KEY), false).call(() -> limits.admit(1, usd));
  }

  private int refused(int requests) throws Exception {
    int refused = 0;
    for (int i = 0; i < requests; i++) {
      try {
        admit(1).settle(1, 1, 1);
      } catch (FailureException e) {
        refused++;
      }
    }
    return refused;
  }

  @Test
  void whatIsSpentIsToldFromTheSoftBudgetOnWithTheBeginningOfItsWindow() throws Exception {
    var key =
        ApiKey.newBuilder()
            .setId("soft")
            .setDay(KeyBudget.newBuilder().setSoftUsd(2))
            .setMonth(KeyBudget.newBuilder().setSoftUsd(1_000))
            .build();
    for (double usd : new double[] {0.5, 1, 1}) {
      assertEquals(List.of(), warned, "before " + usd);
      Admission admission = new Caller(Optional.of(key), false).call(() -> limits.admit(1, 0));
      admission.settle(1, 1, usd);
    }
    BudgetWarning told = warned.getLast();
    assertEquals("soft", told.getKey());
    assertEquals(BudgetWindow.BUDGET_WINDOW_DAY, told.getWindow());
    assertEquals(2, told.getSoftUsd());
    assertTrue(told.getUsedUsd() >= 2 && told.getUsedUsd() < 3, told.toString());
    // The test's windows end in 50 seconds: the one that ends then began within the day before.
    Instant end = Instant.now().plusSeconds(50);
    assertEquals(
        Window.DAY.begin(end.minus(Duration.ofHours(12))),
        Instant.ofEpochSecond(told.getBegin().getSeconds()));
  }

  /** Who is refused comes again at once, a thousand times a second. */
  @Test
  void whatIsRefusedLeavesTheLedgerAlone() throws Exception {
    while (refused(1) == 0) {
      // Until the day's budget is spent.
    }
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertEquals(1, refused(1));
    int before = exchanges.get();
    assertEquals(1_000, refused(1_000));
    int looks = exchanges.get() - before;
    // Whatever is asked for goes on beside, so that some may have been under way.
    assertTrue(looks <= 5, looks + " exchanges");
  }

  @Test
  void whatFailsCostsWhatTheFailureSays() throws Exception {
    for (int i = 0; i < 30; i++) {
      Admission admission = admit(9);
      var away = new Failure.Unavailable("AWAY", "away").exception();
      assertThrows(
          FailureException.class,
          () ->
              admission.spend(
                  () -> {
                    throw away;
                  },
                  its -> 1,
                  its -> 1));
    }
    limits.stop(null);
    assertEquals(0, used.get(LimitKind.DAY), 1e-9);
    assertEquals(30, used.get(LimitKind.REQUESTS), 1e-9);
  }

  @Test
  void aReplicaThatHasJustStartedWarnsOfWhatOthersHaveSpent() throws Exception {
    var soft =
        KEY.toBuilder().setMonth(KeyBudget.newBuilder().setSoftUsd(5).setHardUsd(10)).build();
    used.put(LimitKind.MONTH, 4.0);
    assertEquals(Optional.empty(), warning(soft, limits));
    used.put(LimitKind.MONTH, 7.0);
    var another = new Limits(this::exchange, Duration.ofSeconds(10), now::get, warned::add);
    String warning = warning(soft, another).orElseThrow();
    assertTrue(warning.startsWith("7 US dollars of this month"), warning);
  }

  private static Optional<String> warning(ApiKey key, Limits limits) throws Exception {
    return new Caller(Optional.of(key), false).call(limits::warning);
  }

  @Test
  void whatAReplicaHoldsGoesBackAsItStops() throws Exception {
    for (int i = 0; i < 3; i++) {
      admit(0.01).settle(1, 1, 0.02);
    }
    limits.stop(null);
    assertEquals(0.06, used.get(LimitKind.DAY), 1e-9);
    assertEquals(3, used.get(LimitKind.REQUESTS), 1e-9);
  }
}
