package dev.tutti.decoder;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Where characters end in UTF-8 bytes. */
public final class Utf8 {

  private Utf8() {}

  /**
   * Number of bytes at the end that could be the beginning of a character whose rest is still to
   * come; 0 to 3.
   *
   * @param bytes may hold anything
   * @param length number of bytes that count
   */
  public static int incompleteTail(byte[] bytes, int length) {
    for (int back = 1; back <= Math.min(3, length); back++) {
      int b = bytes[length - back] & 0xFF;
      if (b < 0x80) {
        return 0;
      }
      if (b >= 0xC0) {
        int needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
        return b <= 0xF4 && b >= 0xC2 && needed > back ? back : 0;
      }
    }
    return 0;
  }

  /** Whether bytes are whole characters, and nothing else. */
  public static boolean isText(byte[] bytes) {
    return Arrays.equals(
        bytes, new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
  }
}
