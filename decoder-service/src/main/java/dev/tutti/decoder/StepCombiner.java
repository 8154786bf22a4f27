package dev.tutti.decoder;

import java.util.Arrays;
import java.util.List;

/** Makes one distribution of several over the same tokens. Stateless. */
@FunctionalInterface
public interface StepCombiner {

  /** {@code p(u) = sum_i w_i ratings_i[u]}, of ratings that are probabilities. */
  StepCombiner MEAN =
      (votes, combined) -> {
        Arrays.fill(combined, 0);
        for (Vote vote : votes) {
          double[] p = vote.ratings();
          double w = vote.weight();
          for (int u = 0; u < combined.length; u++) {
            combined[u] += w * p[u];
          }
        }
      };

  /**
   * What a member that takes part in a step brings along. It belongs to the session and changes
   * with the next step.
   *
   * @param member index of the member among those of the plan
   * @param weight above 0; those of a step sum to 1
   * @param ratings one a token of the step: probabilities, or what else the plan's members tell
   * @param heard the same before it was moved onto the tokens of the step
   */
  record Vote(int member, double weight, double[] ratings, Heard heard) {}

  /**
   * Combines.
   *
   * @param votes never empty; in an order that does not depend on that of the recipe
   * @param combined overwritten: one probability a token of the step
   */
  void combine(List<Vote> votes, double[] combined);
}
