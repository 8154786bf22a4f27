package dev.tutti.router.answer;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The chance of one routing decision: the same conversation with the same seed is decided alike,
 * and the decisions of its turns, and of ensembles that are nested, are independent.
 */
final class Seeds {

  private Seeds() {}

  /** The generator of one decision. */
  static RandomGenerator generator(long seed, int turn, String ensemble) {
    return new SplittableRandom(mix(mix(mix(seed) ^ turn) ^ ensemble.hashCode()));
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit. */
  private static long mix(long bits) {
    long z = bits + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
