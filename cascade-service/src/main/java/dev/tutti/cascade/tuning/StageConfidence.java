package dev.tutti.cascade.tuning;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Episode;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a fit learned of when an answer is good enough, member by member, by its signals and the
 * question. Immutable.
 */
public interface StageConfidence extends ChainConfidence, LearnedCascade {

  /** What was tuned: {@link StageThresholds} over these members. */
  TunedPoints points();

  /**
   * How sure one may be of an answer, in [0, 1], rounded to a float as thresholds are; empty where
   * the answer does not tell.
   *
   * @param member place in {@link #members}
   * @param signals of its answer
   * @param query the question's embedding; empty where it is not looked at, or is not known
   */
  OptionalDouble confidence(int member, AnswerSignals signals, Optional<float[]> query);

  @Override
  default OptionalDouble confidence(int member, Episode episode, int stage) {
    Optional<float[]> query =
        episode.stages().stream()
            .filter(Episode.Embedded.class::isInstance)
            .map(its -> ((Episode.Embedded) its).vectors().getFirst())
            .findFirst();
    var answered = (Episode.Answered) episode.stages().get(stage);
    return confidence(member, answered.signals(), query);
  }
}
