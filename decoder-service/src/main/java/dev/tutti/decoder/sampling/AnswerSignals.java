package dev.tutti.decoder.sampling;

import dev.tutti.decoder.Distribution;

/**
 * What an answer's tokens say about its quality, the end token included, each by the distribution
 * that it was picked from at temperature 1. A token of probability 0, which only a bias can draw,
 * has the logarithm of the least number above 0: -744.4.
 *
 * @param tokens number of tokens; at least 1
 * @param sumLogprob sum of their log-probabilities, nats; at most 0
 * @param minLogprob least of them
 * @param meanEntropy mean entropy of the distributions, nats; at least 0
 * @param maxEntropy greatest of them
 * @param meanDistanceToUniform mean of {@link Distribution#distanceToUniform}, in [0, 1]
 * @param minDistanceToUniform least of them
 */
public record AnswerSignals(
    int tokens,
    double sumLogprob,
    double minLogprob,
    double meanEntropy,
    double maxEntropy,
    double meanDistanceToUniform,
    double minDistanceToUniform) {

  /** Mean log-probability of the tokens, nats; at most 0. */
  public double meanLogprob() {
    return sumLogprob / tokens;
  }

  /** Adds up an answer's tokens. */
  static final class Accumulator {

    // Of a token that only a bias made possible: that of the least probability there is.
    private static final double IMPOSSIBLE = Math.log(Double.MIN_VALUE);

    private int tokens;
    private double sumLogprob;
    private double minLogprob;
    private double sumEntropy;
    private double maxEntropy;
    private double sumDistance;
    private double minDistance = 1;

    void add(Distribution distribution, int token) {
      double told = distribution.logProbability(token);
      double logprob = Double.isFinite(told) ? told : IMPOSSIBLE;
      tokens++;
      sumLogprob += logprob;
      minLogprob = Math.min(minLogprob, logprob);
      sumEntropy += distribution.entropy();
      maxEntropy = Math.max(maxEntropy, distribution.entropy());
      double distance = distribution.distanceToUniform();
      sumDistance += distance;
      minDistance = Math.min(minDistance, distance);
    }

    AnswerSignals signals() {
      return new AnswerSignals(
          tokens,
          sumLogprob,
          minLogprob,
          sumEntropy / tokens,
          maxEntropy,
          sumDistance / tokens,
          minDistance);
    }
  }
}
