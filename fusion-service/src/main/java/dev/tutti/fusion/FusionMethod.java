package dev.tutti.fusion;

import java.util.Optional;

/**
 * A method of this family: one that looks at answers which all exist already, or one that says what
 * to ask next.
 */
public sealed interface FusionMethod permits Selector, Deliberation {

  /** What it stands on; empty where nothing was fitted. */
  default Optional<Fitted> fitted() {
    return Optional.empty();
  }
}
