package dev.tutti.registry.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.Author;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.testing.WithKeys;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

/** What the table of keys never forgets, in a database of its own. */
@QuarkusTest
@TestProfile(WithKeys.class)
@ExtendWith(OfRegistry.class)
class KeyStoreTest {

  private static final Author AUTHOR = new Author("test", "0".repeat(32));

  @Inject ObjectMapper json;

  private PGSimpleDataSource database;
  private KeyStore store;

  @BeforeEach
  void open() throws SQLException {
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
        var statement = connection.createStatement()) {
      statement.execute("drop database if exists keys with (force)");
      statement.execute("create database keys");
    }
    database = new PGSimpleDataSource();
    database.setUrl(Surroundings.databaseUrl());
    database.setDatabaseName("keys");
    Flyway.configure()
        .dataSource(database)
        .schemas("registry")
        .defaultSchema("registry")
        .load()
        .migrate();
    store = new KeyStore(database, json);
    try (Connection connection = database.getConnection()) {
      TeamStore.insert(connection, "search", "", AUTHOR);
    }
  }

  private static KeySettings settings(KeyScope... scopes) {
    return new KeySettings(
        "search", "k", List.of(scopes), null, null, null, null, null, null, null, null);
  }

  private void install(String id, KeyText text) throws SQLException {
    store.install(id, settings(KeyScope.KEY_SCOPE_ADMIN), text, AUTHOR);
  }

  private Snapshot told() throws SQLException {
    Snapshot.Builder snapshot = Snapshot.newBuilder();
    store.tell(snapshot);
    return snapshot.build();
  }

  private boolean opens(KeyText text) throws SQLException {
    return told().getKeysList().stream()
        .map(ApiKey::getSecretsList)
        .flatMap(List::stream)
        .anyMatch(its -> its.getSha256().equals(text.sha256()));
  }

  @Test
  void aTextThatWasRotatedAwayIsNeverInstalledAgain() throws SQLException {
    KeyText leaked = KeyText.random();
    install("key-1", leaked);
    assertTrue(opens(leaked));
    for (int rotations = 1; rotations <= 3; rotations++) {
      store.rotate("key-1", KeyText.random(), Duration.ZERO, AUTHOR);
      install("key-" + rotations + "0", leaked);
      assertEquals(1, store.list("", "", Long.MAX_VALUE, 10).size(), "after rotation " + rotations);
    }
    assertFalse(opens(leaked));
  }

  @Test
  void neitherIsOneThatWasRevokedOrAnothersAndANewOneIs() throws SQLException {
    KeyText first = KeyText.random();
    install("key-1", first);
    store.revoke("key-1", AUTHOR);
    install("key-2", first);
    assertFalse(opens(first));
    KeyText made = KeyText.random();
    store.insert("key-3", settings(KeyScope.KEY_SCOPE_USE), made, AUTHOR);
    store.rotate("key-3", KeyText.random(), Duration.ZERO, AUTHOR);
    store.rotate("key-3", KeyText.random(), Duration.ZERO, AUTHOR);
    install("key-4", made);
    assertFalse(opens(made));
    KeyText second = KeyText.random();
    install("key-5", second);
    assertTrue(opens(second));
  }

  /** During a rolling update a later build may have kept a limit that this one does not know. */
  @Test
  void aChangeLeavesWhatItDoesNotKnow() throws SQLException {
    var limited =
        new KeySettings(
            "search",
            "k",
            List.of(KeyScope.KEY_SCOPE_USE),
            null,
            5L,
            7L,
            null,
            null,
            null,
            null,
            null);
    store.insert("key-1", limited, KeyText.random(), AUTHOR);
    execute("update registry.api_key set document = document || '{\"usd_per_hour\": 3}'");
    var changed =
        new KeySettings(
            "search",
            "k",
            List.of(KeyScope.KEY_SCOPE_USE),
            null,
            null,
            8L,
            null,
            null,
            null,
            null,
            null);
    assertEquals(changed, store.update("key-1", its -> changed, AUTHOR).settings());
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select document->>'usd_per_hour', document->>'requests_per_minute' is not null,"
                    + " document->>'tokens_per_minute' from registry.api_key")) {
      row.next();
      assertEquals("3", row.getString(1));
      assertFalse(row.getBoolean(2));
      assertEquals("8", row.getString(3));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void theInstalledKeyLocksNothing() throws SQLException {
    install("key-1", KeyText.random());
    store.update("key-1", its -> settings(KeyScope.KEY_SCOPE_USE), AUTHOR);
    assertFalse(told().getFrontDoorLocked() || told().getAdminLocked());
  }

  @Test
  void aLockedDoorStaysLockedWhateverBecomesOfTheKey() throws SQLException {
    store.insert("key-1", settings(KeyScope.KEY_SCOPE_ADMIN), KeyText.random(), AUTHOR);
    assertTrue(told().getAdminLocked());
    assertFalse(told().getFrontDoorLocked());
    store.update("key-1", its -> settings(KeyScope.KEY_SCOPE_FEEDBACK), AUTHOR);
    assertTrue(told().getFrontDoorLocked());
    store.update("key-1", its -> settings(KeyScope.KEY_SCOPE_ADMIN), AUTHOR);
    assertTrue(told().getFrontDoorLocked());
    store.revoke("key-1", AUTHOR);
    assertTrue(told().getFrontDoorLocked() && told().getAdminLocked());
  }
}
