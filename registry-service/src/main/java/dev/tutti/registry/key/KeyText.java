package dev.tutti.registry.key;

import com.google.protobuf.ByteString;
import dev.tutti.kit.connection.KeyRing;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The text of a key; it is told once, and nowhere kept.
 *
 * @param text as {@link KeyRing} describes it
 */
record KeyText(String text) {

  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** One that nobody had before. */
  static KeyText random() {
    var bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new KeyText("tk-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** What people see of it. */
  String prefix() {
    return text.substring(0, KeyRing.PREFIX);
  }

  /** What is kept of it. */
  ByteString sha256() {
    return KeyRing.hash(text);
  }

  /** Not the text: that must never be in a log. */
  @Override
  public String toString() {
    return prefix() + "...";
  }
}
