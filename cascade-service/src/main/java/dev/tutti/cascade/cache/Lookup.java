package dev.tutti.cascade.cache;

import dev.tutti.generation.v1.CacheOutcome;
import java.util.Optional;

/** What the cache has for a request. */
public sealed interface Lookup {

  /**
   * An answer that is given.
   *
   * @param outcome of the same request, or of another question
   * @param similarity of the questions, 1 where they are the same
   */
  record Given(CacheEntry entry, CacheOutcome outcome, double similarity) implements Lookup {}

  /**
   * None: the members are asked.
   *
   * @param key under which their answer is kept
   * @param question as it was embedded
   * @param beside whose answer theirs is compared with; empty for nobody's
   * @param purge number of the last purge that was known then
   */
  record Missed(CacheKey key, CacheEntry.Embedded question, Optional<Beside> beside, long purge)
      implements Lookup {}

  /**
   * An answer that was not given, though its question is similar enough.
   *
   * @param source whether it could have been (checked), or could not yet (explored)
   */
  record Beside(CacheEntry entry, double similarity, Observation.Source source) {}
}
