package dev.tutti.kit.calls;

import java.util.List;

/**
 * What was asked.
 *
 * @param text the last message of the user; may be empty
 * @param turns the whole conversation, oldest first
 */
public record Query(String text, List<Turn> turns) {

  /** Keeps its own copy. */
  public Query {
    turns = List.copyOf(turns);
  }

  /** A single question. */
  public Query(String text) {
    this(text, List.of(new Turn(Turn.Role.USER, text)));
  }
}
