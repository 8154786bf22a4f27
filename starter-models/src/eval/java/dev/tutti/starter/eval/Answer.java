package dev.tutti.starter.eval;

/**
 * What was answered to one question.
 *
 * @param tokens the answer, without its end token
 * @param logprob natural logarithm of the probability of the whole answer, end included
 * @param ended whether the end token came before the limit
 */
public record Answer(int[] tokens, double logprob, boolean ended) {

  /** The probability of the whole answer: the product of its tokens' probabilities. */
  public double probability() {
    return Math.exp(logprob);
  }
}
