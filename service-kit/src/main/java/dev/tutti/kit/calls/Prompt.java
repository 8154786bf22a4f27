package dev.tutti.kit.calls;

import java.util.List;

/** What a member is to answer. */
public sealed interface Prompt {

  /** The request as it was asked. */
  Prompt AS_ASKED = new AsAsked();

  /** The request as it was asked, with all that its caller sent and nobody here interprets. */
  record AsAsked() implements Prompt {}

  /**
   * A conversation that the method wrote.
   *
   * @param turns oldest first; at least one
   */
  record Rewritten(List<Turn> turns) implements Prompt {

    /** Keeps its own copy. */
    public Rewritten {
      turns = List.copyOf(turns);
      if (turns.isEmpty()) {
        throw new IllegalArgumentException("A prompt has no turns; at least one is needed.");
      }
    }
  }
}
