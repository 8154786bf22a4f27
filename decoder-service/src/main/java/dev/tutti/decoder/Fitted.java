package dev.tutti.decoder;

import java.util.List;

/** A method that stands on something that was fitted: a decision says on which version of it. */
public interface Fitted {

  /** Name of the artifact; empty where it has none, which is for tests and replays only. */
  String artifact();

  /** On which version of it, which was fitted on which models. */
  FittedOn on();

  /**
   * Refuses members that it has to know and does not.
   *
   * @param members of a recipe, by their names in the registry, in its order
   * @throws IllegalArgumentException names the first one, and those that it knows
   */
  void requireKnown(List<String> members);
}
