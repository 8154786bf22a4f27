package dev.tutti.router.activity;

import java.util.OptionalDouble;

/**
 * How a request ended.
 *
 * @param name under which it is counted: one of the registry's, so that there are no more than
 *     registrations
 * @param failed whether it got no whole answer; false where the caller left
 * @param seconds from its beginning to its end
 * @param dearestUsd US dollars that the dearest member alone would have cost; empty where that is
 *     not known, or there was no choice
 */
public record Ending(String name, boolean failed, double seconds, OptionalDouble dearestUsd) {}
