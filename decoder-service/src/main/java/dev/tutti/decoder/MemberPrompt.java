package dev.tutti.decoder;

/**
 * A member's prompt, ready to be gone on with: each plan opens it in the way that its methods need.
 */
public interface MemberPrompt {

  /** Number of its tokens, as far as it is known before it is read. */
  long tokens();

  /** Steps that fit behind it, as far as is known. */
  int room();

  /**
   * A session that holds it.
   *
   * @throws IllegalStateException when the member does not run here, so that nobody knows its whole
   *     distribution; registration and the service refuse it before
   */
  DecodeSession open();

  /**
   * A session that holds it and tells the most probable pieces.
   *
   * @param index of the member's pieces, where it runs here
   * @param unlisted nats by which a piece that an endpoint did not list is below the least that it
   *     did
   */
  TopSession openTop(PieceIndex index, double unlisted);
}
