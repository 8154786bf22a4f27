package dev.tutti.router.method.bandit;

import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * How {@link PickLlmRouter} learns from rewards, and whom it asks by that. An arm is two numbers:
 * what the learner knows of a member, and how many observations went in. Immutable.
 */
sealed interface RewardLearner permits QLearning, LinearRewardInaction {

  /** What the first number of an arm is. */
  String arm();

  /**
   * Learns.
   *
   * @param arms by member; changed in place
   * @param member who was asked
   * @param pool who could have been asked; empty where nobody knows
   * @param reward {@code R}
   * @param share {@code r}: where the reward lies between the least and the most there can be, in
   *     [0, 1]
   */
  void learn(
      TreeMap<String, double[]> arms, String member, Set<String> pool, double reward, double share);

  /** Ranks a pool. */
  Route route(SortedMap<String, double[]> arms, Pool pool, RandomGenerator random);
}
