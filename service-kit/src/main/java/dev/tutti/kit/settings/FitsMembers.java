package dev.tutti.kit.settings;

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
}
