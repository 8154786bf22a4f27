package dev.tutti.decoder.runtime.openai;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What one event of a stream, or a whole answer, says.
 *
 * @param text of the first choice; may be empty
 * @param refused whether the first choice says, beside its text, why it refuses
 * @param written characters over all choices, tool calls and reasoning included
 * @param tokens log-probabilities of the first choice, where they were told
 * @param calls pieces of tool calls of the first choice
 * @param finish why the first choice ended; null where it has not
 * @param usage null where it is not told
 * @param running indices of the choices that it speaks of and that go on
 * @param ended indices of the choices that end with it
 * @param failed whether it tells of an error
 */
record Chunk(
    String text,
    boolean refused,
    int written,
    List<Token> tokens,
    List<CallPiece> calls,
    String finish,
    Used usage,
    Set<Integer> running,
    Set<Integer> ended,
    boolean failed) {

  /**
   * A token of the answer.
   *
   * @param bytes null where only its text is known
   * @param logprob natural logarithm of its probability
   * @param top the most probable tokens at its place, as they were told
   */
  record Token(String text, byte[] bytes, double logprob, List<Token> top) {}

  /**
   * A piece of a call of a tool.
   *
   * @param place of the call in the answer; empty where it is not told
   * @param id begins a call; empty in its further pieces
   * @param name of the function; empty in further pieces
   * @param arguments to append
   */
  record CallPiece(OptionalInt place, String id, String name, String arguments) {}

  /**
   * Tokens as an endpoint tells them, not held against anything yet; {@link #NONE} for what is no
   * number of tokens.
   *
   * @param prompt read
   * @param completion written
   * @param cached of those read, those that were in its cache
   * @param reasoning of those written, those of reasoning
   * @param rejected of those written, those of predictions that were not taken
   * @param audioPrompt of those read, those of sound
   * @param audioCompletion of those written, those of sound
   */
  record Used(
      long prompt,
      long completion,
      long cached,
      long reasoning,
      long rejected,
      long audioPrompt,
      long audioCompletion) {

    /** No number of tokens. */
    static final long NONE = -1;
  }

  /** Whether it speaks of any choice. */
  boolean hasChoices() {
    return !running.isEmpty() || !ended.isEmpty();
  }

  /**
   * Whether it says something: text, arguments, reasoning, usage, an end; a role alone, and a sign
   * of life in this form, say nothing.
   */
  boolean saysSomething() {
    return written > 0 || !tokens.isEmpty() || !ended.isEmpty() || usage != null;
  }

  /** Whether it tells the usage and nothing else: the event that include_usage asks for. */
  boolean isUsageOnly() {
    return !hasChoices() && usage != null;
  }
}
