package dev.tutti.registry.key;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyBudget;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.KeySecret;
import dev.tutti.registry.v1.Snapshot;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;

/** The table of keys. All methods block, and throw {@link RefusedException}. */
@ApplicationScoped
class KeyStore {

  private static final String SELECT =
      "select id, number, document, prefix, previous_prefix, previous_until, installed, created_at,"
          + " revoked_at, sha256, previous_sha256 from registry.api_key ";
  private static final String KIND = "KEY";

  private final DataSource database;
  private final ObjectMapper json;

  KeyStore(DataSource database, ObjectMapper json) {
    this.database = database;
    this.json = json;
  }

  /**
   * Keys, newest first, those that are revoked too.
   *
   * @param team only its own; empty for all
   * @param below only those before this number
   * @param limit at most so many
   */
  List<StoredKey> list(String team, long below, int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                SELECT
                    + "where number < ? and (? = '' or team = ?) order by number desc limit ?")) {
      select.setLong(1, below);
      select.setString(2, team);
      select.setString(3, team);
      select.setInt(4, limit);
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
            insert(connection, id, settings, text, false);
            AuditInsert.record(connection, "CREATE", KIND, id, author);
            return null;
          });
    }
  }

  /**
   * Keeps the key that came with the installation, and its team, where they are not there yet; one
   * that was revoked stays so.
   */
  void install(String id, KeySettings settings, KeyText text, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement select =
                connection.prepareStatement(
                    "select 1 from registry.api_key where sha256 = ? or previous_sha256 = ?")) {
              select.setBytes(1, text.sha256().toByteArray());
              select.setBytes(2, text.sha256().toByteArray());
              try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                  return null;
                }
              }
            }
            TeamStore.insert(connection, settings.team(), "Whoever runs this platform.", author);
            if (insert(connection, id, settings, text, true)) {
              AuditInsert.record(connection, "CREATE", KIND, id, author);
            }
            return null;
          });
    }
  }

  private boolean insert(
      Connection connection, String id, KeySettings settings, KeyText text, boolean installed)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.api_key (id, team, document, prefix, sha256, installed, created_at)"
                + " values (?, ?, ?::jsonb, ?, ?, ?, date_trunc('milliseconds', now()))"
                + " on conflict (sha256) do nothing")) {
      insert.setString(1, id);
      insert.setString(2, settings.team());
      insert.setString(3, write(settings));
      insert.setString(4, text.prefix());
      insert.setBytes(5, text.sha256().toByteArray());
      insert.setBoolean(6, installed);
      return insert.executeUpdate() == 1;
    }
  }

  /** Changes what a key is for. */
  StoredKey update(String id, UnaryOperator<KeySettings> change, Author author)
      throws SQLException {
    return changing(
        id,
        "REPLACE",
        author,
        (connection, before) -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "update registry.api_key set document = ?::jsonb where id = ?")) {
            update.setString(1, write(change.apply(before.settings())));
            update.setString(2, id);
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

  /** Adds all keys that are not revoked, by id, and what is locked by now. */
  void tell(Snapshot.Builder snapshot) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(SELECT + "order by id");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        StoredKey key = key(rows);
        if (!key.installed()) {
          snapshot.setAdminLocked(true);
          boolean opens =
              key.settings().scopes().stream().anyMatch(s -> s != KeyScope.KEY_SCOPE_ADMIN);
          snapshot.setFrontDoorLocked(snapshot.getFrontDoorLocked() || opens);
        }
        if (key.revokedAt() == null) {
          snapshot.addKeys(told(key, rows));
        }
      }
    }
  }

  private static ApiKey told(StoredKey key, ResultSet row) throws SQLException {
    KeySettings its = key.settings();
    ApiKey.Builder told =
        ApiKey.newBuilder()
            .setId(key.id())
            .setTeam(its.team())
            .setName(its.name())
            .addSecrets(KeySecret.newBuilder().setSha256(ByteString.copyFrom(row.getBytes(10))))
            .addAllScopes(its.scopes());
    byte[] previous = row.getBytes(11);
    if (previous != null) {
      told.addSecrets(
          KeySecret.newBuilder()
              .setSha256(ByteString.copyFrom(previous))
              .setUntil(time(key.previousUntil())));
    }
    Optional.ofNullable(its.models()).ifPresent(told::addAllModels);
    Optional.ofNullable(its.requestsPerMinute()).ifPresent(told::setRequestsPerMinute);
    Optional.ofNullable(its.tokensPerMinute()).ifPresent(told::setTokensPerMinute);
    budget(its.softUsdPerDay(), its.usdPerDay()).ifPresent(told::setDay);
    budget(its.softUsdPerMonth(), its.usdPerMonth()).ifPresent(told::setMonth);
    Optional.ofNullable(its.expiresAt()).ifPresent(t -> told.setExpires(time(t)));
    return told.build();
  }

  private static Optional<KeyBudget> budget(Double soft, Double hard) {
    if (soft == null && hard == null) {
      return Optional.empty();
    }
    KeyBudget.Builder budget = KeyBudget.newBuilder();
    Optional.ofNullable(soft).ifPresent(budget::setSoftUsd);
    Optional.ofNullable(hard).ifPresent(budget::setHardUsd);
    return Optional.of(budget.build());
  }

  private static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
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
        TeamStore.time(row, 9).orElse(null));
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
