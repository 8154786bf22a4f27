package dev.tutti.decoder.sampling;

import dev.tutti.decoder.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes text of bytes that arrive in pieces: whole characters only, a replacement character for
 * what is no UTF-8. Confined to one thread.
 */
final class CharacterAssembler {

  private byte[] tail = {};

  /** Adds bytes; returns the characters that are whole now. */
  String add(byte[] bytes) {
    if (tail.length == 0 && isAscii(bytes)) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    byte[] all = Arrays.copyOf(tail, tail.length + bytes.length);
    System.arraycopy(bytes, 0, all, tail.length, bytes.length);
    int open = Utf8.incompleteTail(all, all.length);
    tail = Arrays.copyOfRange(all, all.length - open, all.length);
    return new String(all, 0, all.length - open, StandardCharsets.UTF_8);
  }

  /** The bytes end; returns what is left. */
  String finish() {
    String rest = new String(tail, StandardCharsets.UTF_8);
    tail = new byte[0];
    return rest;
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }
}
