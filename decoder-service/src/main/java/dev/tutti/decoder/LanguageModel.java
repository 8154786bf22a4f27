package dev.tutti.decoder;

import java.util.List;
import java.util.Optional;

/**
 * A causal language model that is ready to run: text in its own tokens, and sessions that grow
 * token by token. Thread-safe; sessions are not.
 */
public interface LanguageModel extends AutoCloseable {

  /** Its name in the registry. */
  String name();

  /** How its text and its tokens belong together. */
  Tokenizer tokenizer();

  /** Most tokens that a session holds, prompt and answer together; at least 1. */
  int contextLength();

  /**
   * The tokens after which it writes its answer: the conversation in the form it was trained on.
   *
   * @param turns oldest first, not empty
   * @throws PromptException when the model's own form refuses the conversation
   */
  int[] prompt(List<Turn> turns);

  /**
   * A number of tokens that {@link #prompt} of these turns is not below, found without cutting
   * their text into tokens; 0 where nothing is known, or where it may fit.
   *
   * @throws PromptException as {@link #prompt}
   */
  default long leastTokens(List<Turn> turns) {
    return 0;
  }

  /** Raw text in tokens, begun as the model was trained to begin a text; may be empty. */
  int[] rawPrompt(String text);

  /**
   * The matrix that its last hidden state is multiplied with to give the logits. Read from the
   * model's file each time: for whoever prepares something, not for an answer.
   *
   * @return [token][width of the hidden state]; empty where it cannot be told
   */
  default Optional<float[][]> outputEmbeddings() {
    return Optional.empty();
  }

  /** Numbers of its last hidden state; 0 where its sessions tell none, or it is not known. */
  default int hiddenWidth() {
    return 0;
  }

  /** Whether its passes compute here, and do not wait for another machine. */
  default boolean runsHere() {
    return true;
  }

  /**
   * SHA-256 over the files that say how its text and its tokens belong together, lower-case
   * hexadecimal: two models with the same one write the same text in the same tokens. Empty where
   * it has no files.
   */
  default String tokensSha256() {
    return "";
  }

  /** A new, empty session. The caller closes it. */
  DecodeSession open();

  /** Frees its memory; open sessions must be closed first. */
  @Override
  void close();
}
