package dev.tutti.decoder;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What an answer is drawn from, token by token or several at once: one model's session, or one that
 * several members write. Confined to one thread at a time.
 */
public interface AnswerSource extends AutoCloseable {

  /**
   * Draws what comes next: one token, or several where more are found in one go. All of them but
   * the last are appended; the last is the caller's to append.
   *
   * @param picker draws a token from a distribution
   * @param most tokens that are wanted, at least 1
   * @return at most {@code most}; none where a long search took a step and has found nothing yet
   * @throws DecodeException when the model fails
   */
  List<Drawn> draw(Picker picker, int most);

  /**
   * What is drawn where there may be no further step, as one more is too dear: what a search has
   * found so far. Asked again until there is no more of it. None of it is appended.
   *
   * @param most as {@link #draw}
   * @return not empty where {@link #draw} has told nothing yet
   */
  default List<Drawn> conclude(int most) {
    return List.of();
  }

  /**
   * Appends tokens.
   *
   * @throws IllegalArgumentException when they do not fit, or are not of the vocabulary
   */
  void append(int... tokens);

  /** Number of tokens that still fit. */
  int remaining();

  /** Frees its state. Closing twice does nothing. */
  @Override
  void close();

  /**
   * Draws tokens from distributions, as the answer's sampling wants it. It may depend on what the
   * answer says before them: without {@link #behind} that is what has been told of it.
   */
  interface Picker {

    /** The token. */
    int pick(Distribution distribution);

    /** Whether {@link #pick} always takes the most probable token. */
    boolean greedy();

    /** The distribution after biases and penalties; itself where they change nothing. */
    Distribution adjusted(Distribution distribution);

    /** Whether biases leave a token of it that can be drawn. */
    boolean leaves(Distribution distribution);

    /**
     * What {@link #pick} draws from: the distribution after biases, penalties, temperature, top-k
     * and top-p, or all mass on one token where it is greedy.
     *
     * @return one probability a token, sum 1; the caller's own
     */
    double[] shaped(Distribution distribution);

    /** Source of every draw of the answer. */
    RandomGenerator random();

    /**
     * One that draws as this one does, from a source of its own: for another thread.
     *
     * @param topP mass that it keeps at most, in (0, 1]
     */
    Picker with(double topP, RandomGenerator random);

    /** One that takes the most probable token. */
    Picker greedily();

    /** What it draws behind; {@link Prefix#EMPTY} where nothing depends on it. */
    Prefix prefix();

    /**
     * One that draws as this one does, from the same source, behind another text: of a draft, or of
     * an answer beside.
     *
     * @param vocabulary of the distributions
     */
    Picker behind(Prefix prefix, Vocabulary vocabulary);
  }

  /**
   * A token that was drawn.
   *
   * @param distribution that it was drawn from; the source's until its next call
   * @param opinions tells those of the members that took part in its step, in the order of the
   *     recipe, none where nobody says; the source's until its next call, as few answers want them
   */
  record Drawn(int token, Distribution distribution, Supplier<List<Opinion>> opinions) {

    /** A token of which nobody says what members thought. */
    public Drawn(int token, Distribution distribution) {
      this(token, distribution, List::of);
    }

    /** The same with what members thought. */
    public Drawn with(Supplier<List<Opinion>> thoughts) {
      return new Drawn(token, distribution, thoughts);
    }
  }

  /**
   * What a member thought of a token.
   *
   * @param member index among those of the recipe
   * @param weight in the step; those of a step sum to 1
   * @param logprob natural logarithm of the probability that it gave the token, or a mean over the
   *     tokens of the span that begins by it; {@code -Infinity} where it gave none, or did not say
   * @param favourite whether the token was its own most probable one, or the span its own proposal
   * @param reward what it finds the step worth that begins by the token, in [0, 1]; empty where
   *     nobody asked it
   * @param wanted its own most probable token, where that is another one: of no text for the end;
   *     empty where that is not known
   */
  record Opinion(
      int member,
      double weight,
      double logprob,
      boolean favourite,
      OptionalDouble reward,
      Optional<String> wanted) {

    /** One without a reward. */
    public Opinion(int member, double weight, double logprob, boolean favourite) {
      this(member, weight, logprob, favourite, OptionalDouble.empty(), Optional.empty());
    }

    /** One who says nothing of other tokens. */
    public Opinion(
        int member, double weight, double logprob, boolean favourite, OptionalDouble reward) {
      this(member, weight, logprob, favourite, reward, Optional.empty());
    }

    /**
     * The same, of a member whose own most probable token is this one.
     *
     * @param bytes of it, UTF-8, not whole characters maybe; empty where it is none of the step's
     */
    public Opinion wanting(Optional<byte[]> bytes) {
      return favourite
          ? this
          : new Opinion(
              member,
              weight,
              logprob,
              false,
              reward,
              bytes.map(its -> new String(its, StandardCharsets.UTF_8)));
    }
  }
}
