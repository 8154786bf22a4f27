package dev.tutti.cascade.solution;

/**
 * Whose solutions they are.
 *
 * @param team its id; another team's are never seen
 * @param ensemble its name
 */
public record Shelf(String team, String ensemble) {

  /** The team of all callers, until there are keys that tell teams apart. */
  public static final String NO_TEAM = "none";
}
