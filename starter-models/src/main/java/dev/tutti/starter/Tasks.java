package dev.tutti.starter;

import java.util.List;

/** All tasks, by name. */
public final class Tasks {

  /** Every task, in the order in which tables show them. */
  public static final List<Task> ALL =
      List.of(
          new AdditionTask(),
          new SubtractionTask(),
          new MultiplicationTask(),
          new ChainTask(),
          new SortingTask(),
          new ReversingTask(),
          new DatesTask(),
          new UnitsTask(),
          new FactsTask(),
          new ChoiceTask());

  private Tasks() {}

  /**
   * The task of this name.
   *
   * @throws IllegalArgumentException where there is none, with the names that there are
   */
  public static Task named(String name) {
    return ALL.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no task " + name + "; there are " + ALL.stream().map(Task::name).toList()));
  }
}
