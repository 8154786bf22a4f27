package dev.tutti.learning.artifact;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;

/**
 * Something that was switched.
 *
 * @param number grows with every change, over all artifacts
 * @param name of the artifact
 * @param action what was done
 * @param version that is active, or in shadow, from here on; the one that was, for UNSHADOW
 * @param at when
 * @param author by whom
 */
public record ArtifactChange(
    long number, String name, Action action, int version, Instant at, String author) {

  /** What was done. */
  public enum Action {
    /** A version answers from here on. */
    ACTIVATE,
    /** The version that was active before the present one answers again. */
    ROLL_BACK,
    /** A version chooses beside the active one, and only the record tells whom. */
    SHADOW,
    /** Nobody is in shadow any more. */
    UNSHADOW
  }

  /** The version in shadow after these changes of one artifact, the oldest first. */
  public static OptionalInt shadow(List<ArtifactChange> changes) {
    OptionalInt shadow = OptionalInt.empty();
    for (ArtifactChange change : changes) {
      shadow =
          switch (change.action()) {
            case SHADOW -> OptionalInt.of(change.version());
            case UNSHADOW -> OptionalInt.empty();
            case ACTIVATE, ROLL_BACK -> shadow;
          };
    }
    return shadow;
  }

  /**
   * The versions that were activated and not rolled back, the active one last: who rolls back twice
   * is two versions back, not where it was.
   */
  public static List<Integer> activated(List<ArtifactChange> changes) {
    Deque<Integer> stack = new ArrayDeque<>();
    for (ArtifactChange change : changes) {
      switch (change.action()) {
        case ACTIVATE -> stack.addLast(change.version());
        case ROLL_BACK -> stack.removeLast();
        case SHADOW, UNSHADOW -> {}
      }
    }
    return List.copyOf(stack);
  }
}
