package dev.tutti.decoder;

/**
 * A sequence of tokens and the model's state after them. Appending is free: the model reads all
 * tokens that were appended since in one pass when it is asked for what comes next. Nothing is ever
 * read twice but the last token after a {@link #rewind}. Confined to one thread at a time.
 */
public interface DecodeSession extends AutoCloseable {

  /** Number of tokens appended. */
  int length();

  /** Number of tokens that still fit. */
  int remaining();

  /**
   * Appends tokens.
   *
   * @throws IllegalArgumentException when they do not fit, or are not of the vocabulary
   */
  void append(int... tokens);

  /**
   * How probable each token is to come next. The object belongs to the session and changes with its
   * next call.
   *
   * @throws IllegalStateException on an empty session
   * @throws DecodeException when the model fails
   */
  Distribution next();

  /**
   * Appends tokens and tells how probable each was.
   *
   * @return natural logarithm of the probability of each token after those before it
   * @throws IllegalStateException on an empty session
   * @throws IllegalArgumentException when they do not fit, or are not of the vocabulary
   * @throws DecodeException when the model fails
   */
  double[] score(int... tokens);

  /**
   * Forgets all tokens from {@code length} on, without reading those before it again.
   *
   * @param length 0 to {@link #length()}
   */
  void rewind(int length);

  /** An independent session with the same tokens; what was read is shared, not read again. */
  DecodeSession fork();

  /** Frees its state. Closing twice does nothing. */
  @Override
  void close();
}
