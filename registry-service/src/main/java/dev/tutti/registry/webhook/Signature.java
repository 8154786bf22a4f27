package dev.tutti.registry.webhook;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What proves to a webhook that something comes from here, and when it was sent. */
final class Signature {

  /** Seconds since 1970. */
  static final String TIMESTAMP = "X-Tutti-Timestamp";

  static final String HEADER = "X-Tutti-Signature";

  private static final String HMAC = "HmacSHA256";

  private Signature() {}

  /**
   * HMAC-SHA-256 over the timestamp, a dot and the body, in lower-case hexadecimal behind {@code
   * v1=}.
   */
  static String of(String secret, long timestamp, String body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), HMAC));
      byte[] signed = mac.doFinal((timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
      return "v1=" + HexFormat.of().formatHex(signed);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every Java has HMAC-SHA-256", e);
    }
  }
}
