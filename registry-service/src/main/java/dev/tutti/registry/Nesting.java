package dev.tutti.registry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Ensembles within ensembles: no cycle, and not too deep. */
final class Nesting {

  /** Most ensembles that a request may pass through, as {@code GenerateRequest.depth} counts. */
  static final int DEEPEST = 8;

  private Nesting() {}

  /**
   * The way from an ensemble back to itself, both ends included; empty where there is none.
   *
   * @param state with the ensemble as it is wanted, and free of cycles without it
   */
  static Optional<List<String>> cycle(RegistryState state, String name) {
    // Depth first, without recursion: what was registered before may be of any shape.
    record Step(String name, Deque<String> rest) {}
    var path = new ArrayDeque<Step>();
    Set<String> seen = new HashSet<>();
    path.push(new Step(name, new ArrayDeque<>(nested(state, name))));
    while (!path.isEmpty()) {
      String next = path.peek().rest().poll();
      if (next == null) {
        path.pop();
      } else if (next.equals(name)) {
        var names = new ArrayList<String>();
        path.descendingIterator().forEachRemaining(step -> names.add(step.name()));
        names.add(name);
        return Optional.of(names);
      } else if (seen.add(next)) {
        path.push(new Step(next, new ArrayDeque<>(nested(state, next))));
      }
    }
    return Optional.empty();
  }

  /**
   * The longest chain of ensembles, each a member of the one before, that passes through this one.
   *
   * @param state free of cycles
   */
  static List<String> longestChain(RegistryState state, String name) {
    List<String> above =
        longest(name, n -> state.users(n).stream().map(Ensemble::name).toList(), new HashMap<>());
    List<String> below = longest(name, n -> nested(state, n), new HashMap<>());
    var chain = new ArrayList<>(above.reversed());
    chain.addAll(below.subList(1, below.size()));
    return chain;
  }

  private static List<String> longest(
      String name, Function<String, List<String>> next, Map<String, List<String>> known) {
    List<String> found = known.get(name);
    if (found == null) {
      List<String> rest = List.of();
      for (String step : next.apply(name)) {
        List<String> candidate = longest(step, next, known);
        if (candidate.size() > rest.size()) {
          rest = candidate;
        }
      }
      var chain = new ArrayList<>(List.of(name));
      chain.addAll(rest);
      found = chain;
      known.put(name, found);
    }
    return found;
  }

  private static List<String> nested(RegistryState state, String name) {
    return state.find(name).orElse(null) instanceof Ensemble e ? e.nested() : List.of();
  }
}
