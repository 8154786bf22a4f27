package dev.tutti.starter.train;

import dev.tutti.starter.Task;
import dev.tutti.starter.TaskItem;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a model learns: one task, or several in shares.
 *
 * @param parts the tasks with their shares, which sum to 1
 */
record Mixture(List<Part> parts) {

  /**
   * A task of a mixture.
   *
   * @param task the task
   * @param share of the questions, 0 to 1
   */
  record Part(Task task, double share) {}

  Mixture {
    parts = List.copyOf(parts);
    double sum = parts.stream().mapToDouble(Part::share).sum();
    if (Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException("the shares sum to " + sum);
    }
  }

  /** One task. */
  static Mixture of(Task task) {
    return new Mixture(List.of(new Part(task, 1)));
  }

  /** Several tasks. */
  static Mixture of(Part... parts) {
    return new Mixture(Arrays.asList(parts));
  }

  List<Task> tasks() {
    return parts.stream().map(Part::task).toList();
  }

  /** Draws a question of the training part. */
  TaskItem train(RandomGenerator random) {
    if (parts.size() == 1) {
      return parts.getFirst().task.train(random);
    }
    double at = random.nextDouble();
    for (Part part : parts) {
      at -= part.share;
      if (at < 0) {
        return part.task.train(random);
      }
    }
    return parts.getLast().task.train(random);
  }

  @Override
  public String toString() {
    return parts.stream().map(part -> part.task.name() + " " + part.share).toList().toString();
  }
}
