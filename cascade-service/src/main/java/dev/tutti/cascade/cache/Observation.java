package dev.tutti.cascade.cache;

/**
 * Whether a kept answer was right for another question, or for its own.
 *
 * @param key identifies it among those of the answer
 * @param similarity of the two questions; 1 for its own
 * @param right whether it was
 * @param source who says so
 */
public record Observation(String key, double similarity, boolean right, Source source) {

  /** Of the same request; floats of other questions come close. */
  static final double SAME = 1 - 1e-12;

  /** Who says so. */
  public enum Source {
    /** Feedback on an answer that was given. */
    JUDGED,
    /** The members, asked though the answer could have been given. */
    CHECKED,
    /** The members, asked because it could not yet. */
    EXPLORED
  }

  /** Whether the answer was given to another question than its own. */
  boolean ofOther() {
    return similarity < SAME;
  }

  /** Whether it tells how often what is given is wrong. */
  boolean ofHit() {
    return source != Source.EXPLORED;
  }
}
