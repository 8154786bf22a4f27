package dev.tutti.registry.signin;

import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Signs people in and out. Whoever guesses learns neither which users there are, by what is said or
 * by how long it takes, nor can go on for long ({@link Tries}). All methods block, and throw {@link
 * dev.tutti.registry.RefusedException}.
 */
@ApplicationScoped
public class SignIn {

  private static final Logger LOG = Logger.getLogger(SignIn.class);
  private static final String KIND = "USER";

  private final DataSource database;
  private final Users users;
  private final Sessions sessions;
  private final Passwords passwords;
  private final Tries tries;
  private final Event<UserChange> changed;

  SignIn(
      DataSource database,
      Users users,
      Sessions sessions,
      Passwords passwords,
      Tries tries,
      Event<UserChange> changed) {
    this.database = database;
    this.users = users;
    this.sessions = sessions;
    this.passwords = passwords;
    this.tries = tries;
    this.changed = changed;
  }

  /**
   * Where a request comes from.
   *
   * @param address of the client
   * @param session id of the session that its browser had; null for none
   * @param traceId of the request
   */
  public record Origin(String address, String session, String traceId) {}

  /** Signs somebody in; a session that the browser had ends. */
  public Session by(String typedName, String password, Origin origin) throws SQLException {
    String name = typedName.strip().toLowerCase(Locale.ROOT);
    Session session = begin(name, checked(name, password, origin), origin);
    tries.succeeded(name, origin.address());
    return session;
  }

  /** The hash that a password is right for. */
  private String checked(String name, String password, Origin origin) throws SQLException {
    tries.count(name, origin.address());
    String hash = users.hash(name);
    if (!passwords.matches(password, hash)) {
      LOG.infof("Somebody at %s failed to sign in, trace %s", origin.address(), origin.traceId());
      throw wrong();
    }
    return hash;
  }

  private Session begin(String name, String hash, Origin origin) throws SQLException {
    boolean first;
    Session session;
    try (Connection connection = database.getConnection()) {
      first = users.neverSignedIn(connection, name);
      session =
          Transactions.run(
              connection,
              () -> {
                // Whoever changes the password, or what they may, meanwhile comes before or after.
                User user = users.signedIn(connection, name, hash);
                if (user == null) {
                  throw wrong();
                }
                requireInTime(user);
                Tries.sweep(connection);
                var author = new Author(name, origin.traceId());
                if (first) {
                  AuditInsert.record(connection, "SIGN_IN", KIND, name, author);
                } else {
                  AuditInsert.note(connection, "SIGN_IN", KIND, name, author);
                }
                return sessions.begin(
                    connection,
                    origin.session(),
                    name,
                    Session.Provider.LOCAL,
                    user.role(),
                    user.mustChange());
              });
    }
    if (first) {
      changed.fire(new UserChange());
    }
    return session;
  }

  /** Who has the right password is told that it came too late. */
  private static void requireInTime(User user) {
    if (user.oneTimeUntil() != null && user.oneTimeUntil().isBefore(Instant.now())) {
      throw new Refusal.Unauthorized(
              "The one-time password was good until %s; ask an administrator for another."
                  .formatted(user.oneTimeUntil()))
          .exception();
    }
  }

  /** Signs somebody out. */
  public void out(Session session) throws SQLException {
    sessions.end(session.id());
  }

  /**
   * Changes the password of whoever is signed in. All their sessions end, and another begins.
   *
   * @param old what it was
   * @param fresh what it is to be
   */
  public Session changePassword(Session session, String old, String fresh, Origin origin)
      throws SQLException {
    if (session.provider() != Session.Provider.LOCAL) {
      throw new Refusal.Forbidden(
              "The password of '%s' is not kept here.".formatted(session.author()))
          .exception();
    }
    String name = session.user();
    tries.count(name, origin.address());
    String hash = users.hash(name);
    if (!passwords.matches(old, hash)) {
      throw Refusal.invalid("old", "The old password is another one.");
    }
    tries.succeeded(name, origin.address());
    Passwords.fault(fresh, name)
        .ifPresent(
            fault -> {
              throw Refusal.invalid("password", fault);
            });
    if (passwords.matches(fresh, hash)) {
      throw Refusal.invalid("password", "The new password is the old one.");
    }
    String kept = passwords.hash(fresh);
    users.setPassword(name, hash, kept, new Author(name, origin.traceId()));
    return begin(name, kept, origin);
  }

  private static RuntimeException wrong() {
    return new Refusal.Unauthorized("There is no such user, or the password is another one.")
        .exception();
  }
}
