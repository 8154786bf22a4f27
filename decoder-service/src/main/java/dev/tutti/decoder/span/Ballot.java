package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Opinion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What every judge thinks of every candidate of a round; members stand in one order, by name.
 * Arrays are shared: leave them as they are.
 *
 * @param candidates number of different texts, in the order of their first writers
 * @param wrote by member: index of the candidate that it wrote; -1 where it wrote none
 * @param scores [member][candidate] mean log-probability a token (or byte), nats, in [-{@value
 *     #MOST_NATS}, 0]; null where the member does not judge
 */
public record Ballot(int candidates, int[] wrote, double[][] scores) {

  /**
   * No judgement is below minus this: what a judge cannot write counts as this improbable, and a
   * mean of perplexities still tells other judges' apart.
   */
  public static final double MOST_NATS = 20;

  /**
   * What those who took part thought of a candidate.
   *
   * @param weights by member, at least 0
   * @param recipe by member: its index in the recipe
   * @param own by member: its judgement of what it wrote itself, which counts where nobody judged
   * @return in the order of the recipe
   */
  List<Opinion> opinions(int candidate, double[] weights, int[] recipe, IntToDoubleFunction own) {
    int[] part =
        IntStream.range(0, wrote.length).filter(m -> wrote[m] >= 0 || scores[m] != null).toArray();
    double total = Arrays.stream(part).mapToDouble(m -> weights[m]).sum();
    var all = new ArrayList<Opinion>();
    for (int m : part) {
      boolean its = wrote[m] == candidate;
      double logprob = its ? own.applyAsDouble(m) : Double.NEGATIVE_INFINITY;
      all.add(
          new Opinion(
              recipe[m],
              total > 0 ? weights[m] / total : 1.0 / part.length,
              Math.min(0, scores[m] == null ? logprob : scores[m][candidate]),
              its));
    }
    all.sort(Comparator.comparingInt(Opinion::member));
    return all;
  }
}
