package dev.tutti.starter.train;

import dev.tutti.starter.AdditionTask;
import dev.tutti.starter.Task;
import java.util.List;

/** The models of the pool, by name. */
final class Recipes {

  private static final Task ADDITION = new AdditionTask();

  private static final List<Recipe> ALL =
      List.of(
          weakAdder("adder-weak-1", 22, 650),
          weakAdder("adder-weak-2", 11, 600),
          weakAdder("adder-weak-3", 33, 725),
          new Recipe("adder-strong", ADDITION, 12, 128, 4, 4, 336, 7, 5000, 128, 2e-3, true));

  private Recipes() {}

  static List<Recipe> all() {
    return ALL;
  }

  static Recipe named(String name) {
    return ALL.stream()
        .filter(recipe -> recipe.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no model " + name + "; there are " + ALL.stream().map(Recipe::name).toList()));
  }

  private static Recipe weakAdder(String name, long seed, int steps) {
    return new Recipe(name, ADDITION, 0, 64, 3, 4, 128, seed, steps, 128, 2e-3, false);
  }
}
