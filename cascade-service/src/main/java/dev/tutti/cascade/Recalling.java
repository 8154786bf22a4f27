package dev.tutti.cascade;

/**
 * A method that stands on what its ensemble solved before. What that is is handed in before the
 * first step, so that its policy is pure. An answer whose confidence reaches its threshold counts
 * as judged: its service keeps it for questions to come; any other waits for what its user says.
 * Thread-safe once built.
 */
public non-sealed interface Recalling extends CascadeMethod {

  /** A question is recalled whose similarity (cosine) is above that; infinite: none ever is. */
  double similarityAbove();

  /** What the method does about one question, from the first step on. */
  Policy policy(Recalled recalled);
}
