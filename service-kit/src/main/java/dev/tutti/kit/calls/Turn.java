package dev.tutti.kit.calls;

/**
 * One turn of a conversation.
 *
 * @param role who said it
 * @param text what was said; may be empty
 */
public record Turn(Role role, String text) {

  /** Who said a turn. */
  public enum Role {
    /** Instructions to the model. */
    SYSTEM,
    /** The person, or the calling program. */
    USER,
    /** The model. */
    ASSISTANT
  }
}
