package dev.tutti.kit.connection;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeySecret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * All keys that there are at one revision of the registry, found by what is kept of them.
 * Immutable.
 *
 * <p>A key is {@code tk-} and 32 random bytes in URL-safe base 64: 43 characters. Kept of it are
 * its SHA-256 and its first {@value #PREFIX} characters, for people. Nobody can go through 2^208
 * values, so a slow hash would cost every request time and win nothing. How long the look into the
 * map takes depends on the SHA-256 of what was sent, of which nobody can choose the bits that are
 * right, so it tells nothing of how much of a key was guessed.
 */
public final class KeyRing {

  /** How many characters of a key are shown. */
  public static final int PREFIX = 11;

  private static final Pattern FORM = Pattern.compile("tk-[A-Za-z0-9_-]{43}");

  /** Something that is, or nearly is, a key or the secret of a webhook; longer than names are. */
  private static final Pattern SECRET = Pattern.compile("(tk-[\\w-]{8}|whs-)[\\w-]{24,}");

  private static final String NO_BEARER = "no bearer";

  private final Map<ByteString, Held> keys = new HashMap<>();

  private record Held(ApiKey key, KeySecret secret) {}

  /** What became of a look for a key. */
  public sealed interface Found {}

  /** It opens. */
  public record Valid(ApiKey key) implements Found {}

  /** It did, until its time was over. */
  public record Expired(ApiKey key) implements Found {}

  /** It is no key, one that nobody made, or one that was revoked. */
  public record Unknown() implements Found {}

  /**
   * A text as logs and traces may tell it: of keys that somebody wrote where names belong there is
   * the prefix.
   */
  public static String masked(String text) {
    return SECRET.matcher(text).replaceAll("$1...");
  }

  /** The ring of these keys. */
  public KeyRing(List<ApiKey> keys) {
    for (ApiKey key : keys) {
      key.getSecretsList().forEach(its -> this.keys.put(its.getSha256(), new Held(key, its)));
    }
  }

  /** Looks for a key by its text. */
  public Found find(String text, Instant now) {
    if (!isKey(text)) {
      return new Unknown();
    }
    Held held = keys.get(hash(text));
    if (held == null) {
      return new Unknown();
    }
    boolean over =
        (held.secret.hasUntil() && isPast(held.secret.getUntil(), now))
            || (held.key.hasExpires() && isPast(held.key.getExpires(), now));
    return over ? new Expired(held.key) : new Valid(held.key);
  }

  /** Whether a text has the form of a key. */
  public static boolean isKey(String text) {
    return FORM.matcher(text).matches();
  }

  /** What is kept of a key: 32 bytes. */
  public static ByteString hash(String text) {
    try {
      return ByteString.copyFrom(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /**
   * The key that a request brings, by the first of its headers that is there.
   *
   * @param authorization {@code Bearer} and the key; null where it is absent
   * @param apiKey the key alone, as {@code x-api-key}; null where it is absent
   * @return empty text where neither is there; what is no key where one is wrong
   */
  public static String brought(String authorization, String apiKey) {
    if (authorization == null) {
      return apiKey == null ? "" : apiKey.strip();
    }
    String scheme = "bearer ";
    return authorization.regionMatches(true, 0, scheme, 0, scheme.length())
        ? authorization.substring(scheme.length()).strip()
        : NO_BEARER;
  }

  /** Why a text that was brought opens nothing. */
  public static String unknown(String brought) {
    return brought.isEmpty() || brought.equals(NO_BEARER)
        ? "A key is required: Authorization: Bearer tk-..."
        : "There is no such key, or it was revoked.";
  }

  private static boolean isPast(Timestamp time, Instant now) {
    return !now.isBefore(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
  }
}
