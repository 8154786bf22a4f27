package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;

/**
 * What members write together: tokens that they share, and their bytes. Its end may be taken back.
 * What is told of it takes no longer where it has grown. Confined to one thread at a time.
 */
final class SharedText {

  private final Vocabulary vocabulary;
  private final IntSequence tokens = new IntSequence();
  // One a token: offset behind it.
  private final IntSequence ends = new IntSequence();
  private byte[] bytes = new byte[64];

  /** An empty one. */
  SharedText(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Number of tokens. */
  int size() {
    return tokens.size();
  }

  /** The token at a place, 0 .. size - 1. */
  int get(int place) {
    return tokens.get(place);
  }

  /** The last token, of at least one. */
  int last() {
    return tokens.get(size() - 1);
  }

  /** Number of bytes. */
  int length() {
    return length(size());
  }

  /** Number of bytes of the first tokens. */
  int length(int count) {
    return count == 0 ? 0 : ends.get(count - 1);
  }

  /** Adds a token behind the last. */
  void add(int token) {
    byte[] piece = vocabulary.bytes(token);
    int end = length() + piece.length;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, end));
    }
    System.arraycopy(piece, 0, bytes, length(), piece.length);
    tokens.add(token);
    ends.add(end);
  }

  /** Takes back all tokens but the first ones. */
  void cut(int size) {
    tokens.cut(size);
    ends.cut(size);
  }

  /** The bytes from one offset to another, without the latter. */
  byte[] bytes(int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  /** Whether an offset is within a character. */
  boolean isWithinCharacter(int offset) {
    return offset < length() && (bytes[offset] & 0xC0) == 0x80;
  }
}
