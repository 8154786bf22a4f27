package dev.tutti.cascade.tuning;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.SamplingChange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a fit learned of when an answer is good enough, member by member. Immutable. */
public interface StageConfidence extends LearnedCascade {

  /** Whom it is about, in the order in which they are asked. */
  List<String> members();

  /** What was tuned: {@link StageThresholds} over these members. */
  TunedPoints points();

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
   * @param signals of its answer
   * @param query the question's embedding; empty where it is not looked at, or is not known
   */
  OptionalDouble confidence(int member, AnswerSignals signals, Optional<float[]> query);
}
