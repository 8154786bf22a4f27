package dev.tutti.starter.train.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * GPT-2's alphabet of printable characters for the 256 bytes: printable Latin-1 stands for itself,
 * every other byte for the next free character from U+0100 on.
 */
final class ByteAlphabet {

  private static final char[] CHARACTER = new char[256];
  private static final int[] BYTE = new int[0x200];

  static {
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      CHARACTER[b] = (char) (printable ? b : next++);
      BYTE[CHARACTER[b]] = b;
    }
  }

  private ByteAlphabet() {}

  /** The character that stands for a byte. */
  static String character(int unsignedByte) {
    return String.valueOf(CHARACTER[unsignedByte]);
  }

  /** The UTF-8 bytes of a text, each as its character. */
  static String written(String text) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      out.append(CHARACTER[b & 0xFF]);
    }
    return out.toString();
  }

  /** The reverse of {@link #written}; broken UTF-8 becomes the replacement character. */
  static String read(CharSequence written) {
    ByteBuffer bytes = ByteBuffer.allocate(written.length());
    written.chars().forEach(c -> bytes.put((byte) BYTE[c]));
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }
}
