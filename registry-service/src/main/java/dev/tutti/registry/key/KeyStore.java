package dev.tutti.registry.key;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;

/** The table of keys. All methods block, and throw {@link RefusedException}. */
@ApplicationScoped
class KeyStore {

  private static final String SELECT =
      "select id, number, document, prefix, previous_prefix, previous_until, installed, created_at,"
          + " revoked_at, sha256, previous_sha256, locks, last_used_at from registry.api_key ";
  private static final String KIND = "KEY";

  private final DataSource database;
  private final ObjectMapper json;
  private final String[] known;

  KeyStore(DataSource database, ObjectMapper json) {
    this.database = database;
    this.json = json;
    this.known =
        json
            .getSerializationConfig()
            .introspect(json.constructType(KeySettings.class))
            .findProperties()
            .stream()
            .map(BeanPropertyDefinition::getName)
            .toArray(String[]::new);
  }

  /**
   * Keys, newest first, those that are revoked too.
   *
   * @param team only its own; empty for all
   * @param text only those with this in their name, of this id, or whose texts begin so; empty for
   *     all
   * @param below only those before this number
   * @param limit at most so many
   */
  List<StoredKey> list(String team, String text, long below, int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                SELECT
                    + "where number < ? and (? = '' or team = ?) and (? = '' or ? in (id, prefix,"
                    + " previous_prefix) or position(lower(?) in lower(document->>'name')) > 0)"
                    + " order by number desc limit ?")) {
      select.setLong(1, below);
      select.setString(2, team);
      select.setString(3, team);
      select.setString(4, text);
      select.setString(5, text);
      select.setString(6, text);
      select.setInt(7, limit);
      var found = new ArrayList<StoredKey>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(key(rows));
        }
      }
      return found;
    }
  }

  /** One. */
  StoredKey find(String id) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return find(connection, id, "");
    }
  }

  private StoredKey find(Connection connection, String id, String lock) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT + "where id = ?" + lock)) {
      select.setString(1, id);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new Refusal.NotFound("There is no key '%s'.".formatted(KeyChecks.shown(id)))
              .exception();
        }
        return key(row);
      }
    }
  }

  /** Keeps a new one, of a team that is there. */
  void insert(String id, KeySettings settings, KeyText text, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            if (!TeamStore.lock(connection, settings.team(), "share")) {
              throw Refusal.invalid(
                  "team", "There is no team '%s'.".formatted(KeyChecks.shown(settings.team())));
            }
            isFirst(connection, text);
            insert(connection, id, settings, text, false);
            AuditInsert.record(connection, "CREATE", KIND, id, author);
            return null;
          });
    }
  }

  /**
   * Keeps the key that came with the installation, and its team, where they are not there yet. A
   * text that ever was a key's makes none: revoked, or rotated away, it opens nothing again.
   */
  void install(String id, KeySettings settings, KeyText text, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            if (isFirst(connection, text)) {
              TeamStore.insert(connection, settings.team(), "Whoever runs this platform.", author);
              insert(connection, id, settings, text, true);
              AuditInsert.record(connection, "CREATE", KIND, id, author);
            }
            return null;
          });
    }
  }

  /** Whether no key ever had this text; from now on one had. */
  private static boolean isFirst(Connection connection, KeyText text) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.key_text (sha256) values (?) on conflict do nothing")) {
      insert.setBytes(1, text.sha256().toByteArray());
      return insert.executeUpdate() == 1;
    }
  }

  private void insert(
      Connection connection, String id, KeySettings settings, KeyText text, boolean installed)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.api_key (id, team, document, prefix, sha256, installed, locks,"
                + " created_at) values (?, ?, ?::jsonb, ?, ?, ?, ?,"
                + " date_trunc('milliseconds', now()))")) {
      insert.setString(1, id);
      insert.setString(2, settings.team());
      insert.setString(3, write(settings));
      insert.setString(4, text.prefix());
      insert.setBytes(5, text.sha256().toByteArray());
      insert.setBoolean(6, installed);
      insert.setBoolean(7, !installed && isForTheFrontDoor(settings));
      insert.executeUpdate();
    }
  }

  private static boolean isForTheFrontDoor(KeySettings settings) {
    return settings.scopes().stream().anyMatch(its -> its != KeyScope.KEY_SCOPE_ADMIN);
  }

  /** Changes what a key is for. */
  StoredKey update(String id, UnaryOperator<KeySettings> change, Author author)
      throws SQLException {
    return changing(
        id,
        "REPLACE",
        author,
        (connection, before) -> {
          KeySettings after = change.apply(before.settings());
          try (PreparedStatement update =
              connection.prepareStatement(
                  "update registry.api_key set document = (document - ?::text[]) || ?::jsonb,"
                      + " locks = locks or (not installed and ?) where id = ?")) {
            // What another build keeps there, a limit say, stays.
            update.setArray(1, connection.createArrayOf("text", known));
            update.setString(2, write(after));
            update.setBoolean(3, isForTheFrontDoor(after));
            update.setString(4, id);
            update.executeUpdate();
          }
        });
  }

  /** Gives a key another text; the one that it has opens for a while more. */
  StoredKey rotate(String id, KeyText text, Duration overlap, Author author) throws SQLException {
    return changing(
        id,
        "ROTATE",
        author,
        (connection, before) -> {
          isFirst(connection, text);
          try (PreparedStatement update =
              connection.prepareStatement(
                  "update registry.api_key set previous_prefix = prefix, previous_sha256 = sha256,"
                      + " previous_until = date_trunc('milliseconds', now()) + make_interval(secs => ?),"
                      + " prefix = ?, sha256 = ? where id = ?")) {
            update.setDouble(1, overlap.toSeconds());
            update.setString(2, text.prefix());
            update.setBytes(3, text.sha256().toByteArray());
            update.setString(4, id);
            update.executeUpdate();
          }
        });
  }

  /** Revokes a key, for ever; one that is revoked stays as it is. */
  void revoke(String id, Author author) throws SQLException {
    if (find(id).revokedAt() != null) {
      return;
    }
    changing(
        id,
        "REVOKE",
        author,
        (connection, before) -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "update registry.api_key set revoked_at = date_trunc('milliseconds', now())"
                      + " where id = ?")) {
            update.setString(1, id);
            update.executeUpdate();
          }
        });
  }

  /** Notes when keys were used last, where that is later than what is known; of others nothing. */
  void used(Map<String, Instant> last) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement update =
            connection.prepareStatement(
                "update registry.api_key set last_used_at = ? where id = ?"
                    + " and (last_used_at is null or last_used_at < ?)")) {
      // In one order for all: nobody waits for one who waits.
      for (var use : new TreeMap<>(last).entrySet()) {
        update.setObject(1, use.getValue().atOffset(ZoneOffset.UTC));
        update.setString(2, use.getKey());
        update.setObject(3, use.getValue().atOffset(ZoneOffset.UTC));
        update.addBatch();
      }
      update.executeBatch();
    }
  }

  /** What is done to a key, which is locked. */
  private interface Work {
    void on(Connection connection, StoredKey before) throws SQLException;
  }

  private StoredKey changing(String id, String action, Author author, Work work)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Transactions.run(
          connection,
          () -> {
            StoredKey before = find(connection, id, " for update");
            if (before.revokedAt() != null) {
              throw new Refusal.WrongLifecycle(
                      "Key '%s' is revoked, for ever; make another.".formatted(id))
                  .exception();
            }
            work.on(connection, before);
            AuditInsert.record(connection, action, KIND, id, author);
            return find(connection, id, "");
          });
    }
  }

  /**
   * Adds all keys that are not revoked, by id, and what is locked by now: rows stay, and so do
   * locks.
   */
  void tell(Snapshot.Builder snapshot) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(SELECT + "order by id");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        StoredKey key = key(rows);
        snapshot.setAdminLocked(snapshot.getAdminLocked() || !key.installed());
        snapshot.setFrontDoorLocked(snapshot.getFrontDoorLocked() || rows.getBoolean(12));
        if (key.revokedAt() == null) {
          snapshot.addKeys(ToldKey.of(key, rows.getBytes(10), rows.getBytes(11)));
        }
      }
    }
  }

  private StoredKey key(ResultSet row) throws SQLException {
    return new StoredKey(
        row.getString(1),
        row.getLong(2),
        read(row.getString(3)),
        row.getString(4),
        row.getString(5),
        TeamStore.time(row, 6).orElse(null),
        row.getBoolean(7),
        TeamStore.time(row, 8).orElseThrow(),
        TeamStore.time(row, 9).orElse(null),
        TeamStore.time(row, 13).orElse(null));
  }

  private KeySettings read(String document) {
    try {
      // During a rolling update another replica may have stored a field that this one does not
      // know.
      return json.readerFor(KeySettings.class)
          .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .readValue(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A stored key cannot be read", e);
    }
  }

  private String write(KeySettings settings) {
    try {
      return json.writeValueAsString(settings);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A key cannot be written", e);
    }
  }
}
