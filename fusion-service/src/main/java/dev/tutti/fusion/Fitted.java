package dev.tutti.fusion;

import java.util.List;

/** A method that stands on something that was fitted: a decision says on which version of it. */
public interface Fitted {

  /** Name of the artifact; empty where it has none, which is for tests and replays only. */
  String artifact();

  /** Its version, at least 1; 0 where it has no name. */
  int version();

  /** Whom it has learned about, as datasets know them. */
  List<String> members();
}
