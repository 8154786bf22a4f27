package dev.tutti.fusion;

import dev.tutti.numerics.answer.ObjectFields;
import java.util.Set;

/**
 * What answers that are JSON are to look like. Thread-safe; its work is bounded, and so is what all
 * texts that it is asked about take together. Says the same of the same text.
 */
public interface AnswerSchema {

  /** Whether a text is JSON, and nothing else, that satisfies it; not where that takes too long. */
  boolean accepts(String json);

  /**
   * Paths ({@link ObjectFields#path}) of lists no two of whose values are equal: the order of these
   * says nothing.
   */
  Set<String> unordered();
}
