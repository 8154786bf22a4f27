package dev.tutti.decoder;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The tokens of one step: the union of the members' pieces in the order of their bytes (unsigned),
 * the end last where anyone has it, so that ties are broken by text.
 */
record PieceUnion(List<byte[]> pieces) implements Vocabulary {

  static final PieceUnion NONE = new PieceUnion(List.of());

  /** Of the pieces of these members. */
  static PieceUnion of(Iterable<? extends JointMember> members) {
    var spellings = new TreeSet<String>();
    members.forEach(
        member -> member.pieces().forEach(piece -> spellings.add(PieceIndex.spelling(piece))));
    boolean end = spellings.remove("");
    var pieces = new ArrayList<byte[]>();
    spellings.forEach(piece -> pieces.add(piece.getBytes(StandardCharsets.ISO_8859_1)));
    if (end) {
      pieces.add(new byte[0]);
    }
    return new PieceUnion(List.copyOf(pieces));
  }

  @Override
  public int size() {
    return pieces.size();
  }

  @Override
  public byte[] bytes(int token) {
    return pieces.get(token);
  }

  @Override
  public boolean isSpecial(int token) {
    return isEnd(token);
  }

  @Override
  public boolean isEnd(int token) {
    return pieces.get(token).length == 0;
  }
}
