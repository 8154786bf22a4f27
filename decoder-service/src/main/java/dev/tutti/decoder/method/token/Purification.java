package dev.tutti.decoder.method.token;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.method.token.PurifyingEnsemble.Divergence;
import java.util.Arrays;
import java.util.List;

/** Makes one distribution of the untrusted and the benign; see {@link PurifyingEnsemble}. */
final class Purification {

  private final PurifyingEnsemble.Settings settings;
  private final String benign;
  // Columns of the pieces that all members have.
  private final int[] common;

  Purification(
      PurifyingEnsemble.Settings settings, List<TokenMember> members, UnionVocabulary union) {
    this.settings = settings;
    this.benign = members.get(settings.benign()).name();
    this.common = MemberColumns.common(MemberColumns.of(members, union));
  }

  /**
   * Combines.
   *
   * @param combined overwritten
   * @return the bound of the divergence from the benign member, nats, at least 0
   * @throws DecodeException where the benign member is not among the votes
   */
  double combine(List<Vote> votes, double[] combined) {
    Vote trusted =
        votes.stream()
            .filter(vote -> vote.member() == settings.benign())
            .findFirst()
            .orElseThrow(
                () ->
                    new DecodeException(
                        "The benign member %s has nothing to say, and nobody may write without it."
                            .formatted(benign)));
    Arrays.fill(combined, 0);
    boolean alone = votes.size() == 1 || votes.stream().anyMatch(this::isElsewhere);
    if (!alone) {
      for (int column : common) {
        combined[column] =
            settings.divergence() == Divergence.KL
                ? product(votes, trusted, column)
                : least(votes, column);
      }
      double bound = scale(combined);
      if (Double.isFinite(bound)) {
        return bound;
      }
    }
    System.arraycopy(trusted.ratings(), 0, combined, 0, combined.length);
    // What it gives to special tokens, which no text stands for, goes to the others.
    return Math.max(0, -Math.log(Arrays.stream(combined).sum()));
  }

  /** Whether it has too little on the pieces that all members have. */
  private boolean isElsewhere(Vote vote) {
    double mass = 0;
    for (int column : common) {
      mass += vote.ratings()[column];
    }
    return mass < settings.leastMass();
  }

  /** {@code sum_i a_i log p_i}. */
  private double product(List<Vote> votes, Vote trusted, int column) {
    double log = 0;
    for (Vote vote : votes) {
      double exponent =
          vote == trusted
              ? settings.beta()
              : settings.alpha() * vote.weight() / (1 - trusted.weight());
      log += exponent == 0 ? 0 : exponent * Math.log(vote.ratings()[column]);
    }
    return log;
  }

  /** {@code log min_i p_i}. */
  private static double least(List<Vote> votes, int column) {
    double least = 1;
    for (Vote vote : votes) {
      least = Math.min(least, vote.ratings()[column]);
    }
    return Math.log(least);
  }

  /** Makes probabilities of logarithms, and tells the bound; infinite where none is possible. */
  private double scale(double[] combined) {
    double max = Double.NEGATIVE_INFINITY;
    for (int column : common) {
      max = Math.max(max, combined[column]);
    }
    if (max == Double.NEGATIVE_INFINITY) {
      return Double.POSITIVE_INFINITY;
    }
    double sum = 0;
    for (int column : common) {
      sum += Math.exp(combined[column] - max);
    }
    double logZ = max + Math.log(sum);
    double entropy = 0;
    for (int column : common) {
      double log = combined[column] - logZ;
      double p = Math.exp(log);
      combined[column] = p;
      entropy -= p > 0 ? p * log : 0;
    }
    double bound =
        settings.divergence() == Divergence.KL
            ? (-logZ - (settings.alpha() + settings.beta() - 1) * entropy) / settings.beta()
            : -logZ;
    return Math.max(0, bound);
  }
}
