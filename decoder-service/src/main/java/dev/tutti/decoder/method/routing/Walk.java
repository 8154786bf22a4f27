package dev.tutti.decoder.method.routing;

/**
 * How models are led along references, until enough of what they do is recorded. For one thread.
 */
public interface Walk {

  /**
   * Leads them along one.
   *
   * @return whether anything came of it; false where it does not fit them
   * @throws IllegalArgumentException when a model lacks what is to be recorded of it, or memory has
   *     no room for as much as is asked for
   */
  boolean walk(Reference reference);

  /** Whether there is enough. */
  boolean isFull();

  /** What was recorded so far. */
  int steps();
}
