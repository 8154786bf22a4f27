package dev.tutti.router;

import java.util.List;

/**
 * What a router decides about: the conversation, oldest first. It is neutral: no message says which
 * member wrote it.
 *
 * @param messages at least one
 */
public record Query(List<Message> messages) {

  /** Who said a message. */
  public enum Role {
    /** Instructions. */
    SYSTEM,
    /** The person, or the calling program. */
    USER,
    /** A member. */
    ASSISTANT
  }

  /** One message. */
  public record Message(Role role, String content) {}

  /** Checks that there is something to decide about. */
  public Query {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("A query has at least one message.");
    }
  }

  /** Which turn of the conversation is to be answered: the number of user messages so far. */
  public int turn() {
    return Math.toIntExact(messages.stream().filter(m -> m.role() == Role.USER).count());
  }
}
