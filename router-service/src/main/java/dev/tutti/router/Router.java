package dev.tutti.router;

import java.util.random.RandomGenerator;

/**
 * A method that chooses before inference: one member answers, the others are asked only where it
 * fails. Immutable or thread-safe; no I/O.
 */
public interface Router {

  /**
   * Ranks the whole pool.
   *
   * @param query what is to be answered
   * @param pool those who could answer
   * @param random the only source of chance; the same one gives the same route, whatever the order
   *     of the pool
   */
  Route route(Query query, Pool pool, RandomGenerator random);
}
