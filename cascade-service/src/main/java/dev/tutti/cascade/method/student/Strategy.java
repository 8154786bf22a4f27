package dev.tutti.cascade.method.student;

import java.util.List;

/** How much a question wants the strong member: the more, the sooner it is asked. */
public enum Strategy {
  /** One less the lead of the student's first answer over its second. */
  MARGIN,
  /** The entropy of what the student believes. */
  ENTROPY,
  /**
   * How little the last {@value NeuralCache#COMMITTEE} students believe what the latest one
   * answers. The paper's committee votes; what its members believe tells shares of questions apart
   * that the five counts of four votes do not.
   */
  COMMITTEE,
  /** How far the question is from all that were learned from, by cosine. */
  CORESET,
  /** Chance. */
  RANDOM,
  /** All alike: the first ones are asked for, until the budget is spent. */
  FRONT_LOAD;

  /**
   * The need.
   *
   * @param committee what the students believe, the latest last; at least one
   * @param draw of this question, in [0, 1)
   */
  double need(List<Guess> committee, double draw) {
    Guess latest = committee.getLast();
    return switch (this) {
      case MARGIN -> 1 - latest.margin();
      case ENTROPY -> latest.entropy();
      case COMMITTEE ->
          1
              - committee.stream()
                  .mapToDouble(guess -> guess.of(latest.answer()))
                  .average()
                  .orElseThrow();
      case CORESET -> 1 - latest.nearest();
      case RANDOM -> draw;
      case FRONT_LOAD -> 1;
    };
  }
}
