package dev.tutti.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecuredPostgresTest {

  /** Unpacked once. */
  @TempDir static Path shared;

  @TempDir Path folder;

  private SecuredPostgres start(Path home) throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    return SecuredPostgres.start(home.resolve("data"), shared.resolve("program"), port);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static int count(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        var rows = connection.createStatement().executeQuery("select count(*) from kept")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private static void assertNeedsPassword(SecuredPostgres server) throws IOException {
    String url = "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(server.port());
    for (String without : new String[] {url, url + "&password=", url + "&password=postgres"}) {
      assertThrows(SQLException.class, () -> DriverManager.getConnection(without));
    }
  }

  private static void assertClosedToOthers(Path home) throws IOException {
    assertEquals("rwx------", permissions(home));
    assertEquals("rw-------", permissions(home.resolve("password")));
    assertEquals("rwx------", permissions(home.resolve("data")));
    assertEquals("rwx------", permissions(shared.resolve("program")));
    assertEquals("rwx------", permissions(shared.resolve("program/unpacked")));
  }

  @Test
  void onlyWhoReadsTheFileGetsIn() throws Exception {
    Path home = folder.resolve("home");
    try (SecuredPostgres server = start(home)) {
      assertNeedsPassword(server);
      assertClosedToOthers(home);
      String password = Files.readString(home.resolve("password")).strip();
      assertTrue(server.url().endsWith("&password=" + password));
      try (Connection connection = DriverManager.getConnection(server.url());
          var rows =
              connection
                  .createStatement()
                  .executeQuery("select rolpassword from pg_authid where rolname = 'postgres'")) {
        rows.next();
        assertTrue(rows.getString(1).startsWith("SCRAM-SHA-256$"), rows.getString(1));
        connection.createStatement().execute("create table kept as select 1");
      }
      assertFalse(Files.exists(Path.of("/tmp/.s.PGSQL." + server.port())));
    }
    String before = Files.readString(home.resolve("password"));
    try (SecuredPostgres server = start(home)) {
      assertEquals(before, Files.readString(home.resolve("password")));
      assertEquals(1, count(server.url()));
    }
    // As after a start that was killed between its steps.
    Files.delete(home.resolve("password"));
    try (SecuredPostgres server = start(home)) {
      assertNotEquals(before, Files.readString(home.resolve("password")));
      assertNeedsPassword(server);
      assertEquals(1, count(server.url()));
    }
    // As after one whose machine went down.
    Files.writeString(home.resolve("password"), "\n");
    try (SecuredPostgres server = start(home)) {
      assertNeedsPassword(server);
      assertClosedToOthers(home);
      assertEquals(1, count(server.url()));
    }
  }

  @Test
  void whatOthersLayOutForEverybodyIsNotTouched() throws Exception {
    String temporary = System.getProperty("java.io.tmpdir");
    // As a server that was left behind: it would be stopped by the number in its files, and
    // deleted.
    Path lock = Files.createDirectories(folder.resolve("embedded-pg/left")).resolve("epg-lock");
    Files.createFile(lock);
    Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    System.setProperty("java.io.tmpdir", folder.toString());
    try (SecuredPostgres _ = start(folder.resolve("home"))) {
      assertTrue(Files.exists(lock));
    } finally {
      System.setProperty("java.io.tmpdir", temporary);
    }
  }

  @Test
  void dataOfAServerThatTrustedEverybodyIsBroughtOver() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    // As `up` started it before.
    try (EmbeddedPostgres open =
            EmbeddedPostgres.builder()
                .setDataDirectory(home.resolve("data"))
                .setCleanDataDirectory(false)
                .setOverrideWorkingDirectory(shared.resolve("program/unpacked").toFile())
                .start();
        Connection connection = open.getPostgresDatabase().getConnection()) {
      connection.createStatement().execute("create table kept as select 1");
    }
    try (SecuredPostgres server = start(home)) {
      assertNeedsPassword(server);
      assertClosedToOthers(home);
      assertEquals(1, count(server.url()));
    }
  }
}
