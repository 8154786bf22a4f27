package dev.tutti.decoder;

import java.util.List;
import java.util.Optional;

/**
 * A member that goes on with a text and tells the pieces that it finds most probable next: a model
 * that runs here, or one behind an endpoint that tells no more than these. Confined to one thread
 * at a time.
 */
public interface TopSession extends AutoCloseable {

  /**
   * A piece of text that may come next.
   *
   * @param bytes not always whole characters; empty for the end of the answer
   * @param logprob natural logarithm of its probability; at most 0
   */
  record Piece(byte[] bytes, double logprob) {}

  /**
   * The most probable pieces.
   *
   * @param k at least 1
   * @return at most k, best first, each text once; empty where none of the best is text
   * @throws DecodeException when the model fails
   */
  List<Piece> top(int k);

  /**
   * The same at the place of the last {@link #top}, where those were too few.
   *
   * @param k more than there
   * @return no more than there where it tells no more
   * @throws DecodeException when the model fails
   */
  List<Piece> more(int k);

  /**
   * How the member rates pieces that it may not have listed, at the place of the last {@link #top}.
   *
   * @param union pieces of all members, each once; empty for the end
   * @return one a piece: natural logarithm of a probability, {@code -Infinity} where it has none
   */
  double[] scores(List<byte[]> union);

  /** Its last hidden state, as {@link DecodeSession#hidden}; empty where nobody tells it. */
  default Optional<float[]> hidden() {
    return Optional.empty();
  }

  /**
   * How it reads the prompt that it holds, before anything is asked of it; empty where nobody tells
   * that.
   */
  default Optional<PromptReading> prompt() {
    return Optional.empty();
  }

  /** What became of a piece. */
  enum Appended {
    /** It is part of the member's text. */
    WRITTEN,
    /** The member cannot write it, perhaps because it is half a character. */
    UNWRITABLE,
    /** There was no room for it. */
    FULL
  }

  /** Goes on with a piece. */
  Appended append(byte[] piece);

  /** Where it stands, in units of its own. */
  int length();

  /** Steps that still fit, as far as is known. */
  int remaining();

  /** Goes back to where it stood. */
  void rewind(int length);

  /** An independent session at the same place, which has done nothing yet. */
  TopSession fork();

  /** What it did, without a failure. */
  MemberActivity activity();

  /** What it will have done after one more {@link #top}. */
  MemberActivity activityAfterStep();

  @Override
  void close();
}
