package dev.tutti.learning.fit;

import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.Floats;
import dev.tutti.learning.fit.Embedder.Model;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The table {@code text_embedding} of the service's schema: embeddings of recorded texts, so that a
 * fit that is resumed, or the next one on the same dataset, embeds no text again. Another model's
 * are others, also where it has the same name. What no fit looked at for {@value #KEPT_DAYS} days
 * goes.
 */
@ApplicationScoped
class EmbeddingCache {

  private static final int KEPT_DAYS = 30;

  private final Database database;
  private final String table;

  EmbeddingCache(Database database) {
    this.database = database;
    this.table = database.schema() + ".text_embedding";
  }

  /** Key of a text's embedding: SHA-256 of what embeds and of the text. */
  static ByteBuffer key(Model model, String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          "%s, %s, %d tokens\n"
              .formatted(model.name(), model.sha256(), model.keptTokens())
              .getBytes(StandardCharsets.UTF_8));
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest()).asReadOnlyBuffer();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Those that are there. */
  Map<ByteBuffer, float[]> find(List<ByteBuffer> keys) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement use =
            connection.prepareStatement(
                "update %s set used = current_date where digest = any (?) and used < current_date"
                    .formatted(table));
        PreparedStatement select =
            connection.prepareStatement(
                "select digest, vector from %s where digest = any (?)".formatted(table))) {
      var bytes =
          connection.createArrayOf(
              "bytea", keys.stream().map(EmbeddingCache::bytes).toArray(byte[][]::new));
      use.setArray(1, bytes);
      use.executeUpdate();
      select.setArray(1, bytes);
      var found = new HashMap<ByteBuffer, float[]>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(ByteBuffer.wrap(rows.getBytes(1)), Floats.floats(rows.getBytes(2)));
        }
      }
      return found;
    }
  }

  /** Adds some, in the keys' order as every replica does; the transaction is the caller's. */
  void add(Connection connection, Map<ByteBuffer, float[]> vectors) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into %s (digest, vector) values (?, ?) on conflict (digest) do nothing"
                .formatted(table))) {
      for (var entry : new TreeMap<>(vectors).entrySet()) {
        insert.setBytes(1, bytes(entry.getKey()));
        insert.setBytes(2, Floats.bytes(entry.getValue()));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** Deletes what was not looked at for long; the transaction is the caller's. */
  void forget(Connection connection) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from %s where used < current_date - %d".formatted(table, KEPT_DAYS))) {
      delete.executeUpdate();
    }
  }

  private static byte[] bytes(ByteBuffer key) {
    var bytes = new byte[key.remaining()];
    key.duplicate().get(bytes);
    return bytes;
  }
}
