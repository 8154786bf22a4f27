package dev.tutti.cascade.feedback;

import java.time.Instant;

/**
 * What somebody said of an answer.
 *
 * @param key identifies it
 * @param decision of which it is the answer; the id of the request
 * @param ensemble that decided
 * @param member whose answer it is
 * @param score from 0 (worst) to 1 (best); 0 where there was no answer
 * @param time when it was kept
 */
public record Said(
    String key, String decision, String ensemble, String member, double score, Instant time) {}
