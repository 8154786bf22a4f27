package dev.tutti.cascade.cache;

import dev.tutti.cascade.cache.AnswerMemory.Owner;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which purges a replica knows of. They are numbered in the order in which they were committed;
 * what was looked up before one is not kept after it, whatever any clock says. Thread-safe.
 */
final class Purges {

  private final Map<Owner, Long> last = new ConcurrentHashMap<>();
  private volatile long known;

  /** Number of the last one; 0 for none. */
  long known() {
    return known;
  }

  /** Whether what an ensemble keeps was forgotten after that one. */
  boolean isSince(Owner owner, long number) {
    return last.getOrDefault(owner, 0L) > number;
  }

  /** Notes one. */
  synchronized void note(Owner owner, long number) {
    last.merge(owner, number, Math::max);
    known = Math.max(known, number);
  }

  /** Begins anew, with those of another database. */
  synchronized void begin(Map<Owner, Long> its) {
    last.clear();
    known = 0;
    its.forEach(this::note);
  }
}
