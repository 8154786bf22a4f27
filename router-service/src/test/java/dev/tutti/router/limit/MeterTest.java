package dev.tutti.router.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.limit.LimitKind.Bounds;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that share one limit, by a clock that is set by hand. */
class MeterTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private long now = 5;
  private boolean away;
  private double used;
  private long window;
  private long jitter;
  private int exchanges;

  /** What happens while an exchange is on its way to the ledger. */
  private Runnable during = () -> {};

  /** As the table does it. */
  private Ledger.Exchanged exchange(
      String key, LimitKind kind, double most, Instant of, double debt, double wanted)
      throws SQLException {
    if (away) {
      throw new SQLException("away");
    }
    exchanges++;
    if (now / MINUTE != window) {
      window = now / MINUTE;
      used = 0;
    }
    during.run();
    during = () -> {};
    if (now / MINUTE != window) {
      window = now / MINUTE;
      used = 0;
    }
    Instant begin = Instant.ofEpochSecond(60 * window);
    double owed = Math.max(0, used + (of == null || of.equals(begin) ? debt : 0));
    double given = Math.clamp(wanted, 0, Math.max(0, most - owed));
    used = owed + given;
    return new Ledger.Exchanged(
        given, used, begin, Duration.ofNanos((window + 1) * MINUTE - now + jitter));
  }

  private Meter meter(LimitKind kind) {
    return new Meter("k", kind, this::exchange, () -> now);
  }

  private static Bounds bounds(double most) {
    return new Bounds(most, OptionalDouble.empty());
  }

  /** As {@link Limits} does it. */
  private static Meter.Taken take(Meter meter, Bounds bounds, double amount) {
    Meter.Taken taken = meter.take(amount);
    if (taken == null && meter.isWorthALook()) {
      meter.exchange(bounds);
      taken = meter.take(amount);
    }
    if (meter.isOff(bounds)) {
      meter.exchange(bounds);
    }
    return taken;
  }

  @Test
  void oneReplicaGrantsAllOfALimitAndThenNothingUntilTheNextMinute() {
    Meter meter = meter(LimitKind.REQUESTS);
    for (int minute = 0; minute < 3; minute++) {
      for (int i = 0; i < 100; i++) {
        assertNotNull(take(meter, bounds(100), 1), "request " + i);
      }
      assertNull(take(meter, bounds(100), 1));
      assertEquals(Duration.ofNanos(MINUTE - now % MINUTE), meter.untilNext());
      now = (now / MINUTE + 1) * MINUTE;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 7, 60, 1_000, 12_345})
  void twoReplicasTogetherKeepOneLimitWithinFivePercent(long most) {
    var random = new SplittableRandom(most);
    List<Meter> replicas = List.of(meter(LimitKind.REQUESTS), meter(LimitKind.REQUESTS));
    long granted = 0;
    int refused = 0;
    // However the requests fall, one replica may be asked for all that is left.
    while (refused < 50) {
      boolean first = granted < most / 2 ? random.nextInt(10) < 9 : random.nextBoolean();
      if (take(replicas.get(first ? 0 : 1), bounds(most), 1) == null) {
        refused++;
      } else {
        granted++;
      }
    }
    assertTrue(granted <= most, granted + " of " + most);
    assertTrue(granted >= most * 0.95, granted + " of " + most);
  }

  @Test
  void whatOneReplicaHoldsAnotherCannotGrantAndThatIsLittle() {
    Meter idle = meter(LimitKind.REQUESTS);
    take(idle, bounds(1_000), 1);
    Meter busy = meter(LimitKind.REQUESTS);
    int granted = 0;
    while (take(busy, bounds(1_000), 1) != null) {
      granted++;
    }
    assertEquals(975, granted);
  }

  /** The ledger knows of it before the answer is there; what comes back is a correction. */
  @Test
  void whatWasSetAsideBeyondTheLimitIsNotThereToBeTaken() {
    Meter meter = meter(LimitKind.TOKENS);
    int granted = 0;
    Meter.Taken taken = take(meter, bounds(40), 250);
    while (taken != null && granted < 10) {
      granted++;
      meter.settle(taken, 12);
      taken = take(meter, bounds(40), 250);
    }
    // 36 after the third: the fourth is let in, and no fifth.
    assertEquals(4, granted);
    // Not even once it is settled with the ledger; what another gives back is there.
    meter.exchange(bounds(40));
    assertNull(take(meter, bounds(40), 250));
    assertEquals(48, used);
    used -= 20;
    now += Duration.ofMillis(200).toNanos();
    assertNotNull(take(meter, bounds(40), 1));
  }

  /** A minute ends while what is owed of it, or given back, is on its way. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsToldAcrossTheEndOfAWindowIsOfNeither(boolean owes) {
    Meter meter = meter(LimitKind.TOKENS);
    Meter.Taken taken = take(meter, bounds(1_000), 800);
    if (!owes) {
      // The ledger knows of 800, of which 790 come back.
      meter.settle(taken, 10);
    } else {
      meter.settle(taken, 1_600);
    }
    during =
        () -> {
          now = (now / MINUTE + 1) * MINUTE;
          window = now / MINUTE;
          used = 500;
          // Somebody comes here too, and sees that the minute is over.
          assertNull(meter.take(1));
        };
    meter.exchange(bounds(1_000));
    assertTrue(used >= 500 && used <= 525, "the next minute's has %s".formatted(used));
    double granted = 0;
    while (take(meter, bounds(1_000), 5) != null) {
      granted += 5;
    }
    assertEquals(500, granted, 5);
  }

  @Test
  void whatWasExpectedGivesWayToWhatWasUsed() {
    Meter meter = meter(LimitKind.DAY);
    // Much is set aside, so that nothing is left for others meanwhile.
    Meter.Taken dear = take(meter, bounds(10), 9.9);
    assertNotNull(take(meter, bounds(10), 5));
    assertNull(take(meter, bounds(10), 1));
    Meter other = meter(LimitKind.DAY);
    assertNull(take(other, bounds(10), 1));
    meter.settle(dear, 0.5);
    assertTrue(meter.isOff(bounds(10)));
    meter.exchange(bounds(10));
    now += Duration.ofMillis(100).toNanos();
    assertNotNull(take(other, bounds(10), 1));
    assertEquals(5.5, meter.used(), 1e-9);
  }

  /** Each answer of the ledger is a little older than the one before. */
  @Test
  void theSameWindowIsTheSameHoweverLongAnAnswerTakes() {
    Meter meter = meter(LimitKind.TOKENS);
    for (int i = 0; i < 20; i++) {
      now += 1_000_003;
      jitter = i * 997_000L;
      Meter.Taken taken = take(meter, bounds(100), 90);
      assertNotNull(taken, "request " + i);
      now += 2_000_001;
      meter.settle(taken, 1);
    }
  }

  @Test
  void eachReplicaOverstepsByOneRequestAndTheLedgerIsTold() {
    Meter meter = meter(LimitKind.DAY);
    Meter.Taken taken = take(meter, bounds(1), 0.1);
    meter.settle(taken, 7);
    meter.exchange(bounds(1));
    assertEquals(7, used, 1e-9);
    assertNull(take(meter(LimitKind.DAY), bounds(1), 0.1));
    assertEquals(7, meter.used(), 1e-9);
  }

  @Test
  void whatEndsInAnotherWindowCountsThereAsFarAsItWasMoreThanExpected() {
    Meter meter = meter(LimitKind.TOKENS);
    Meter.Taken less = take(meter, bounds(100), 50);
    Meter.Taken more = take(meter, bounds(100), 10);
    now += MINUTE;
    assertNotNull(take(meter, bounds(100), 0));
    double before = used;
    meter.settle(less, 1);
    meter.settle(more, 30);
    meter.exchange(bounds(100));
    // 20 more than expected, which is in debt, and as much in hand as before.
    assertEquals(20, used - before, 2.5);
  }

  @Test
  void withoutTheLedgerAReplicaCountsByItselfAndTellsItAfterwards() {
    Meter meter = meter(LimitKind.REQUESTS);
    for (int i = 0; i < 10; i++) {
      take(meter, bounds(40), 1);
    }
    away = true;
    int granted = 10;
    while (take(meter, bounds(40), 1) != null) {
      granted++;
    }
    assertEquals(40, granted);
    away = false;
    now += Duration.ofSeconds(2).toNanos();
    meter.exchange(bounds(40));
    assertEquals(40, used, 1e-9);
    assertNull(take(meter(LimitKind.REQUESTS), bounds(40), 1));
  }

  private int granted(Meter meter, double most, Duration time) {
    int granted = 0;
    for (long minute = 0; minute < time.toMinutes(); minute++) {
      granted += take(meter, bounds(most), 1) == null ? 0 : 1;
      now += MINUTE;
    }
    return granted;
  }

  /** An hour of it at a time, so that one begins after each start again. */
  @Test
  void aReplicaThatNeverSawTheLedgerGrantsTheLimitADay() {
    away = true;
    assertEquals(5, granted(meter(LimitKind.DAY), 5, Duration.ofHours(23)));
    assertEquals(2, granted(meter(LimitKind.DAY), 48, Duration.ofHours(1)));
    assertEquals(20, granted(meter(LimitKind.MONTH), 31 * 19.5, Duration.ofHours(24)));
    assertEquals(60, granted(meter(LimitKind.REQUESTS), 1, Duration.ofHours(1)));
  }

  @Test
  void whatItGrantedThenIsToldHoweverOftenItBeganAnew() {
    away = true;
    Meter meter = meter(LimitKind.MONTH);
    assertEquals(6, granted(meter, 62, Duration.ofDays(3)));
    away = false;
    meter.exchange(bounds(62));
    assertEquals(6 + 62 / 1_000.0, used, 1e-9);
    assertEquals(6, meter.used(), 1e-9);
  }

  @Test
  void aWindowThatTheLedgerTellsToBeOverRefusesNobody() {
    jitter = -2 * MINUTE;
    Meter meter = meter(LimitKind.REQUESTS);
    for (int i = 0; i < 100; i++) {
      assertNotNull(take(meter, bounds(100), 1), "request " + i);
    }
  }

  @Test
  void whoeverIsRefusedLeavesTheLedgerAlone() {
    Meter meter = meter(LimitKind.REQUESTS);
    for (int i = 0; i < 10; i++) {
      assertNotNull(take(meter, bounds(10), 1));
    }
    int before = exchanges;
    for (int i = 0; i < 1_000; i++) {
      assertNull(take(meter, bounds(10), 1));
      now += Duration.ofMillis(1).toNanos();
    }
    assertTrue(exchanges - before <= 11, exchanges - before + " exchanges in a second");
  }

  @Test
  void whatAReplicaHeldIsOthersOnceItStops() throws SQLException {
    Meter meter = meter(LimitKind.DAY);
    meter.settle(take(meter, bounds(10), 1), 3);
    meter.close();
    assertEquals(3, used, 1e-9);
    meter.close();
    assertEquals(3, used, 1e-9);
  }

  /** Whatever comes, in whatever order, no more than the limit is granted. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noOrderGrantsMore(long seed) {
    var random = new SplittableRandom(seed);
    double most = 500;
    List<Meter> replicas =
        List.of(meter(LimitKind.TOKENS), meter(LimitKind.TOKENS), meter(LimitKind.TOKENS));
    double spent = 0;
    double largest = 0;
    record Open(Meter meter, Meter.Taken taken) {}
    var open = new ArrayList<Open>();
    for (int i = 0; i < 5_000; i++) {
      Meter meter = replicas.get(random.nextInt(3));
      if (open.size() > 4 || (!open.isEmpty() && random.nextBoolean())) {
        Open its = open.remove(random.nextInt(open.size()));
        double actual = random.nextDouble(12);
        its.meter().settle(its.taken(), actual);
        largest = Math.max(largest, actual);
        spent += actual;
        its.meter().exchange(bounds(most));
      } else {
        Meter.Taken taken = take(meter, bounds(most), random.nextDouble(12));
        if (taken != null) {
          open.add(new Open(meter, taken));
        }
      }
    }
    // Those in flight may each cost more than expected.
    assertTrue(spent <= most + 5 * largest, spent + " of " + most);
    assertTrue(spent >= most * 0.9, spent + " of " + most);
  }
}
