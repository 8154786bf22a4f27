package dev.tutti.cascade.method.agent;

import java.util.Optional;

/**
 * What an agent sees of an episode: the question's embedding, the embedding of the answer so far,
 * the step and who was asked last, one number each; zeros for what there is not.
 *
 * @param dimensions numbers of an embedding
 * @param steps T_max
 * @param members number of them
 */
record AgentState(int dimensions, int steps, int members) {

  /** Nobody was asked yet. */
  static final int NOBODY = -1;

  /** Numbers of a state. */
  int width() {
    return 2 * dimensions + steps + members;
  }

  /** Numbers of what the terminator sees. */
  int judgedWidth() {
    return 2 * dimensions + members;
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
    // Each number of a vector of unit length is small; scaled they are of the size of the others.
    double scale = Math.sqrt(dimensions);
    float[] its = vector.orElseGet(() -> new float[dimensions]);
    for (int i = 0; i < dimensions; i++) {
      state[at + i] = scale * its[i];
    }
  }

  /** A question, an answer to it, and whose it is: what the terminator sees. */
  float[] judged(Optional<float[]> question, float[] answer, int member) {
    var judged = new float[judgedWidth()];
    question.ifPresent(its -> System.arraycopy(its, 0, judged, 0, dimensions));
    System.arraycopy(answer, 0, judged, dimensions, dimensions);
    judged[2 * dimensions + member] = 1;
    return judged;
  }
}
