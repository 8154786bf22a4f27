package dev.tutti.registry.signin;

import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Who is signed in, at whatever replica: rows of one table. A session ends when it is not used for
 * {@code tutti.registry.sign-in.idle}, and after {@code tutti.registry.sign-in.longest} in any
 * case. All methods block.
 */
@ApplicationScoped
public class Sessions {

  private static final int ID_BYTES = 32;
  private static final Duration LONGEST_TOUCH = Duration.ofMinutes(1);
  private static final int TOUCHES = 10;

  private final DataSource database;
  private final Duration idle;
  private final Duration longest;
  private final SecureRandom random = new SecureRandom();

  Sessions(
      DataSource database,
      @ConfigProperty(name = "tutti.registry.sign-in.idle") Duration idle,
      @ConfigProperty(name = "tutti.registry.sign-in.longest") Duration longest) {
    if (!idle.isPositive() || longest.compareTo(idle) < 0) {
      throw new IllegalArgumentException(
          "tutti.registry.sign-in.idle is %s and longest %s; idle must be positive, and longest no less."
              .formatted(idle, longest));
    }
    this.database = database;
    this.idle = idle;
    this.longest = longest;
  }

  /** How long one lasts at most. */
  public Duration longest() {
    return longest;
  }

  /**
   * Begins one, in a transaction; those that are over go.
   *
   * @param before id of the one that the browser had, which ends; null for none
   */
  Session begin(
      Connection connection,
      String before,
      String user,
      Session.Provider provider,
      Role role,
      boolean mustChange)
      throws SQLException {
    sweep(connection);
    if (Session.isId(before)) {
      end(connection, before);
    }
    var bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.session (sha256, user_name, provider, role, began_at, used_at)"
                + " values (?, ?, ?, ?, now(), now())")) {
      insert.setBytes(1, Session.hash(id));
      insert.setString(2, user);
      insert.setString(3, provider.name());
      insert.setString(4, role.name());
      insert.executeUpdate();
    }
    return new Session(id, user, provider, role, mustChange);
  }

  /** The session of a cookie; empty where there is none, or none any more. */
  public Optional<Session> find(String id) throws SQLException {
    if (!Session.isId(id)) {
      return Optional.empty();
    }
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                """
                select s.user_name, s.provider, coalesce(u.role, s.role), coalesce(u.must_change, false),
                  s.used_at < now() - make_interval(secs => ?)
                from registry.session s
                  left join registry.admin_user u on s.provider = 'LOCAL' and u.name = s.user_name
                where s.sha256 = ? and s.used_at > now() - make_interval(secs => ?)
                  and s.began_at > now() - make_interval(secs => ?)
                  and (s.provider <> 'LOCAL' or not u.disabled)""")) {
      select.setDouble(1, seconds(touch()));
      select.setBytes(2, Session.hash(id));
      select.setDouble(3, seconds(idle));
      select.setDouble(4, seconds(longest));
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        if (row.getBoolean(5)) {
          touch(connection, id);
        }
        return Optional.of(
            new Session(
                id,
                row.getString(1),
                Session.Provider.valueOf(row.getString(2)),
                Role.valueOf(row.getString(3)),
                row.getBoolean(4)));
      }
    }
  }

  /** Ends one. */
  public void end(String id) throws SQLException {
    try (Connection connection = database.getConnection()) {
      end(connection, id);
    }
  }

  /** Ends all of a user that has a password here. */
  static void endAll(Connection connection, String user) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from registry.session where user_name = ? and provider = 'LOCAL'")) {
      delete.setString(1, user);
      delete.executeUpdate();
    }
  }

  private static void end(Connection connection, String id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from registry.session where sha256 = ?")) {
      delete.setBytes(1, Session.hash(id));
      delete.executeUpdate();
    }
  }

  private void sweep(Connection connection) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from registry.session where used_at < now() - make_interval(secs => ?)"
                + " or began_at < now() - make_interval(secs => ?)")) {
      delete.setDouble(1, seconds(idle));
      delete.setDouble(2, seconds(longest));
      delete.executeUpdate();
    }
  }

  /** Not every request is written down. */
  private Duration touch() {
    Duration part = idle.dividedBy(TOUCHES);
    return part.compareTo(LONGEST_TOUCH) < 0 ? part : LONGEST_TOUCH;
  }

  private static void touch(Connection connection, String id) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update registry.session set used_at = now() where sha256 = ?")) {
      update.setBytes(1, Session.hash(id));
      update.executeUpdate();
    }
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1e3;
  }
}
