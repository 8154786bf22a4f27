package dev.tutti.starter;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A generator of questions, split for ever into a training part and a held-out part. The split is a
 * hash of the question itself, so it depends neither on a seed nor on the order of generation.
 * Implementations are stateless.
 */
public interface Task {

  /** Name of the task, as in evaluation sets and manifests. */
  String name();

  /** Draws a question of the training part; never one of the held-out part. */
  TaskItem train(RandomGenerator random);

  /**
   * Draws distinct questions of the held-out part.
   *
   * @param count how many; refused where the held-out part has fewer
   * @param seed same seed, same questions in the same order
   */
  List<TaskItem> heldOut(int count, long seed);
}
