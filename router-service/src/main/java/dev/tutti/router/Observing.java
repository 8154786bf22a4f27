package dev.tutti.router;

/**
 * A router that learns from feedback while it runs. Thread-safe: routes are made from what was
 * known when they began; observations are taken one after the other.
 *
 * <p>Its state is a function of the feedback in the order in which it was observed, and of nothing
 * else (no clock, no chance): who observes the same log from the same state has the same state, bit
 * for bit.
 */
public interface Observing {

  /**
   * Learns.
   *
   * @throws IllegalArgumentException when the feedback is nothing that it can learn from; the state
   *     is as before
   */
  void observe(Feedback feedback);

  /** What was learned so far. */
  LearnerState state();
}
