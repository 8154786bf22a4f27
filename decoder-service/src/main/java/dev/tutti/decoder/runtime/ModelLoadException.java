package dev.tutti.decoder.runtime;

/** A model that cannot be loaded; the message names the file and what is wrong with it. */
public final class ModelLoadException extends RuntimeException {

  private final boolean passing;

  /** A failure to load. */
  public ModelLoadException(String message) {
    this(message, null);
  }

  /** A failure to load, with what was thrown. */
  public ModelLoadException(String message, Throwable cause) {
    this(message, cause, false);
  }

  private ModelLoadException(String message, Throwable cause, boolean passing) {
    super(message, cause);
    this.passing = passing;
  }

  /** A failure that another try may not meet: whoever holds the model is away, or busy. */
  public static ModelLoadException passing(String message, Throwable cause) {
    return new ModelLoadException(message, cause, true);
  }

  /** Whether another try may not meet it. */
  public boolean isPassing() {
    return passing;
  }
}
