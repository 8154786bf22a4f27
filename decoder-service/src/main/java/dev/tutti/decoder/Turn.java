package dev.tutti.decoder;

import java.util.Objects;

/**
 * One turn of a conversation, as a chat template sees it.
 *
 * @param role {@code system}, {@code user} or {@code assistant}
 * @param content what was said; may be empty
 */
public record Turn(String role, String content) {

  /** Refuses null. */
  public Turn {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
  }
}
