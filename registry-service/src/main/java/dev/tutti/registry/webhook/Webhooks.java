package dev.tutti.registry.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.Timestamps;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.key.KeySettings;
import dev.tutti.registry.key.Keys;
import dev.tutti.registry.key.StoredKey;
import dev.tutti.registry.v1.BudgetWarning;
import dev.tutti.registry.v1.BudgetWindow;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Makes and deletes webhooks, and has them told: that a key has spent as much as its soft budget,
 * once a key and day, or month, whichever replicas of the front door say so. All methods block, and
 * throw {@link RefusedException}.
 */
@ApplicationScoped
public class Webhooks {

  private static final int LONGEST_URL = 2_000;
  private static final int LAST_PORT = 65_535;
  private static final int SECRET_BYTES = 32;
  private static final int ID_BYTES = 6;
  private static final Set<String> SCHEMES = Set.of("http", "https");

  private final WebhookStore store;
  private final Keys keys;
  private final ObjectMapper json;
  private final SecureRandom random = new SecureRandom();

  Webhooks(WebhookStore store, Keys keys, ObjectMapper json) {
    this.store = store;
    this.keys = keys;
    this.json = json;
  }

  /**
   * One that was just made.
   *
   * @param secret with which what it gets is signed; told this once
   */
  public record Made(Webhook webhook, String secret) {}

  /** A part of all, newest first. */
  public List<Webhook> list(long below, int limit) throws SQLException {
    return store.list(below, limit);
  }

  /** One. */
  public Webhook find(String id) throws SQLException {
    return store.find(id);
  }

  /** Makes one. */
  public Made create(String url, Author author) throws SQLException {
    requireUrl(url);
    var secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    String text = "whs-" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    var id = new byte[ID_BYTES];
    random.nextBytes(id);
    return new Made(store.insert("hook-" + HexFormat.of().formatHex(id), url, text, author), text);
  }

  /** Deletes one, and what it was still to be sent. */
  public void delete(String id, Author author) throws SQLException {
    store.delete(id, author);
  }

  /** Has one told something of no meaning, so that whoever made it sees whether it listens. */
  public void test(String id) throws SQLException {
    store.tell(id, "{\"type\":\"test\"}");
  }

  /** What a front door has seen; of a key that is none nothing is told. */
  public void warn(BudgetWarning warning) throws SQLException {
    StoredKey key;
    try {
      key = keys.find(warning.getKey());
    } catch (RefusedException e) {
      return;
    }
    if (warning.getWindow() != BudgetWindow.BUDGET_WINDOW_DAY
        && warning.getWindow() != BudgetWindow.BUDGET_WINDOW_MONTH) {
      return;
    }
    String window =
        warning.getWindow().name().substring("BUDGET_WINDOW_".length()).toLowerCase(Locale.ROOT);
    Instant begin = Instant.ofEpochMilli(Timestamps.toMillis(warning.getBegin()));
    store.notice(key.id(), window, begin, body(key, warning, window, begin));
  }

  private String body(StoredKey key, BudgetWarning warning, String window, Instant begin) {
    KeySettings settings = key.settings();
    var body = new LinkedHashMap<String, Object>();
    body.put("type", "budget.soft");
    body.put("key", key.id());
    body.put("key_name", settings.name());
    body.put("team", settings.team());
    body.put("window", window);
    body.put("begin", begin.toString());
    body.put("used_usd", warning.getUsedUsd());
    body.put("soft_usd", warning.getSoftUsd());
    body.put("usd", window.equals("day") ? settings.usdPerDay() : settings.usdPerMonth());
    body.values().removeIf(its -> its == null);
    try {
      return json.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A notice cannot be written", e);
    }
  }

  private static void requireUrl(String url) {
    if (url == null || url.isBlank()) {
      throw Refusal.invalid("url", "url is required: where it listens, by http or https.");
    }
    String why = null;
    try {
      var uri = new URI(url);
      if (uri.getScheme() == null
          || !SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))
          || uri.getHost() == null) {
        why = "it must be an address of http or https, with a host";
      } else if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
        why = "it takes neither a user nor a fragment";
      } else if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
        why = "a port is 1 to %d".formatted(LAST_PORT);
      } else if (url.length() > LONGEST_URL) {
        why = "it has at most %d characters".formatted(LONGEST_URL);
      }
    } catch (URISyntaxException e) {
      why = e.getReason();
    }
    if (why != null) {
      throw Refusal.invalid(
          "url",
          "url is '%s': %s."
              .formatted(url.length() <= 80 ? url : url.substring(0, 80) + "...", why));
    }
  }
}
