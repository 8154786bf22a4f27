package dev.tutti.registry.signin;

import dev.tutti.registry.Author;
import dev.tutti.registry.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Makes the first administrator, {@value #NAME}, where there is no user yet: with a one-time
 * password that is in the file {@code tutti.registry.admin-password-file} alone. Without that
 * setting nobody is made, and a key of scope admin makes users.
 */
@ApplicationScoped
public class FirstUser {

  /** The first administrator. */
  public static final String NAME = "admin";

  private static final Logger LOG = Logger.getLogger(FirstUser.class);
  private static final Author INSTALLATION = new Author("installation", "0".repeat(32));
  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final DataSource database;
  private final Passwords passwords;
  private final Optional<Path> file;

  FirstUser(
      DataSource database,
      Passwords passwords,
      @ConfigProperty(name = "tutti.registry.admin-password-file") Optional<Path> file) {
    this.database = database;
    this.passwords = passwords;
    this.file = file;
  }

  /** Makes them, where there is nobody. */
  public void install() throws SQLException {
    if (file.isEmpty()) {
      return;
    }
    try (Connection connection = database.getConnection()) {
      Transactions.<Void>run(
          connection,
          () -> {
            // Of two replicas one makes them.
            if (isEmpty(connection)) {
              String password = passwords.oneTime();
              Users.insert(
                  connection,
                  NAME,
                  Role.ADMINISTRATOR,
                  passwords.hash(password),
                  null,
                  INSTALLATION);
              write(file.get(), password);
              LOG.infof("The one-time password of '%s' is in %s", NAME, file.get());
            }
            return null;
          });
    } catch (UncheckedIOException e) {
      LOG.errorf(e, "There is no user '%s'", NAME);
    }
  }

  private static boolean isEmpty(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("lock table registry.admin_user in share row exclusive mode");
      try (ResultSet row = statement.executeQuery("select 1 from registry.admin_user limit 1")) {
        return !row.next();
      }
    }
  }

  /** What the file said opens nothing any more. */
  void changed(String user) {
    if (user.equals(NAME) && file.isPresent()) {
      try {
        Files.deleteIfExists(file.get());
      } catch (IOException e) {
        LOG.warnf("%s holds a password that opens nothing any more: %s", file.get(), e);
      }
    }
  }

  private static void write(Path file, String password) {
    try {
      Path whole = file.toAbsolutePath();
      Path written =
          Files.createTempFile(
              whole.getParent(),
              whole.getFileName().toString(),
              "",
              PosixFilePermissions.asFileAttribute(OWNERS));
      Files.write(written, (password + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(
          written, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("The first password cannot be written to " + file, e);
    }
  }
}
