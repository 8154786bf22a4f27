package dev.tutti.decoder;

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
}
