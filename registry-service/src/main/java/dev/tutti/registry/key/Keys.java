package dev.tutti.registry.key;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.kit.connection.KeyRing;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Makes, changes and revokes keys; every change is in the audit log, and at the front door as soon
 * as the snapshot is. All methods block, and throw {@link RefusedException}.
 */
@ApplicationScoped
public class Keys {

  /** Longest time for which two texts of a key open. */
  public static final Duration LONGEST_OVERLAP = Duration.ofDays(30);

  /** Who makes the key that comes with the installation. */
  private static final Author INSTALLATION = new Author("installation", "0".repeat(32));

  private static final String ADMINISTRATORS = "administrators";
  private static final int ID_BYTES = 6;

  private final KeyStore keys;
  private final RegistryStore entries;
  private final ObjectMapper json;
  private final Event<KeyChange> changed;
  private final Optional<KeyText> installed;
  private final SecureRandom random = new SecureRandom();

  Keys(
      KeyStore keys,
      RegistryStore entries,
      ObjectMapper json,
      Event<KeyChange> changed,
      @ConfigProperty(name = "tutti.registry.admin-key-file") Optional<Path> file) {
    this.keys = keys;
    this.entries = entries;
    this.json = json;
    this.changed = changed;
    this.installed = file.map(Keys::read);
  }

  /**
   * A key, and its text, which is told this once.
   *
   * @param key as it is kept
   * @param text what opens
   */
  public record Made(StoredKey key, String text) {}

  /** Keys, newest first; see {@link KeyStore#list}. */
  public List<StoredKey> list(String team, String text, long below, int limit) throws SQLException {
    return keys.list(team, text, below, limit);
  }

  /** One. */
  public StoredKey find(String id) throws SQLException {
    return keys.find(id);
  }

  /** Makes one. */
  public Made create(KeySettings wanted, Author author) throws SQLException {
    KeySettings settings = KeyChecks.require(wanted, null, entries);
    KeyText text = KeyText.random();
    String id = id();
    keys.insert(id, settings, text, author);
    changed.fire(new KeyChange());
    return new Made(keys.find(id), text.text());
  }

  /**
   * Changes what a key is for.
   *
   * @param patch fields of {@link KeySettings} as they are to be; null takes one away (RFC 7396)
   */
  public StoredKey change(String id, ObjectNode patch, Author author)
      throws SQLException, JsonProcessingException {
    // Before the row is locked: what is wrong with the patch by itself is told as it is read.
    KeySettings before = keys.find(id).settings();
    KeySettings wanted = KeyChecks.require(merged(before, patch), before, entries);
    StoredKey key =
        keys.update(
            id,
            now -> {
              if (now.equals(before)) {
                return wanted;
              }
              throw new Refusal.Stale("It was changed in the meantime; try again.").exception();
            },
            author);
    changed.fire(new KeyChange());
    return key;
  }

  private KeySettings merged(KeySettings before, ObjectNode patch) throws JsonProcessingException {
    ObjectNode merged = json.valueToTree(before);
    patch
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isNull()) {
                merged.remove(field.getKey());
              } else {
                merged.set(field.getKey(), field.getValue());
              }
            });
    return json.treeToValue(merged, KeySettings.class);
  }

  /**
   * Gives a key another text. What the key is, and what it has used of its limits, stays.
   *
   * @param overlap for how long the text before opens too; 0 to 30 days. One that did already since
   *     an earlier rotation opens no more
   */
  public Made rotate(String id, Duration overlap, Author author) throws SQLException {
    KeyText text = KeyText.random();
    StoredKey key = keys.rotate(id, text, overlap, author);
    changed.fire(new KeyChange());
    return new Made(key, text.text());
  }

  /** Revokes one, for ever. */
  public void revoke(String id, Author author) throws SQLException {
    keys.revoke(id, author);
    changed.fire(new KeyChange());
  }

  /**
   * Notes when keys were used last; of what is no key nothing.
   *
   * @param last by id
   */
  public void used(Map<String, Instant> last) throws SQLException {
    keys.used(last);
  }

  /** Makes sure that the key which came with the installation is there. */
  public void install() throws SQLException {
    if (installed.isPresent()) {
      keys.install(
          id(),
          new KeySettings(
              ADMINISTRATORS,
              "admin.key of the installation",
              List.of(
                  KeyScope.KEY_SCOPE_USE, KeyScope.KEY_SCOPE_FEEDBACK, KeyScope.KEY_SCOPE_ADMIN),
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null),
          installed.get(),
          INSTALLATION);
    }
  }

  /** Adds the keys to what is told to the front door. */
  public void tell(Snapshot.Builder snapshot) throws SQLException {
    keys.tell(snapshot);
  }

  private String id() {
    var bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return "key-" + HexFormat.of().formatHex(bytes);
  }

  private static KeyText read(Path file) {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("The administrators' key cannot be read from " + file, e);
    }
    if (!KeyRing.isKey(text)) {
      throw new IllegalArgumentException(
          "%s holds no key: tk- and 43 characters of URL-safe base 64.".formatted(file));
    }
    return new KeyText(text);
  }
}
