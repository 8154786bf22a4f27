package dev.tutti.decoder;

/** A conversation that a model's own form cannot express. */
public final class PromptException extends RuntimeException {

  /** A refusal, in the words of the model's chat template where it has some. */
  public PromptException(String message) {
    super(message);
  }
}
