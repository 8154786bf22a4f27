package dev.tutti.cascade.solution;

/**
 * Whose solutions they are.
 *
 * @param team its id; another team's are never seen
 * @param ensemble its name
 */
public record Shelf(String team, String ensemble) {}
