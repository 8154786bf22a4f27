package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.TextDelta;
import java.util.List;

/**
 * What a member answered, whole.
 *
 * @param member its name
 * @param deltas the pieces, as they arrived
 * @param completion the end; its text is the pieces joined
 */
public record MemberAnswer(String member, List<TextDelta> deltas, Completion completion) {

  /** An answer; the list is copied. */
  public MemberAnswer {
    deltas = List.copyOf(deltas);
  }
}
