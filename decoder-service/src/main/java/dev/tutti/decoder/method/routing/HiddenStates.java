package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * Hidden states that a fit keeps: whoever tells none is refused, and so is more than fits, with
 * what is learned from them.
 */
final class HiddenStates {

  /** Of the heap; whoever answers meanwhile needs the rest. */
  private static final int SHARE_OF_HEAP = 4;

  private final String method;
  private final long most;
  private final IntToLongFunction learning;
  private final Set<String> known = new HashSet<>();
  private long bytes;

  /**
   * None yet.
   *
   * @param method that needs them
   * @param most that are kept of a member
   * @param learning bytes that it takes to learn from states of a width, one member after the other
   */
  HiddenStates(String method, long most, IntToLongFunction learning) {
    this.method = method;
    this.most = most;
    this.learning = learning;
  }

  /**
   * That of a member behind its last token.
   *
   * @throws IllegalArgumentException when it tells none, or the first one shows that memory has no
   *     room for as many as will be kept, or for what is learned from them
   */
  float[] of(String member, DecodeSession session) {
    float[] hidden =
        session
            .hidden()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' tells no hidden state (HIDDEN_STATE), which %s needs of it."
                            .formatted(member, method)));
    if (known.add(member)) {
      bytes += most * hidden.length * Float.BYTES;
      long room = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
      if (bytes > room) {
        throw new IllegalArgumentException(
            "%d hidden states of '%s' with %d numbers each, and those of the members before it, take %d bytes; there is room for %d. Have fewer recorded."
                .formatted(most, member, hidden.length, bytes, room));
      }
      long learned = learning.applyAsLong(hidden.length);
      if (bytes + learned > room) {
        throw new IllegalArgumentException(
            "To learn from hidden states of '%s' with %d numbers each takes %d bytes, and all states that are recorded %d; there is room for %d."
                .formatted(member, hidden.length, learned, bytes, room));
      }
    }
    return hidden;
  }
}
