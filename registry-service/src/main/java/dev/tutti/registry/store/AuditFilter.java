package dev.tutti.registry.store;

import java.time.Instant;

/**
 * Which changes of the log; everything must fit.
 *
 * @param name of the model, ensemble or dataset, or an alias of it; empty for all
 * @param user who made them; empty for all
 * @param from the first moment that counts
 * @param to the first that does not any more
 */
public record AuditFilter(String name, String user, Instant from, Instant to) {}
