package dev.tutti.decoder.method.token;

import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TopTokens;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Averages in the space of anchors, and goes back to the main member's; see {@link DeepenEnsemble}.
 */
final class RelativeMean implements StepCombiner {

  /** Rows of a vocabulary of 100,000 pieces take 13 MB. */
  private static final MapCache<Key, RelativeRows> ROWS =
      new MapCache<>(256L << 20, RelativeRows::bytes);

  private final DeepenEnsemble.Settings settings;
  private final int end;
  private final int anchors;
  private final List<MemberColumns> columns;
  private final List<RelativeRows> rows = new ArrayList<>();

  /** All that rows follow from. */
  private record Key(String embeddings, String anchors, double temperature) {}

  RelativeMean(DeepenEnsemble.Settings settings, List<TokenMember> members, UnionVocabulary union) {
    this.settings = settings;
    this.end = union.shared().size() - 1;
    this.columns = MemberColumns.of(members, union);
    int[] common = MemberColumns.common(columns);
    this.anchors = common.length;
    if (anchors == 0) {
      throw new IllegalArgumentException("The members have no piece in common.");
    }
    for (int m = 0; m < members.size(); m++) {
      int[] own = columns.get(m).columns();
      var embeddings = Embeddings.of(members.get(m), columns.get(m), "deepen");
      int[] anchorPieces = Arrays.stream(common).map(c -> Arrays.binarySearch(own, c)).toArray();
      var key =
          new Key(embeddings.fingerprint(), Fingerprint.of(anchorPieces), settings.temperature());
      rows.add(
          ROWS.get(key, () -> RelativeRows.of(embeddings, anchorPieces, settings.temperature())));
    }
  }

  @Override
  public void combine(List<Vote> votes, double[] combined) {
    Vote main =
        votes.stream()
            .filter(vote -> vote.member() == settings.main())
            .findFirst()
            .orElse(votes.getFirst());
    double[] own = main.ratings();
    System.arraycopy(own, 0, combined, 0, combined.length);
    int[] candidates = TopTokens.of(own, settings.candidates());
    if (votes.size() > 1
        && settings.rate() > 0
        && settings.steps() > 0
        && candidates[0] != end
        && own[candidates[0]] > 0) {
      search(votes, main, Arrays.stream(candidates).filter(c -> own[c] > 0).toArray(), combined);
    }
  }

  private void search(List<Vote> votes, Vote main, int[] candidates, double[] combined) {
    var wanted = new double[anchors];
    var rest = new double[anchors];
    // Special tokens have no row: what a member gives to them must not pull all pieces down.
    double written = Arrays.stream(main.ratings()).sum();
    for (Vote vote : votes) {
      int[] its = columns.get(vote.member()).columns();
      double weight = vote.weight() * written / Arrays.stream(vote.ratings()).sum();
      for (int piece = 0; piece < its.length; piece++) {
        if (vote.ratings()[its[piece]] > 0) {
          rows.get(vote.member()).add(piece, weight * vote.ratings()[its[piece]], wanted);
        }
      }
    }
    int[] own = columns.get(main.member()).columns();
    RelativeRows ownRows = rows.get(main.member());
    double mass = 0;
    var pieces = new int[candidates.length];
    var logits = new double[candidates.length];
    var moving = new boolean[own.length];
    for (int i = 0; i < candidates.length; i++) {
      pieces[i] = Arrays.binarySearch(own, candidates[i]);
      moving[pieces[i]] = true;
      logits[i] = Math.log(main.ratings()[candidates[i]]);
      mass += main.ratings()[candidates[i]];
    }
    for (int piece = 0; piece < own.length; piece++) {
      if (!moving[piece] && main.ratings()[own[piece]] > 0) {
        ownRows.add(piece, main.ratings()[own[piece]], rest);
      }
    }
    new RelativeSearch(ownRows, pieces, mass, rest, wanted)
        .search(logits, settings.rate(), settings.steps());
    double[] q = Vectors.softmax(logits, 1);
    for (int i = 0; i < q.length; i++) {
      combined[candidates[i]] = mass * q[i];
    }
  }
}
