package dev.tutti.decoder.method.token;

import dev.tutti.decoder.method.token.EmbeddingMap.Candidate;
import java.util.List;

/**
 * Where a member's pieces go in the pivot's vocabulary: of each up to {@value #MOST} pieces of the
 * pivot, with weights whose sum is 1 at most. Immutable.
 *
 * @param pieces {@code [own piece][i]}
 * @param weights of the same
 */
record PivotRows(int[][] pieces, float[][] weights) {

  /** Candidates of a piece, and how similar they must be. */
  static final int MOST = 10;

  static final double ABOVE = .1;

  /** A row of more candidates than this, which hardly differ, tells nothing. */
  private static final int AMBIGUOUS = 5;

  private static final double ALIKE = .01;

  /** Of candidates, the most similar first. */
  static PivotRows of(List<List<Candidate>> candidates) {
    var pieces = new int[candidates.size()][];
    var weights = new float[candidates.size()][];
    for (int own = 0; own < pieces.length; own++) {
      List<Candidate> its = isFlat(candidates.get(own)) ? List.of() : candidates.get(own);
      double sum = Math.max(1, its.stream().mapToDouble(Candidate::similarity).sum());
      pieces[own] = its.stream().mapToInt(Candidate::piece).toArray();
      weights[own] = new float[its.size()];
      for (int i = 0; i < its.size(); i++) {
        weights[own][i] = (float) (its.get(i).similarity() / sum);
      }
    }
    return new PivotRows(pieces, weights);
  }

  private static boolean isFlat(List<Candidate> candidates) {
    double mean = candidates.stream().mapToDouble(Candidate::similarity).average().orElse(0);
    double variance =
        candidates.stream()
            .mapToDouble(c -> Math.pow(c.similarity() - mean, 2))
            .average()
            .orElse(0);
    return candidates.size() > AMBIGUOUS && Math.sqrt(variance) <= ALIKE;
  }

  /** Bytes that it takes. */
  long bytes() {
    long bytes = 0;
    for (int[] row : pieces) {
      bytes += 2 * 24L + 8L * row.length;
    }
    return bytes;
  }
}
