package dev.tutti.decoder.bytes;

import dev.tutti.decoder.Vocabulary;

/** The 256 bytes, each its own id, and one end: the vocabulary that all models share. */
public final class ByteSymbols implements Vocabulary {

  /** The id of the end. */
  public static final int END = 256;

  /** How many symbols there are. */
  public static final int SIZE = 257;

  /** The only one. */
  public static final ByteSymbols ALL = new ByteSymbols();

  private final byte[][] bytes = new byte[SIZE][];

  private ByteSymbols() {
    for (int b = 0; b < END; b++) {
      bytes[b] = new byte[] {(byte) b};
    }
    bytes[END] = new byte[0];
  }

  @Override
  public int size() {
    return SIZE;
  }

  @Override
  public byte[] bytes(int token) {
    return bytes[token];
  }

  @Override
  public boolean isSpecial(int token) {
    return token == END;
  }

  @Override
  public boolean isEnd(int token) {
    return token == END;
  }
}
