package dev.tutti.decoder.runtime;

/** A model that cannot be loaded; the message names the file and what is wrong with it. */
public final class ModelLoadException extends RuntimeException {

  /** A failure to load. */
  public ModelLoadException(String message) {
    super(message);
  }

  /** A failure to load, with what was thrown. */
  public ModelLoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
