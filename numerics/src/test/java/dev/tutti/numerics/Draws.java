package dev.tutti.numerics;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;

/** Random numbers written down beforehand, so that what is drawn can be worked out by hand. */
public final class Draws implements RandomGenerator {

  private final Queue<Double> doubles;

  /** Gives these, from 0 to below 1, one after the other; an integer is that part of its bound. */
  public Draws(Double... doubles) {
    this.doubles = new ArrayDeque<>(List.of(doubles));
  }

  /** How many are left. */
  public int left() {
    return doubles.size();
  }

  @Override
  public double nextDouble() {
    return doubles.remove();
  }

  @Override
  public int nextInt(int bound) {
    return (int) (nextDouble() * bound);
  }

  @Override
  public int nextInt(int origin, int bound) {
    return origin + nextInt(bound - origin);
  }

  @Override
  public double nextGaussian() {
    return nextDouble();
  }

  @Override
  public long nextLong() {
    throw new UnsupportedOperationException("Only doubles and bounded integers are written down.");
  }
}
