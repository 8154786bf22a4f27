package dev.tutti.registry.console;

import dev.tutti.registry.Entry;
import dev.tutti.registry.api.Problem;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A form that registers or replaces something, on its way.
 *
 * @param name of what it replaces; null where it registers something new
 * @param version that it replaces; null where it registers something new
 * @param typed tells by a field's name what is in it
 * @param problem for which it was refused; null for none
 * @param checked what would be registered; null before that was asked
 * @param warnings what speaks against it, though it is not refused
 * @param document the body of the call; null before it was sent
 */
record Draft(
    String name,
    Long version,
    UnaryOperator<String> typed,
    Problem problem,
    Entry checked,
    List<String> warnings,
    String document) {

  /** An empty one. */
  static Draft fresh(UnaryOperator<String> typed) {
    return new Draft(null, null, typed, null, null, List.of(), null);
  }
}
