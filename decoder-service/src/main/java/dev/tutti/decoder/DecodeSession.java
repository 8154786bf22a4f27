package dev.tutti.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A sequence of tokens and the model's state after them. Appending is free: the model reads all
 * tokens that were appended since in one pass when it is asked for what comes next. Nothing is ever
 * read twice but the last token after a {@link #rewind}. Confined to one thread at a time.
 */
public interface DecodeSession extends AnswerSource {

  /** Number of tokens appended. */
  int length();

  /** A copy of the tokens appended. */
  int[] tokens();

  /**
   * How probable each token is to come next. The object belongs to the session and changes with its
   * next call.
   *
   * @throws IllegalStateException on an empty session
   * @throws DecodeException when the model fails
   */
  Distribution next();

  /**
   * Appends tokens that somebody proposes, and tells how probable each token was in every place on
   * the way: where a model can, in one pass, and then equal to one token after the other within the
   * rounding of floats. {@link #rewind} takes back those that are not wanted.
   *
   * @return one more than proposed: first what {@link #next()} would have said, last what it says
   *     now. The caller may keep them
   * @throws IllegalStateException on an empty session
   * @throws IllegalArgumentException when they do not fit, or are not of the vocabulary
   * @throws DecodeException when the model fails
   */
  default List<Distribution> next(int... proposed) {
    var places = new ArrayList<Distribution>();
    places.add(next().copy());
    for (int token : proposed) {
      append(token);
      places.add(next().copy());
    }
    return places;
  }

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
   * How probable each token of several texts is behind what the session holds, as {@link #score}
   * tells of one; the session stays as it is. Where a model can, all of them are read in one pass.
   * The last token of a text is not read, so texts that differ in it alone are read once.
   *
   * @param branches none longer than {@link #remaining()} and one
   * @return natural logarithms, one a token of each
   * @throws IllegalStateException on an empty session
   * @throws IllegalArgumentException when one does not fit, or is not of the vocabulary
   * @throws DecodeException when the model fails
   */
  default List<double[]> score(List<int[]> branches) {
    // Once for all of them.
    next();
    return BranchHeads.of(branches).scoredApart(this);
  }

  /**
   * Most texts that {@link #score(List)} reads in one pass, where there are as many. Each takes as
   * much memory as a session; with 1 they are read one after the other.
   */
  default int rows() {
    return 1;
  }

  /**
   * The last hidden state behind the last token: what the model multiplies with its output
   * embeddings to get its logits. The first call has the last token read again where it was read
   * already; from then on each pass tells it. The caller may keep it.
   *
   * @return as wide as {@link LanguageModel#outputEmbeddings}; empty where the model does not tell
   *     it
   * @throws IllegalStateException on an empty session
   * @throws DecodeException when the model fails
   */
  default Optional<float[]> hidden() {
    return Optional.empty();
  }

  /**
   * Takes what it needs of another machine, so that it is refused now and not when it is asked
   * first, which may be late in an answer. Where the model is away, the first question says so.
   *
   * @throws IllegalStateException on an empty session
   * @throws dev.tutti.kit.grpc.FailureException when the other machine runs too many already
   */
  default void reserve() {}

  /** {@inheritDoc} One token. */
  @Override
  default List<Drawn> draw(Picker picker, int most) {
    Distribution distribution = next();
    return List.of(new Drawn(picker.pick(distribution), distribution));
  }

  /**
   * Forgets all tokens from {@code length} on, without reading those before it again.
   *
   * @param length 0 to {@link #length()}
   */
  void rewind(int length);

  /** An independent session with the same tokens; what was read is shared, not read again. */
  DecodeSession fork();
}
