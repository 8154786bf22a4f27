package dev.tutti.decoder;

import java.util.List;

/** Makes one distribution of several over the same vocabulary. Stateless. */
@FunctionalInterface
public interface StepCombiner {

  /**
   * Combines.
   *
   * @param aligned one array a member that takes part, never empty
   * @param weights of those members, in the same order; they sum to 1
   * @param combined overwritten: one probability a shared token
   */
  void combine(List<double[]> aligned, double[] weights, double[] combined);
}
