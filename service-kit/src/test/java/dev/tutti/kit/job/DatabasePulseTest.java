package dev.tutti.kit.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.deploy.SecuredPostgres;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class DatabasePulseTest {

  /** Whether another connection was asked something. */
  private static final String ASKED_AFTER =
      """
      select exists (select from pg_stat_activity where pid <> pg_backend_pid()
        and backend_type = 'client backend' and query_start > timestamptz '%s')""";

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
    try (var pulse = new DatabasePulse(source(), letGo::incrementAndGet, () -> {}, meters)) {
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
    try (var pulse = new DatabasePulse(source(), letGo::incrementAndGet, () -> {}, meters)) {
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

  /** A report may take longer than anybody waits for a connection. */
  @Test
  void aPoolWhoseConnectionsAreAllAtWorkIsNoOutage() throws Exception {
    try (var server = SecuredPostgres.startEmpty();
        var pool =
            AgroalDataSource.from(
                new AgroalDataSourceConfigurationSupplier()
                    .connectionPoolConfiguration(
                        one ->
                            one.maxSize(1)
                                .connectionFactoryConfiguration(c -> c.jdbcUrl(server.url()))));
        Connection atWork = pool.getConnection();
        var pulse = DatabasePulse.of(pool, meters)) {
      pool.getConfiguration()
          .connectionPoolConfiguration()
          .setAcquisitionTimeout(Duration.ofMillis(10));
      pulse.start();
      assertThrows(SQLException.class, pool::getConnection);
      for (int asked = 0; asked < 2; asked++) {
        Timestamp before = (Timestamp) first(atWork, "select clock_timestamp()");
        await(() -> (boolean) first(atWork, ASKED_AFTER.formatted(before)));
      }
      assertTrue(pulse.state().answers());
      assertEquals(0, meters.get("tutti.database.outages").counter().count());
    }
  }

  private static Object first(Connection connection, String query) {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getObject(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
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
