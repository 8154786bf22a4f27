package dev.tutti.registry.key;

import java.time.Instant;

/**
 * A key as it is kept, without what opens.
 *
 * @param id unique
 * @param number its place in lists; grows with each
 * @param settings what it is for
 * @param prefix how its text begins
 * @param previousPrefix how the text before the last rotation began; null where there was none
 * @param previousUntil until when that one opens too; null where there was none
 * @param installed whether it came with the installation, in a file
 * @param createdAt when it was made
 * @param revokedAt since when it opens nothing; null while it does
 * @param lastUsedAt when it was used last, to the minute; null where it never was
 */
public record StoredKey(
    String id,
    long number,
    KeySettings settings,
    String prefix,
    String previousPrefix,
    Instant previousUntil,
    boolean installed,
    Instant createdAt,
    Instant revokedAt,
    Instant lastUsedAt) {}
