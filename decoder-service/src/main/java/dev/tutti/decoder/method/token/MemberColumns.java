package dev.tutti.decoder.method.token;

import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which columns of a union of vocabularies are a member's own. Immutable.
 *
 * @param columns of its own pieces, in their order; the end, where it has one, last
 * @param tokens the least token of each
 */
record MemberColumns(int[] columns, int[] tokens) {

  /** Of one of the members of a union. */
  static MemberColumns of(int member, Tokenizer tokenizer, UnionVocabulary union) {
    var first = new int[union.shared().size()];
    Arrays.fill(first, -1);
    for (int t = tokenizer.size() - 1; t >= 0; t--) {
      if (union.shared(member, t) >= 0) {
        first[union.shared(member, t)] = t;
      }
    }
    var own = new BitSet();
    for (int column = 0; column < first.length; column++) {
      own.set(column, first[column] >= 0);
    }
    int[] columns = own.stream().toArray();
    return new MemberColumns(
        columns, Arrays.stream(columns).map(column -> first[column]).toArray());
  }

  /** Of all members of a union, in their order. */
  static List<MemberColumns> of(List<TokenMember> members, UnionVocabulary union) {
    var all = new MemberColumns[members.size()];
    Arrays.setAll(all, m -> of(m, members.get(m).tokenizer(), union));
    return List.of(all);
  }

  /** The columns that all of them have, in their order. */
  static int[] common(List<MemberColumns> members) {
    var common = new BitSet();
    for (int m = 0; m < members.size(); m++) {
      var own = new BitSet();
      Arrays.stream(members.get(m).columns).forEach(own::set);
      if (m == 0) {
        common.or(own);
      } else {
        common.and(own);
      }
    }
    return common.stream().toArray();
  }

  /** The same but for one column. */
  MemberColumns without(int column) {
    int at = Arrays.binarySearch(columns, column);
    return at < 0
        ? this
        : new MemberColumns(
            Arrays.stream(columns).filter(c -> c != column).toArray(),
            IntStream.range(0, tokens.length).filter(i -> i != at).map(i -> tokens[i]).toArray());
  }
}
