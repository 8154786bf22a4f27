package dev.tutti.decoder;

/**
 * A model that cannot go on: its runtime failed, or its numbers are not numbers. An ensemble leaves
 * such a member out for the rest of the answer.
 */
public final class DecodeException extends RuntimeException {

  /** A failure of a model. */
  public DecodeException(String message) {
    super(message);
  }

  /** A failure of a model, with what its runtime threw. */
  public DecodeException(String message, Throwable cause) {
    super(message, cause);
  }
}
