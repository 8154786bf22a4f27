package dev.tutti.cascade;

/**
 * What was asked.
 *
 * @param text the last message of the user; may be empty
 */
public record Query(String text) {}
