package dev.tutti.router;

/** A router that stands on something that was fitted: a decision says on which version of it. */
public interface Fitted {

  /** What it stands on. */
  Source source();

  /**
   * An artifact's version.
   *
   * @param artifact its name; empty where it has none, which is for tests and replays only
   * @param version at least 1; 0 where it has no name
   */
  record Source(String artifact, int version) {

    /** Of an estimator that nobody keeps. */
    public static final Source NONE = new Source("", 0);
  }
}
