package dev.tutti.decoder;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * How a model read its prompt. What it tells is made when it is asked for, in passes over the
 * prompt, and the session stands behind the prompt again afterwards. Confined to the session's
 * thread.
 */
public final class PromptReading {

  /** Distributions that are in memory at once. */
  private static final int PART = 16;

  private final DecodeSession session;
  private final int[] tokens;
  private final IntConsumer again;
  private boolean read;
  private double[] logprobs;

  /** Of a session that holds its prompt and nothing else. */
  public PromptReading(DecodeSession session) {
    this(session, _ -> {});
  }

  /**
   * The same, counted.
   *
   * @param again takes the number of tokens that are read once more
   */
  PromptReading(DecodeSession session, IntConsumer again) {
    this.session = session;
    this.tokens = session.tokens();
    this.again = again;
  }

  /** From the second token on. */
  private void begin() {
    session.rewind(1);
    if (read) {
      again.accept(tokens.length - 1);
    }
    read = true;
  }

  /** The prompt in the model's own tokens; never empty. */
  public int[] tokens() {
    return tokens.clone();
  }

  /**
   * How probable each token of the prompt was after those before it.
   *
   * @return natural logarithms, one a token from the second on
   * @throws DecodeException when the model fails
   */
  public double[] logprobs() {
    if (logprobs == null) {
      begin();
      logprobs = session.score(from(1, tokens.length));
    }
    return logprobs.clone();
  }

  /** Takes the distributions of a prompt. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes one.
     *
     * @param token index of the token in the prompt, from 1 on
     * @param before how probable each token was in its place; no session's, may be kept
     */
    void visit(int token, Distribution before);
  }

  /**
   * Tells the distribution in the place of each token of the prompt but the first, in their order.
   *
   * @throws DecodeException when the model fails
   */
  public void distributions(Visitor visitor) {
    begin();
    for (int at = 1; at < tokens.length; ) {
      int end = Math.min(at + PART, tokens.length);
      List<Distribution> before = session.next(from(at, end));
      for (int t = at; t < end; t++) {
        visitor.visit(t, before.get(t - at));
      }
      at = end;
    }
  }

  private int[] from(int begin, int end) {
    return Arrays.copyOfRange(tokens, begin, end);
  }
}
