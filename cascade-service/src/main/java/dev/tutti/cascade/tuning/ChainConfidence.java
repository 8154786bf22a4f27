package dev.tutti.cascade.tuning;

import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.SamplingChange;
import java.util.List;
import java.util.OptionalDouble;

/** How sure one may be of the answers of a chain's members. Immutable. */
public interface ChainConfidence {

  /** Whom it is about, in the order in which they are asked. */
  List<String> members();

  /** What answers must be asked for so that confidence can be read from them. */
  SamplingChange sampling();

  /** Whether it looks at the question's embedding. */
  default boolean embeds() {
    return false;
  }

  /**
   * Whether the confidences of two members can be held against each other; where not, a later
   * answer is taken for the better one.
   */
  default boolean isComparable() {
    return true;
  }

  /** What its confidence is called. */
  String called();

  /**
   * How sure one may be of an answer, in [0, 1], rounded to a float as thresholds are; empty where
   * the answer does not tell.
   *
   * @param member place in {@link #members}
   * @param stage place of its answer in the episode
   */
  OptionalDouble confidence(int member, Episode episode, int stage);
}
