package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.kit.calls.AnswerSignals;
import java.util.OptionalDouble;

/**
 * What a head learns of a recorded pair of answers, and how sure one may be, by what it says, that
 * the first answer should stand. Both are in [0, 1].
 */
public enum Target {
  /** Whether the next answer is better: {@code I[s2 > s1]}. */
  BETTER,
  /** By how much it is better: {@code s2 - s1}, Diff-01 where scores are 0 or 1. */
  DIFF_01,
  /**
   * By how much more probable the next member finds what is right: {@code p2(y) - p1(y)}. Of
   * recorded answers only the probability of the answer itself is known, so {@code p(y)} is that
   * one times its score.
   */
  DIFF_PROB,
  /** How probable the next member finds its own answer, {@code max p2}. */
  MAX_PROB;

  /** What is learned; empty where an answer does not tell its probability and that is needed. */
  OptionalDouble of(Recorded first, Recorded next) {
    return switch (this) {
      case BETTER -> OptionalDouble.of(next.score() > first.score() ? 1 : 0);
      case DIFF_01 -> OptionalDouble.of(share(next.score() - first.score()));
      case DIFF_PROB -> {
        OptionalDouble p1 = Confidence.MAXPROB.of(first.signals());
        OptionalDouble p2 = Confidence.MAXPROB.of(next.signals());
        yield p1.isEmpty() || p2.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(
                share(p2.getAsDouble() * next.score() - p1.getAsDouble() * first.score()));
      }
      case MAX_PROB -> Confidence.MAXPROB.of(next.signals());
    };
  }

  /**
   * How sure one may be that the answer should stand; empty where it does not tell its probability
   * and that is needed.
   *
   * @param said by the head of this answer
   */
  OptionalDouble confidence(double said, AnswerSignals signals) {
    if (this != MAX_PROB) {
      return OptionalDouble.of((float) (1 - said));
    }
    OptionalDouble own = Confidence.MAXPROB.of(signals);
    return own.isEmpty() ? own : OptionalDouble.of((float) (1 - share(said - own.getAsDouble())));
  }

  /** A difference of -1 to 1 in [0, 1]. */
  private static double share(double difference) {
    return (difference + 1) / 2;
  }
}
