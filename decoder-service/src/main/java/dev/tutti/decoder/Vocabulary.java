package dev.tutti.decoder;

import java.util.Arrays;

/**
 * The pieces of text that a model writes, by token id. What a tokenizer file spells in an alphabet
 * of its own (byte-level letters, U+2581 for a space, {@code <0x0A>}) stands here as the raw bytes
 * that appear in the text. Immutable.
 */
public interface Vocabulary {

  /** Number of ids; every id is in 0 .. size - 1. */
  int size();

  /**
   * The bytes that a token adds to the text, not always whole UTF-8 characters. Empty for special
   * tokens. The array is shared: leave it as it is.
   */
  byte[] bytes(int token);

  /** Whether it stands for no text: begin, end, padding, turn markers, unused ids. */
  boolean isSpecial(int token);

  /** Whether it ends the answer. */
  boolean isEnd(int token);

  /** Whether another has the same tokens under the same ids. */
  default boolean sameAs(Vocabulary other) {
    if (this == other) {
      return true;
    }
    if (size() != other.size()) {
      return false;
    }
    for (int t = 0; t < size(); t++) {
      if (isEnd(t) != other.isEnd(t)
          || isSpecial(t) != other.isSpecial(t)
          || !Arrays.equals(bytes(t), other.bytes(t))) {
        return false;
      }
    }
    return true;
  }
}
