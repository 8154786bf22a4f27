package dev.tutti.router;

import java.util.List;
import java.util.Optional;

/** A router that stands on something that was fitted: a decision says on which version of it. */
public interface Fitted {

  /** What it stands on. */
  Source source();

  /** The same with another version of what it stands on, which only says whom it would ask. */
  Optional<? extends Router> shadow();

  /** Whom it has learned about. */
  List<String> members();

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
