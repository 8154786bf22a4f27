package dev.tutti.registry.signin;

import dev.tutti.kit.connection.KeyRing;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import javax.sql.DataSource;

/**
 * Keeps people from guessing passwords, over all replicas. A try counts as failed from before its
 * password is looked at, so that many at once are no way around; one that succeeds is taken back.
 * From the fifth failure of a user on, and from the twentieth of an address, the next try has to
 * wait: a second, then twice as long after each, up to 15 minutes. A day without a failure forgets
 * them.
 */
@ApplicationScoped
class Tries {

  private static final int FREE_OF_USER = 5;
  private static final int FREE_OF_ADDRESS = 20;
  private static final int LONGEST_SECONDS = 900;

  /** Bytes of an IPv6 address that its network has; who has one has them all. */
  private static final int NETWORK = 8;

  private final DataSource database;

  Tries(DataSource database) {
    this.database = database;
  }

  /**
   * Counts a try.
   *
   * @param user as typed
   * @param address of the client
   * @throws dev.tutti.registry.RefusedException {@link Refusal.TooManyTries}, where it has to wait
   */
  void count(String user, String address) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            // Addresses before users, everywhere, so that nobody waits in a circle.
            count(connection, ofAddress(address), FREE_OF_ADDRESS);
            count(connection, ofUser(user), FREE_OF_USER);
            return null;
          });
    }
  }

  /** Of two at once the one that began first may come second: it is later than now() by then. */
  static void count(Connection connection, byte[] subject, int free) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            insert into registry.sign_in_try as t (subject, failures, last_at, wait_until)
            values (?, 1, now(), now())
            on conflict (subject) do update set last_at = now(),
              failures = case when t.last_at < now() - interval '1 day' then 1 else t.failures + 1 end,
              wait_until = now() + make_interval(secs =>
                case when t.last_at < now() - interval '1 day' or t.failures + 1 < ? then 0
                     else least(?, power(2, least(t.failures + 1 - ?, 30))) end)
            where t.wait_until <= clock_timestamp()""")) {
      upsert.setBytes(1, subject);
      upsert.setInt(2, free);
      upsert.setInt(3, LONGEST_SECONDS);
      upsert.setInt(4, free);
      if (upsert.executeUpdate() == 0) {
        throw new Refusal.TooManyTries(
                "Too many tries failed; the next one has to wait.", left(connection, subject))
            .exception();
      }
    }
  }

  private static Duration left(Connection connection, byte[] subject) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select extract(epoch from wait_until - now()) from registry.sign_in_try where subject = ?")) {
      select.setBytes(1, subject);
      try (ResultSet row = select.executeQuery()) {
        double seconds = row.next() ? row.getDouble(1) : 0;
        return Duration.ofSeconds(Math.max(1, (long) Math.ceil(seconds)));
      }
    }
  }

  /** Takes one back that succeeded; of its user nothing is held against them any more. */
  void succeeded(String user, String address) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            update(
                connection,
                "update registry.sign_in_try set failures = greatest(failures - 1, 0), wait_until = now()"
                    + " where subject = ?",
                ofAddress(address));
            update(connection, "delete from registry.sign_in_try where subject = ?", ofUser(user));
            return null;
          });
    }
  }

  /** Forgets what is held against a user. */
  static void forget(Connection connection, String user) throws SQLException {
    update(connection, "delete from registry.sign_in_try where subject = ?", ofUser(user));
  }

  /** Throws away what no longer counts. */
  static void sweep(Connection connection) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from registry.sign_in_try where last_at < now() - interval '1 day'")) {
      delete.executeUpdate();
    }
  }

  private static void update(Connection connection, String sql, byte[] subject)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      update.setBytes(1, subject);
      update.executeUpdate();
    }
  }

  /** What is typed as a name may be a password, so nothing of it is kept that can be read. */
  private static byte[] ofUser(String user) {
    return KeyRing.hash("user " + user).toByteArray();
  }

  private static byte[] ofAddress(String address) {
    return KeyRing.hash("address " + network(address)).toByteArray();
  }

  /** Whoever has an address of IPv6 has its whole network. */
  static String network(String address) {
    if (!address.contains(":")) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(address).getAddress();
      return bytes.length == 4 ? address : Arrays.toString(Arrays.copyOf(bytes, NETWORK));
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
