package dev.tutti.learning.artifact;

import java.time.Instant;

/**
 * A version of an artifact as it is kept, without what was learned.
 *
 * @param name of the artifact; ensembles name it in their settings
 * @param version from 1
 * @param method that was fitted
 * @param bytes size of what was learned
 * @param provenance where it comes from, as JSON: equal provenance, equal artifact
 * @param metrics what was measured on the queries that were held out, as JSON
 * @param comparison what comparisons show of it, as JSON
 * @param created when the fit ended
 * @param author who started the fit
 */
public record KeptArtifact(
    String name,
    int version,
    String method,
    long bytes,
    String provenance,
    String metrics,
    String comparison,
    Instant created,
    String author) {}
