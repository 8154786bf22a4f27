package dev.tutti.decoder.span;

import java.util.List;

/** Decides where a span ends. Immutable. The end of the answer ends every span. */
public interface Segmenter {

  /** Further tokens of a span that would end within its first character: the rest of it. */
  int REST = 3;

  /**
   * Most tokens of a span, in its writer's vocabulary; at least 1. Where they are not even a
   * character, up to {@value #REST} further ones complete it; where each of these ends within a
   * character too, so does the span.
   */
  int longest();

  /**
   * Whether a span is complete, whatever its writer would go on with.
   *
   * @param span what is written of it, not empty
   */
  default boolean complete(byte[] span) {
    return false;
  }

  /**
   * Whether a span is complete, now that its writer would go on with this piece.
   *
   * @param text of the answer before the span
   * @param span what is written of it, not empty
   * @param next the piece, not the end
   */
  default boolean complete(byte[] text, byte[] span, byte[] next) {
    return false;
  }

  /**
   * How many pieces of a span stay that was cut off at its greatest length.
   *
   * @param pieces of the span, in order
   * @return 1 to the number of pieces
   */
  default int kept(List<byte[]> pieces) {
    return pieces.size();
  }

  /** Whether a span that does not end the answer is dropped where there is any other. */
  default boolean ignores(byte[] span) {
    return false;
  }
}
