package dev.tutti.starter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A generator of questions, split for ever into a training part and a held-out part. The split
 * follows from the question itself, so it depends neither on a seed nor on the order of generation.
 * Implementations are stateless.
 */
public interface Task {

  /** A held-out part is exhausted when this many draws in a row brought nothing new. */
  int DRAWS_IN_VAIN = 200_000;

  /** Name of the task, as in evaluation sets and manifests. */
  String name();

  /** Draws a question of either part. */
  Draft draw(RandomGenerator random);

  /** A final answer that is wrong for this question: that of another one. */
  default String wrong(Draft draft, RandomGenerator random) {
    while (true) {
      String other = draw(random).reference();
      if (!other.equals(draft.reference())) {
        return other;
      }
    }
  }

  /** Draws a question of the training part; never one of the held-out part. */
  default TaskItem train(RandomGenerator random) {
    while (true) {
      Draft draft = draw(random);
      if (!draft.heldOut()) {
        return draft.item(name() + "-train", name());
      }
    }
  }

  /**
   * Draws distinct questions of the held-out part.
   *
   * @param count how many
   * @param seed same seed, same questions in the same order
   * @throws IllegalArgumentException where the held-out part has fewer, or count is negative
   */
  default List<TaskItem> heldOut(int count, long seed) {
    List<TaskItem> items = heldOutUpTo(count, seed);
    if (items.size() < count) {
      throw new IllegalArgumentException(
          "count = " + count + ", but " + name() + " has " + items.size() + " held-out questions");
    }
    return items;
  }

  /**
   * As {@link #heldOut}, but all that there are where the held-out part has fewer.
   *
   * @param count how many at most, 0 or more
   * @param seed same seed, same questions in the same order
   */
  default List<TaskItem> heldOutUpTo(int count, long seed) {
    if (count < 0) {
      throw new IllegalArgumentException("count = " + count + ", must be 0 or more");
    }
    RandomGenerator random = new SplittableRandom(seed);
    Set<String> seen = new HashSet<>();
    List<TaskItem> items = new ArrayList<>();
    for (int vain = 0; items.size() < count && vain < DRAWS_IN_VAIN; vain++) {
      Draft draft = draw(random);
      if (draft.heldOut() && seen.add(draft.prompt())) {
        items.add(draft.item(name() + "-" + (items.size() + 1), name()));
        vain = 0;
      }
    }
    return List.copyOf(items);
  }

  /**
   * A question as drawn.
   *
   * @param heldOut whether it belongs to the held-out part
   * @param prompt as in {@link TaskItem}
   * @param answer as in {@link TaskItem}
   * @param reference as in {@link TaskItem}
   */
  record Draft(boolean heldOut, String prompt, String answer, String reference) {

    /** A question that is answered without steps. */
    static Draft direct(boolean heldOut, String prompt, String reference) {
      return new Draft(heldOut, prompt, reference, reference);
    }

    private TaskItem item(String id, String task) {
      return new TaskItem(id, task, prompt, answer, reference);
    }
  }
}
