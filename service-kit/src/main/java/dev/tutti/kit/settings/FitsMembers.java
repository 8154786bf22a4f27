package dev.tutti.kit.settings;

import java.util.List;
import java.util.OptionalInt;

/**
 * A {@code Settings} record whose values must fit the number of members, e.g. one threshold a
 * stage.
 */
public interface FitsMembers {

  /**
   * Holds the settings against the number of members.
   *
   * @throws IllegalArgumentException says which setting does not fit, and what would
   */
  void requireFit(int members);

  /**
   * Holds the settings against the members' weights, where the method reads them as more than
   * weights, e.g. as accuracies.
   *
   * @param weights one a member; 1 where the recipe gives none
   * @throws IllegalArgumentException says which weight does not fit, and what would
   */
  default void requireWeights(List<Double> weights) {}

  /**
   * Holds the settings against the members' roles, where they say who must be there.
   *
   * @param roles one a member, as the recipe names it; empty where it names none
   * @throws IllegalArgumentException says which setting does not fit, and what would
   */
  default void requireRoles(List<String> roles) {}

  /** Whether members may say themselves how many answers they give ({@code sampling.n}). */
  default boolean takesSamples() {
    return false;
  }

  /**
   * Holds the settings against what members say of how many answers they give.
   *
   * @param samples one a member; empty where the recipe gives none
   * @throws IllegalArgumentException says which setting does not fit, and what would
   */
  default void requireSamples(List<OptionalInt> samples) {}
}
