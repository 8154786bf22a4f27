package dev.tutti.decoder.method.token;

import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * For each member's pieces the nearest ones of every other member ({@link NearestPieces}), as
 * columns of the union of their vocabularies. The end is nearest to the end. Thread-safe.
 */
final class MinimumEdits {

  /** Of two vocabularies of 100,000 pieces one takes .4 MB. */
  private static final MapCache<Pair, int[]> MAPS =
      new MapCache<>(64L << 20, map -> 4L * map.length);

  private final UnionVocabulary union;
  // [member]: its columns, in their order.
  private final int[][] columns;
  // [reference * members + member][index among the reference's columns] -> column of the member;
  // null before it is asked for, as an answer uses those of one reference.
  private final AtomicReferenceArray<int[]> nearest;

  /** Fingerprints of two vocabularies' pieces, each in the order of their bytes. */
  private record Pair(String from, String to) {}

  MinimumEdits(List<TokenMember> members, UnionVocabulary union) {
    this.union = union;
    int count = members.size();
    columns =
        MemberColumns.of(members, union).stream().map(MemberColumns::columns).toArray(int[][]::new);
    nearest = new AtomicReferenceArray<>(count * count);
    for (int m = 0; m < count; m++) {
      if (pieces(m).length == 0) {
        throw new IllegalArgumentException("Member " + m + " has no piece of text.");
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
    int[] places =
        MAPS.get(
            new Pair(Fingerprint.of(Arrays.stream(from)), Fingerprint.of(Arrays.stream(to))),
            () -> {
              var among = new NearestPieces(to);
              return Arrays.stream(from)
                  .mapToInt(
                      piece -> {
                        MapCache.requireWanted();
                        return among.nearest(piece);
                      })
                  .toArray();
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

  /**
   * Where a member has what is nearest to each of the reference's {@link #columns(int)}; found when
   * it is asked for first.
   */
  int[] nearest(int reference, int member) {
    int at = reference * columns.length + member;
    int[] known = nearest.get(at);
    if (known == null) {
      known = find(reference, member);
      nearest.set(at, known);
    }
    return known;
  }
}
