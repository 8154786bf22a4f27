package dev.tutti.decoder.method.token;

import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TopTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Averages in the pivot's vocabulary those who agree; see {@link EvaEnsemble}. */
final class PivotMean implements StepCombiner {

  /** Rows of a vocabulary of 100,000 pieces take 13 MB at most. */
  private static final MapCache<Key, PivotRows> ROWS = new MapCache<>(256L << 20, PivotRows::bytes);

  private final EvaEnsemble.Settings settings;
  private final int end;
  // Of text: ends go to the end.
  private final List<MemberColumns> columns;
  // Empty for the pivot, and for whoever has its vocabulary.
  private final List<Optional<PivotRows>> rows = new ArrayList<>();

  /** All that rows follow from. */
  private record Key(
      String source, String pivot, String dictionarySource, String dictionaryPivot) {}

  /** A member's distribution in the pivot's vocabulary; all 0 where it has no row for it. */
  private record Moved(double weight, double[] p) {}

  PivotMean(EvaEnsemble.Settings settings, List<TokenMember> members, UnionVocabulary union) {
    this.settings = settings;
    this.end = union.shared().size() - 1;
    this.columns = MemberColumns.of(members, union).stream().map(its -> its.without(end)).toList();
    for (int m = 0; m < members.size(); m++) {
      rows.add(
          Arrays.equals(columns.get(m).columns(), columns.get(settings.pivot()).columns())
              ? Optional.empty()
              : Optional.of(rows(members.get(m), columns.get(m), members.get(settings.pivot()))));
    }
  }

  private PivotRows rows(TokenMember member, MemberColumns own, TokenMember pivotMember) {
    MemberColumns pivot = columns.get(settings.pivot());
    int[] common = MemberColumns.common(List.of(own, pivot));
    if (common.length < 2) {
      throw new IllegalArgumentException(
          "'%s' and '%s' have %d pieces in common; eva maps by two or more."
              .formatted(member.name(), pivotMember.name(), common.length));
    }
    Embeddings x = Embeddings.of(member, own, "eva");
    Embeddings z = Embeddings.of(pivotMember, pivot, "eva");
    int[] dictionaryX = places(own, common);
    int[] dictionaryZ = places(pivot, common);
    var key =
        new Key(
            x.fingerprint(),
            z.fingerprint(),
            Fingerprint.of(dictionaryX),
            Fingerprint.of(dictionaryZ));
    return ROWS.get(
        key,
        () ->
            PivotRows.of(
                new EmbeddingMap(x, z, dictionaryX, dictionaryZ)
                    .candidates(PivotRows.MOST, PivotRows.ABOVE)));
  }

  private static int[] places(MemberColumns member, int[] some) {
    return Arrays.stream(some).map(c -> Arrays.binarySearch(member.columns(), c)).toArray();
  }

  @Override
  public void combine(List<Vote> votes, double[] combined) {
    List<Moved> moved =
        votes.stream()
            .map(vote -> new Moved(vote.weight(), moved(vote)))
            .filter(m -> Arrays.stream(m.p()).anyMatch(p -> p > 0))
            .toList();
    if (moved.isEmpty()) {
      // The pivot is left out, and nobody else has a row: they write in their own pieces.
      moved = votes.stream().map(vote -> new Moved(vote.weight(), vote.ratings())).toList();
    }
    List<Moved> kept = faithful(moved);
    double total = kept.stream().mapToDouble(Moved::weight).sum();
    Arrays.fill(combined, 0);
    for (Moved member : kept) {
      for (int u = 0; u < combined.length; u++) {
        combined[u] += member.weight() / total * member.p()[u];
      }
    }
  }

  /** Those who agree with another one; all where nobody does. */
  private List<Moved> faithful(List<Moved> all) {
    List<Moved> faithful =
        all.stream()
            .filter(one -> all.stream().anyMatch(other -> other != one && agree(one, other)))
            .toList();
    return faithful.isEmpty() ? all : faithful;
  }

  /** Whether the first piece of one is among the first of the other. */
  private boolean agree(Moved one, Moved other) {
    int first = TopTokens.of(one.p(), 1)[0];
    return other.p()[first] > 0
        && Arrays.stream(TopTokens.of(other.p(), settings.agreement())).anyMatch(u -> u == first);
  }

  /** {@code p W}, of its most probable tokens scaled to sum 1. */
  private double[] moved(Vote vote) {
    double[] p = vote.ratings();
    int[] top = TopTokens.of(p, settings.topK());
    double sum = Arrays.stream(top).mapToDouble(u -> p[u]).sum();
    var moved = new double[p.length];
    int[] own = columns.get(vote.member()).columns();
    int[] pivot = columns.get(settings.pivot()).columns();
    for (int u : top) {
      if (p[u] > 0) {
        Optional<PivotRows> map = rows.get(vote.member()).filter(_ -> u != end);
        if (map.isEmpty()) {
          moved[u] += p[u] / sum;
        } else {
          int piece = Arrays.binarySearch(own, u);
          int[] to = map.get().pieces()[piece];
          for (int i = 0; i < to.length; i++) {
            moved[pivot[to[i]]] += p[u] / sum * map.get().weights()[piece][i];
          }
        }
      }
    }
    return moved;
  }
}
