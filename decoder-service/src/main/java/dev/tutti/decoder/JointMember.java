package dev.tutti.decoder;

import dev.tutti.decoder.TopSession.Appended;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A member of a {@link FusedSession}: what it says in a step, and how it goes on. Confined to one
 * thread at a time.
 */
public interface JointMember extends Heard, AutoCloseable {

  /**
   * Asks it what comes next.
   *
   * @return whether it has something to say; where not, it sits the step out
   * @throws DecodeException when it cannot go on
   */
  boolean ask();

  /** Pieces that it brings into the step; none where the tokens are the same in every step. */
  List<byte[]> pieces();

  /**
   * Has it bring more pieces into the step, beside those that it has brought.
   *
   * @return whether there are any
   * @throws DecodeException when it cannot go on
   */
  default boolean more() {
    return false;
  }

  /** How it rates the tokens of the step that it was asked in. */
  double[] ratings(Vocabulary tokens);

  /** Whether a token of the step is its own most probable one. */
  boolean favours(Vocabulary tokens, int token);

  /**
   * Its own most probable token, as it would stand in the text; of no bytes where that is the end,
   * empty where the step's tokens have none for it.
   */
  Optional<byte[]> favourite(Vocabulary tokens);

  /**
   * Goes on with a piece.
   *
   * @param token the piece among the tokens of the step; -1 where it is not one of them
   * @param piece its bytes
   */
  Appended append(int token, byte[] piece);

  /**
   * What it refused when it said that a piece is {@link Appended#UNWRITABLE}.
   *
   * @param piece its bytes
   * @return the piece, with the bytes before it that belong to its first character where it has
   *     written these
   */
  default byte[] refused(byte[] piece) {
    return piece;
  }

  /** How it reads the prompt that it holds; empty where it cannot tell. */
  Optional<PromptReading> prompt();

  /** Where it stands, in units of its own. */
  int length();

  /** Steps that still fit, as far as is known. */
  int remaining();

  /** Goes back to where it stood. */
  void rewind(int length);

  /** An independent one at the same place, which has done nothing yet. */
  JointMember fork();

  /** What it did, without a failure. */
  MemberActivity activity();

  /** What it will have done after one more {@link #ask}. */
  MemberActivity activityAfterStep();

  /**
   * What it measured of the answer so far, by the name under which the decision tells the greatest
   * that a member has.
   */
  default Map<String, Double> measures() {
    return Map.of();
  }

  @Override
  void close();
}
