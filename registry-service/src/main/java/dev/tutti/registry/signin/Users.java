package dev.tutti.registry.signin;

import dev.tutti.registry.Author;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import dev.tutti.registry.v1.Snapshot;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Who signs in with a password kept here. Nobody is deleted, so that what they did stays theirs,
 * and the last administrator stays one. All methods block, and throw {@link RefusedException}.
 */
@ApplicationScoped
public class Users {

  private static final String SELECT =
      "select name, role, must_change, one_time_until, disabled, created_at, signed_in_at from registry.admin_user ";
  private static final String KIND = "USER";
  private static final int SHOWN = 80;

  private final DataSource database;
  private final Passwords passwords;
  private final FirstUser firstUser;
  private final Duration oneTime;

  Users(
      DataSource database,
      Passwords passwords,
      FirstUser firstUser,
      @ConfigProperty(name = "tutti.registry.sign-in.one-time") Duration oneTime) {
    this.oneTime = oneTime;
    this.database = database;
    this.passwords = passwords;
    this.firstUser = firstUser;
  }

  /**
   * A user, and a password that is told this once.
   *
   * @param user as they are now
   * @param password to be changed at the first sign-in
   */
  public record Made(User user, String password) {}

  /** By name, those beyond this one; empty for all. */
  public List<User> list(String after, int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(SELECT + "where name > ? order by name limit ?")) {
      select.setString(1, after);
      select.setInt(2, limit);
      var found = new ArrayList<User>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(user(rows));
        }
      }
      return found;
    }
  }

  /** One. */
  public User find(String name) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return find(connection, name, "");
    }
  }

  private static User find(Connection connection, String name, String lock) throws SQLException {
    if (User.isName(name)) {
      try (PreparedStatement select =
          connection.prepareStatement(SELECT + "where name = ?" + lock)) {
        select.setString(1, name);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            return user(row);
          }
        }
      }
    }
    throw new Refusal.NotFound("There is no user '%s'.".formatted(shown(name))).exception();
  }

  /** Makes one. */
  public Made create(String name, String role, Author author) throws SQLException {
    var errors = new ArrayList<FieldError>();
    if (!User.isName(name)) {
      errors.add(
          new FieldError(
              "name",
              name == null
                  ? "name is required."
                  : "'%s' is no name of a user: %s.".formatted(shown(name), User.RULE)));
    }
    Role its = role(role, errors);
    if (!errors.isEmpty()) {
      throw new Refusal.Invalid(errors).exception();
    }
    String password = passwords.oneTime();
    String hash = passwords.hash(password);
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            if (!insert(connection, name, its, hash, oneTime, author)) {
              throw new Refusal.Taken("There is a user '%s' already.".formatted(name)).exception();
            }
            return null;
          });
    }
    return new Made(find(name), password);
  }

  /**
   * Adds one with a one-time password; whether there was none of this name.
   *
   * @param oneTime how long that lets them in; null for without an end
   */
  static boolean insert(
      Connection connection, String name, Role role, String hash, Duration oneTime, Author author)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.admin_user (name, role, hash, must_change, one_time_until, disabled, created_at)"
                + " values (?, ?, ?, true, date_trunc('milliseconds', now()) + make_interval(secs => ?), false,"
                + " date_trunc('milliseconds', now()))"
                + " on conflict (name) do nothing")) {
      insert.setString(1, name);
      insert.setString(2, role.name());
      insert.setString(3, hash);
      insert.setObject(4, oneTime == null ? null : oneTime.toMillis() / 1e3, Types.DOUBLE);
      if (insert.executeUpdate() == 0) {
        return false;
      }
    }
    AuditInsert.record(connection, "CREATE", KIND, name, author);
    return true;
  }

  /**
   * Changes what one may do; their sessions end.
   *
   * @param role null for the one that they have
   * @param disabled null for as it is
   */
  public User change(String name, String role, Boolean disabled, Author author)
      throws SQLException {
    var errors = new ArrayList<FieldError>();
    Role wanted = role == null ? null : role(role, errors);
    if (!errors.isEmpty()) {
      throw new Refusal.Invalid(errors).exception();
    }
    try (Connection connection = database.getConnection()) {
      return Transactions.run(
          connection,
          () -> {
            lockAdministrators(connection);
            User before = find(connection, name, " for update");
            Role newRole = wanted == null ? before.role() : wanted;
            boolean off = disabled == null ? before.disabled() : disabled;
            if (newRole == before.role() && off == before.disabled()) {
              return before;
            }
            update(
                connection,
                "update registry.admin_user set role = ?, disabled = ? where name = ?",
                newRole.name(),
                off,
                name);
            requireAdministrator(connection, before);
            Sessions.endAll(connection, name);
            AuditInsert.record(connection, "REPLACE", KIND, name, author);
            return find(connection, name, "");
          });
    }
  }

  /** Two at once must not take each other's role away. */
  private static void lockAdministrators(Connection connection) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            "select name from registry.admin_user where role = 'ADMINISTRATOR' order by name for update")) {
      lock.executeQuery().close();
    }
  }

  private static void requireAdministrator(Connection connection, User before) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "select 1 from registry.admin_user where role = 'ADMINISTRATOR' and not disabled limit 1");
        ResultSet row = select.executeQuery()) {
      if (before.role() == Role.ADMINISTRATOR && !before.disabled() && !row.next()) {
        throw new Refusal.WrongLifecycle(
                "'%s' is the last administrator; make another first.".formatted(before.name()))
            .exception();
      }
    }
  }

  /** Gives one a one-time password; their sessions end, and so does what made them wait. */
  public Made reset(String name, Author author) throws SQLException {
    String password = passwords.oneTime();
    String hash = passwords.hash(password);
    try (Connection connection = database.getConnection()) {
      User user =
          Transactions.run(
              connection,
              () -> {
                find(connection, name, " for update");
                update(
                    connection,
                    "update registry.admin_user set hash = ?, must_change = true, one_time_until ="
                        + " date_trunc('milliseconds', now()) + make_interval(secs => ?) where name = ?",
                    hash,
                    oneTime.toMillis() / 1e3,
                    name);
                Sessions.endAll(connection, name);
                Tries.forget(connection, name);
                AuditInsert.record(connection, "RESET", KIND, name, author);
                return find(connection, name, "");
              });
      firstUser.changed(name);
      return new Made(user, password);
    }
  }

  /** What is kept of the password of one who may sign in; null where there is no such user. */
  String hash(String name) throws SQLException {
    // One that cannot be is looked for too: it takes as long.
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select hash from registry.admin_user where name = ? and not disabled")) {
      select.setString(1, name.replace('\0', ' '));
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  boolean neverSignedIn(Connection connection, String name) throws SQLException {
    return find(connection, name, "").signedInAt() == null;
  }

  /** Notes a sign-in; null where the password is another one by now, or they may not any more. */
  User signedIn(Connection connection, String name, String hash) throws SQLException {
    boolean may =
        update(
            connection,
            "update registry.admin_user set signed_in_at = date_trunc('milliseconds', now())"
                + " where name = ? and hash = ? and not disabled",
            name,
            hash);
    return may ? find(connection, name, "") : null;
  }

  /** Keeps another password; all sessions end. */
  void setPassword(String name, String before, String after, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            if (!update(
                connection,
                "update registry.admin_user set hash = ?, must_change = false, one_time_until = null"
                    + " where name = ? and hash = ? and not disabled",
                after,
                name,
                before)) {
              throw new Refusal.Stale("The password was changed in the meantime.").exception();
            }
            Sessions.endAll(connection, name);
            AuditInsert.record(connection, "PASSWORD", KIND, name, author);
            return null;
          });
      firstUser.changed(name);
    }
  }

  /** Adds to a snapshot whether anybody ever signed in: from then on all have to. */
  public void tell(Snapshot.Builder snapshot) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select 1 from registry.admin_user where signed_in_at is not null limit 1");
        ResultSet row = select.executeQuery()) {
      snapshot.setAdminLocked(snapshot.getAdminLocked() || row.next());
    }
  }

  private static boolean update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        update.setObject(i + 1, values[i]);
      }
      return update.executeUpdate() > 0;
    }
  }

  private static Role role(String word, List<FieldError> errors) {
    Role role = word == null ? null : Role.of(word).orElse(null);
    if (role == null) {
      errors.add(
          new FieldError(
              "role",
              word == null
                  ? "role is required: one of %s.".formatted(Role.words())
                  : "role is '%s'; it is one of %s.".formatted(shown(word), Role.words())));
    }
    return role;
  }

  private static String shown(String text) {
    return text != null && text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }

  private static User user(ResultSet row) throws SQLException {
    return new User(
        row.getString(1),
        Role.valueOf(row.getString(2)),
        row.getBoolean(3),
        time(row, 4),
        row.getBoolean(5),
        time(row, 6),
        time(row, 7));
  }

  private static Instant time(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
