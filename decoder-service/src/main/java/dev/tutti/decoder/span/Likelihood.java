package dev.tutti.decoder.span;

import dev.tutti.decoder.DecodeSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * How likely a member finds a text.
 *
 * @param logprob sum over its own tokens, nats
 * @param least the least of them, nats
 * @param tokens how many there are
 */
public record Likelihood(double logprob, double least, int tokens) {

  /**
   * A text behind what a session holds.
   *
   * @param tokens of it
   * @param from index of the first that counts
   * @param ended whether the answer ends with it
   */
  record Branch(int[] tokens, int from, boolean ended) {}

  /**
   * The likelihoods of several texts, which are read together where the model can.
   *
   * @param ends the end tokens of its vocabulary; all of them are one
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  static List<Likelihood> of(DecodeSession session, int[] ends, List<Branch> branches) {
    var texts = new ArrayList<int[]>();
    for (Branch branch : branches) {
      if (branch.ended() && ends.length > 0) {
        Arrays.stream(ends).forEach(end -> texts.add(followed(branch.tokens(), end)));
      } else {
        texts.add(branch.tokens());
      }
    }
    Iterator<double[]> scores = session.score(texts).iterator();
    return branches.stream().map(branch -> of(branch, ends, scores)).toList();
  }

  private static Likelihood of(Branch branch, int[] ends, Iterator<double[]> scores) {
    int length = branch.tokens().length;
    double[] first = scores.next();
    double sum = 0;
    double least = 0;
    for (int i = branch.from(); i < length; i++) {
      sum += first[i];
      least = Math.min(least, first[i]);
    }
    int count = length - branch.from();
    if (branch.ended()) {
      double end = ends.length > 0 ? first[length] : Double.NEGATIVE_INFINITY;
      if (ends.length > 1) {
        double all = Math.exp(end);
        for (int e = 1; e < ends.length; e++) {
          all += Math.exp(scores.next()[length]);
        }
        end = Math.log(Math.min(1, all));
      }
      sum += end;
      least = Math.min(least, end);
      count++;
    }
    return new Likelihood(sum, least, count);
  }

  /** Tokens with one more behind them. */
  static int[] followed(int[] tokens, int next) {
    int[] all = Arrays.copyOf(tokens, tokens.length + 1);
    all[tokens.length] = next;
    return all;
  }
}
