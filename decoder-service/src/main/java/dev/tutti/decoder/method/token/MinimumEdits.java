package dev.tutti.decoder.method.token;

import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.List;

/**
 * For each member's pieces the nearest ones of every other member ({@link NearestPieces}), as
 * columns of the union of their vocabularies. The end is nearest to the end. Thread-safe.
 */
final class MinimumEdits {

  /** Two real vocabularies that have half of their pieces in common take about 1 MB. */
  private static final MapCache<Pair, int[]> MAPS =
      new MapCache<>(64L << 20, map -> 4L * map.length);

  private final UnionVocabulary union;
  // [member]: its columns, in their order.
  private final int[][] columns;
  // [reference][member][index among the reference's columns] -> column of the member.
  private final int[][][] nearest;

  /** Pieces of two vocabularies, each in the order of their bytes. */
  private record Pair(byte[][] from, byte[][] to) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Pair pair
          && Arrays.deepEquals(from, pair.from)
          && Arrays.deepEquals(to, pair.to);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.deepHashCode(from) + Arrays.deepHashCode(to);
    }
  }

  MinimumEdits(List<TokenMember> members, UnionVocabulary union) {
    this.union = union;
    int count = members.size();
    columns =
        MemberColumns.of(members, union).stream().map(MemberColumns::columns).toArray(int[][]::new);
    nearest = new int[count][count][];
    for (int reference = 0; reference < count; reference++) {
      for (int m = 0; m < count; m++) {
        nearest[reference][m] = find(reference, m);
      }
    }
  }

  private int[] find(int reference, int member) {
    if (Arrays.equals(columns[reference], columns[member])) {
      return columns[reference];
    }
    Vocabulary all = union.shared();
    byte[][] from = pieces(reference);
    byte[][] to = pieces(member);
    if (to.length == 0) {
      throw new IllegalArgumentException("Member " + member + " has no piece of text.");
    }
    int[] places =
        MAPS.get(
            new Pair(from, to),
            () -> {
              var among = new NearestPieces(to);
              return Arrays.stream(from).mapToInt(among::nearest).toArray();
            });
    var map = new int[columns[reference].length];
    for (int i = 0; i < map.length; i++) {
      map[i] =
          all.isEnd(columns[reference][i]) ? columns[reference][i] : columns[member][places[i]];
    }
    return map;
  }

  private byte[][] pieces(int member) {
    return Arrays.stream(columns[member])
        .filter(column -> !union.shared().isEnd(column))
        .mapToObj(union.shared()::bytes)
        .toArray(byte[][]::new);
  }

  /** Columns of a member's own pieces, in their order; the end, where it has one, last. */
  int[] columns(int member) {
    return columns[member];
  }

  /** Where a member has what is nearest to each of the reference's {@link #columns(int)}. */
  int[] nearest(int reference, int member) {
    return nearest[reference][member];
  }
}
