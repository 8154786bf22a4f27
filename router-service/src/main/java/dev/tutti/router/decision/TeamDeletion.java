package dev.tutti.router.decision;

/**
 * A team's decisions were deleted.
 *
 * @param number grows with each
 * @param team whose
 * @param digest of the one user whose they were; null for all. Not to be changed
 */
record TeamDeletion(long number, String team, byte[] digest) {}
