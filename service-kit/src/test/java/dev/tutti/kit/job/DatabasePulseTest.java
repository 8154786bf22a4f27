package dev.tutti.kit.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class DatabasePulseTest {

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger letGo = new AtomicInteger();

  /** What a try to get a connection meets. */
  @FunctionalInterface
  private interface Door {
    Connection open() throws SQLException, InterruptedException;
  }

  private volatile Door door = DatabasePulseTest::answers;

  private static Connection answers() {
    return (Connection)
        Proxy.newProxyInstance(
            DatabasePulseTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, _) -> method.getName().equals("isValid") ? true : null);
  }

  private DataSource source() {
    return (DataSource)
        Proxy.newProxyInstance(
            DatabasePulseTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (_, _, _) -> door.open());
  }

  @Test
  void aLostDatabaseIsOneOutageHoweverItIsLostAndIsFoundAgain() throws Exception {
    try (var pulse = new DatabasePulse(source(), letGo::incrementAndGet, meters)) {
      pulse.start();
      assertTrue(pulse.state().answers());
      door =
          () -> {
            throw new SQLException("Refused.", "08001");
          };
      await(() -> !pulse.state().answers());
      // Then it takes connections and says nothing.
      var opened = new CountDownLatch(1);
      door =
          () -> {
            opened.countDown();
            new CountDownLatch(1).await();
            return null;
          };
      opened.await();
      int before = letGo.get();
      await(() -> letGo.get() > before);
      assertEquals(0, meters.get("tutti.database.reachable").gauge().value());
      assertEquals(1, meters.get("tutti.database.outages").counter().count());
    }
    door = DatabasePulseTest::answers;
    try (var pulse = new DatabasePulse(source(), letGo::incrementAndGet, meters)) {
      door =
          () -> {
            throw new SQLException("Refused.", "08001");
          };
      pulse.start();
      await(() -> !pulse.state().answers());
      door = DatabasePulseTest::answers;
      await(() -> pulse.state().answers());
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 30 s");
      Thread.sleep(5);
    }
  }
}
