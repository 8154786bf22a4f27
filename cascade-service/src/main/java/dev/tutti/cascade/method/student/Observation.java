package dev.tutti.cascade.method.student;

import java.util.Optional;

/**
 * A question that went by: what is kept of it, and all that the student learns from.
 *
 * @param need how much asking the strong member was wanted ({@link NeuralCache.Advice#need})
 * @param asked whether the strong member answered, and was paid for it
 * @param share of the questions that it might be asked then, millionths: sums of them are exact
 * @param example what it answered; empty where it was not asked, or where that cannot be learned
 *     from
 */
public record Observation(double need, boolean asked, int share, Optional<Example> example) {

  /** A whole in {@link #share}. */
  public static final int WHOLE = 1_000_000;

  /** Refuses what was learned from nobody. */
  public Observation {
    if (example.isPresent() && !asked) {
      throw new IllegalArgumentException("There is an answer of a member that was not asked.");
    }
  }

  /** The same with the share as a number, 0 to 1. */
  public static Observation of(
      double need, boolean asked, double share, Optional<Example> example) {
    return new Observation(need, asked, (int) Math.round(share * WHOLE), example);
  }
}
