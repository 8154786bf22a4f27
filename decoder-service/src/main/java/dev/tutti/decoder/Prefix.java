package dev.tutti.decoder;

/**
 * What an answer says before its next token, piece by piece. Bytes are characters here (Latin-1).
 * Immutable; what several have in common is kept once.
 */
public final class Prefix {

  /** Where an answer begins. */
  public static final Prefix EMPTY = new Prefix(null, "");

  final Prefix before;
  final String piece;
  // Number of pieces.
  final int size;

  private Prefix(Prefix before, String piece) {
    this.before = before;
    this.piece = piece;
    this.size = before == null ? 0 : before.size + 1;
  }

  /**
   * It with a further piece.
   *
   * @param bytes nothing changes where there are none, as an end is no piece
   */
  public Prefix with(byte[] bytes) {
    return bytes.length == 0 ? this : new Prefix(this, PieceIndex.spelling(bytes));
  }

  /**
   * Whether it ends with the first bytes of a text, wherever its pieces are cut.
   *
   * @param length how many, at most as many as the text has
   */
  public boolean endsWith(String text, int length) {
    int left = length;
    for (Prefix at = this; left > 0; at = at.before) {
      if (at.before == null) {
        return false;
      }
      int shared = Math.min(left, at.piece.length());
      if (!text.regionMatches(left - shared, at.piece, at.piece.length() - shared, shared)) {
        return false;
      }
      left -= shared;
    }
    return true;
  }
}
