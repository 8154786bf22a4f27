package dev.tutti.decoder.method.token;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * A few characters that are equal for equal contents, whichever object holds them: keys of maps
 * that hold nothing of what the maps are made from.
 */
final class Fingerprint {

  private Fingerprint() {}

  /** SHA-256 of all parts and their lengths. */
  static String of(Stream<byte[]> parts) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      parts.forEachOrdered(
          part -> {
            digest.update(ByteBuffer.allocate(4).putInt(part.length).array());
            digest.update(part);
          });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same of numbers. */
  static String of(int[] values) {
    var bytes = ByteBuffer.allocate(4 * values.length);
    bytes.asIntBuffer().put(values);
    return of(Stream.of(bytes.array()));
  }
}
