package dev.tutti.decoder.runtime.openai;

import java.util.Arrays;

/** UTF-8 needs no byte order mark and JSON has none, but some write one. */
final class ByteOrderMark {

  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private ByteOrderMark() {}

  /** The bytes behind a mark that they begin with; the same where there is none. */
  static byte[] skip(byte[] bytes) {
    boolean marked =
        bytes.length >= MARK.length && Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length);
    return marked ? Arrays.copyOfRange(bytes, MARK.length, bytes.length) : bytes;
  }

  /** How many bytes, up to its length, are those of a mark; 0 where another one is among them. */
  static int begun(byte[] bytes, int from, int to) {
    int length = Math.min(MARK.length, to - from);
    return Arrays.equals(bytes, from, from + length, MARK, 0, length) ? length : 0;
  }

  /** Whether so many bytes are a whole mark. */
  static boolean isWhole(int bytes) {
    return bytes == MARK.length;
  }
}
