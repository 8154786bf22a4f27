package dev.tutti.cascade.study;

/**
 * Where one student learns.
 *
 * @param team its id; another team's are never seen
 * @param ensemble its name
 * @param basis what its state depends on: settings, members, what embeds
 */
public record Desk(String team, String ensemble, String basis) {}
