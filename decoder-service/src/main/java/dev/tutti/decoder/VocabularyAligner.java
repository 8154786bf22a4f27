package dev.tutti.decoder;

import java.util.Optional;

/** Brings the members' vocabularies onto one that they share. Thread-safe. */
public interface VocabularyAligner {

  /** The shared vocabulary. */
  Vocabulary shared();

  /**
   * Moves a member's distribution onto the shared vocabulary.
   *
   * @param member index of the member
   * @param own its distribution
   * @param aligned overwritten: one probability a shared token
   */
  void align(int member, Distribution own, double[] aligned);

  /** The shared token of a member's own token; -1 where it has none. */
  int shared(int member, int token);

  /**
   * A shared token in a member's own tokens; empty where the member cannot write it. Not for the
   * end token.
   */
  Optional<int[]> tokens(int member, int shared);

  /**
   * Bytes in a member's own tokens; empty where it cannot write them, mostly because they are not
   * whole characters.
   */
  Optional<int[]> tokens(int member, byte[] bytes);
}
