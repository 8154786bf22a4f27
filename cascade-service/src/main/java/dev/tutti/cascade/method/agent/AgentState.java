package dev.tutti.cascade.method.agent;

import dev.tutti.kit.calls.AnswerSignals;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an agent sees of an episode: the question's embedding and that of the answer so far, along
 * their axes, the step and who was asked last, one number each; zeros for what there is not.
 *
 * @param dimensions numbers of an embedding along its axes
 * @param steps T_max
 * @param members number of them
 * @param signals whether the terminator sees the log-probabilities of answers
 */
record AgentState(int dimensions, int steps, int members, boolean signals) {

  /** A log-probability below says no more. */
  private static final double LEAST_LOGPROB = -20;

  /** Numbers of what an answer says of itself. */
  private static final int SIGNALS = 4;

  /** Nobody was asked yet. */
  static final int NOBODY = -1;

  /** Numbers of a state. */
  int width() {
    return 2 * dimensions + steps + members;
  }

  /** Numbers of what the terminator sees. */
  int judgedWidth() {
    return 2 * dimensions + members + (signals ? SIGNALS : 0);
  }

  /**
   * A state.
   *
   * @param step how many were asked, from 0
   * @param last place of the member that was asked last, or {@link #NOBODY}
   */
  double[] of(Optional<float[]> question, Optional<float[]> answer, int step, int last) {
    var state = new double[width()];
    put(question, state, 0);
    put(answer, state, dimensions);
    state[2 * dimensions + Math.min(step, steps - 1)] = 1;
    if (last != NOBODY) {
      state[2 * dimensions + steps + last] = 1;
    }
    return state;
  }

  private void put(Optional<float[]> vector, double[] state, int at) {
    if (vector.isPresent()) {
      for (int i = 0; i < dimensions; i++) {
        state[at + i] = vector.get()[i];
      }
    }
  }

  /** A question, an answer to it, whose it is and what it says of itself: for the terminator. */
  float[] judged(Optional<float[]> question, float[] answer, int member, AnswerSignals its) {
    var judged = new float[judgedWidth()];
    question.ifPresent(known -> System.arraycopy(known, 0, judged, 0, dimensions));
    System.arraycopy(answer, 0, judged, dimensions, dimensions);
    int at = 2 * dimensions;
    judged[at + member] = 1;
    if (signals && tells(its)) {
      at += members;
      judged[at] = 1;
      judged[at + 1] = (float) bounded(its.sumLogprob());
      judged[at + 2] = (float) bounded(its.meanLogprob());
      judged[at + 3] = (float) bounded(its.minLogprob());
    }
    return judged;
  }

  /** Whether an answer brings log-probabilities. */
  static boolean tells(AnswerSignals its) {
    return its.sumLogprob().isPresent();
  }

  private static double bounded(OptionalDouble logprob) {
    return Math.max(LEAST_LOGPROB, logprob.orElse(0));
  }
}
