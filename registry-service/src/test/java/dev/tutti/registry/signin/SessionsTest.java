package dev.tutti.registry.signin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.watch.ServicesOnlyTest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the replicas share of sessions and tries: the tables. */
@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
class SessionsTest {

  private static final Author TEST = new Author("test", "0".repeat(32));

  @Inject DataSource database;
  @Inject Users users;
  @Inject SignIn signIn;

  private Sessions replica() {
    return new Sessions(database, Duration.ofMinutes(30), Duration.ofHours(12));
  }

  private Session begun(String name) throws SQLException {
    Users.Made made = users.create(name, "viewer", TEST);
    return signIn.by(name, made.password(), new SignIn.Origin("10.9.9.9", null, "0".repeat(32)));
  }

  private void execute(String sql, Object value) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, value);
      statement.executeUpdate();
    }
  }

  private void age(Session session, String column, String by) throws SQLException {
    execute(
        "update registry.session set %1$s = now() - interval '%2$s' where sha256 = ?"
            .formatted(column, by),
        Session.hash(session.id()));
  }

  @Test
  void everyReplicaKnowsIt() throws SQLException {
    Session session = begun("shared");
    Sessions one = replica();
    Sessions other = replica();
    assertEquals("shared", one.find(session.id()).orElseThrow().user());
    assertTrue(one.find(session.id()).orElseThrow().mustChange());
    assertEquals(one.find(session.id()), other.find(session.id()));
    one.end(session.id());
    assertTrue(other.find(session.id()).isEmpty());
    for (String none : new String[] {null, "", "x", "A".repeat(43), session.id() + "A"}) {
      assertTrue(one.find(none).isEmpty());
    }
  }

  @Test
  void itEndsUnusedAndAtTheLatestWhenItsTimeIsOver() throws SQLException {
    Session session = begun("idle");
    Sessions sessions = replica();
    age(session, "used_at", "29 minutes");
    assertTrue(sessions.find(session.id()).isPresent(), "and is used by that");
    assertTrue(sessions.find(session.id()).isPresent());
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select used_at > now() - interval '1 minute' from registry.session where sha256 = ?")) {
      select.setBytes(1, Session.hash(session.id()));
      try (ResultSet row = select.executeQuery()) {
        assertTrue(row.next() && row.getBoolean(1));
      }
    }
    age(session, "used_at", "31 minutes");
    assertTrue(sessions.find(session.id()).isEmpty());
    Session used = begun("used");
    age(used, "began_at", "11 hours 59 minutes");
    assertTrue(sessions.find(used.id()).isPresent());
    age(used, "began_at", "12 hours 1 minute");
    assertTrue(sessions.find(used.id()).isEmpty());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Sessions(database, Duration.ofHours(2), Duration.ofHours(1)));
  }

  @Test
  void whatTheCookieHoldsIsNowhereKept() throws SQLException {
    Session session = begun("hashed");
    assertFalse(session.toString().contains(session.id()));
    assertFalse(session.csrf().contains(session.id()));
    assertTrue(session.isCsrf(session.csrf()));
    assertFalse(session.isCsrf(null) || session.isCsrf("") || session.isCsrf(session.id()));
    try (Connection connection = database.getConnection();
        ResultSet rows =
            connection.createStatement().executeQuery("select s::text from registry.session s")) {
      while (rows.next()) {
        assertFalse(rows.getString(1).contains(session.id()));
      }
    }
  }

  @Test
  void fromTheFirstSignInOnEverybodyHasTo() throws SQLException {
    begun("locks");
    var snapshot = Snapshot.newBuilder();
    users.tell(snapshot);
    assertTrue(snapshot.getAdminLocked());
  }

  private long wait(Tries tries, String user, String address) throws SQLException {
    try {
      tries.count(user, address);
      return 0;
    } catch (RefusedException e) {
      return ((Refusal.TooManyTries) e.refusal()).retryAfter().toSeconds();
    }
  }

  private void waited() throws SQLException {
    execute("update registry.sign_in_try set wait_until = now() - make_interval(secs => ?)", 1);
  }

  @Test
  void theWaitGrowsAndEndsWithTheDay() throws SQLException {
    Tries one = new Tries(database);
    Tries other = new Tries(database);
    for (int i = 0; i < 5; i++) {
      assertEquals(0, wait(i % 2 == 0 ? one : other, "grown", "10.0.0." + i));
    }
    assertEquals(1, wait(other, "grown", "10.0.0.9"));
    long before = 1;
    for (int i = 0; i < 12; i++) {
      waited();
      assertEquals(0, wait(one, "grown", "10.0.1." + i));
      long seconds = wait(other, "grown", "10.0.2." + i);
      assertEquals(Math.min(900, before * 2), seconds, 1);
      before = Math.min(900, before * 2);
    }
    execute(
        "update registry.sign_in_try set last_at = now() - make_interval(hours => ?), wait_until = now()",
        25);
    for (int i = 0; i < 5; i++) {
      assertEquals(0, wait(one, "grown", "10.0.3." + i));
    }
    one.succeeded("grown", "10.0.3.4");
    assertEquals(0, wait(one, "grown", "10.0.3.9"));
  }

  @Test
  void anAddressWaitsWhateverUsersItTries() throws SQLException {
    Tries tries = new Tries(database);
    for (int i = 0; i < 20; i++) {
      assertEquals(0, wait(tries, "victim-" + i, "2001:db8:1:2::" + i));
    }
    assertTrue(wait(tries, "victim-x", "2001:db8:1:2:ffff::1") > 0, "its network is one");
    assertEquals(0, wait(tries, "victim-x", "2001:db8:1:3::1"));
    assertEquals(0, wait(tries, "victim-x", "no address"));
    for (int i = 0; i < 40; i++) {
      assertEquals(0, wait(tries, "right-" + i, "10.1.1.1"));
      tries.succeeded("right-" + i, "10.1.1.1");
    }
  }

  @Test
  void whoComesSecondThoughItBeganFirstDoesNotWait() throws SQLException {
    byte[] subject = Session.hash("one address");
    try (Connection first = database.getConnection();
        Connection second = database.getConnection()) {
      first.setAutoCommit(false);
      first.createStatement().execute("select now()");
      Tries.count(second, subject, 20);
      Tries.count(first, subject, 20);
      first.rollback();
    }
  }

  @Test
  void manyAtOnceAreNoWayAround() throws Exception {
    var replicas = List.of(new Tries(database), new Tries(database));
    var tries = new ArrayList<Callable<Long>>();
    for (int i = 0; i < 24; i++) {
      int number = i;
      tries.add(() -> wait(replicas.get(number % 2), "stormed", "10.2.0." + number));
    }
    int passed = 0;
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (Future<Long> one : threads.invokeAll(tries)) {
        passed += one.get() == 0 ? 1 : 0;
      }
    }
    assertEquals(5, passed);
  }
}
