package dev.tutti.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Databases for tests that need no service, all in one server: the tests of a JVM share it, and it
 * ends with that.
 */
public final class SharedPostgres {

  private static SecuredPostgres server;
  private static int databases;

  private SharedPostgres() {}

  /** The URL of an empty database, with user and password. */
  public static synchronized String database() {
    try {
      if (server == null) {
        server = SecuredPostgres.startEmpty();
      }
      String name = "test" + ++databases;
      try (Connection connection = server.database().getConnection();
          Statement create = connection.createStatement()) {
        create.execute("create database " + name);
      }
      return server.url().replace("/postgres?", "/" + name + "?");
    } catch (IOException | SQLException e) {
      throw new UncheckedIOException("The embedded PostgreSQL does not start", new IOException(e));
    }
  }
}
