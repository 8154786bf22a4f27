package dev.tutti.decoder;

import java.util.HashMap;
import java.util.Map;

/**
 * What an answer says before its next token, piece by piece. Bytes are characters here (Latin-1).
 * Immutable; what several have in common is kept once.
 */
public final class Prefix {

  /** Where an answer begins. */
  public static final Prefix EMPTY = new Prefix(null, "");

  private final Prefix before;
  private final String piece;

  private Prefix(Prefix before, String piece) {
    this.before = before;
    this.piece = piece;
  }

  /**
   * It with a further piece.
   *
   * @param bytes nothing changes where there are none, as an end is no piece
   */
  public Prefix with(byte[] bytes) {
    return bytes.length == 0 ? this : new Prefix(this, PieceIndex.spelling(bytes));
  }

  /** How often each piece stands in it. */
  public Map<String, Integer> counts() {
    var counts = new HashMap<String, Integer>();
    for (Prefix at = this; at.before != null; at = at.before) {
      counts.merge(at.piece, 1, Integer::sum);
    }
    return counts;
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
