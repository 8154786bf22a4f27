package dev.tutti.decoder;

import java.util.function.IntConsumer;

/** Runs the members' forward passes of one step. */
@FunctionalInterface
public interface StepRunner {

  /** One after the other, on the calling thread. */
  StepRunner SEQUENTIAL =
      (count, pass) -> {
        for (int i = 0; i < count; i++) {
          pass.accept(i);
        }
      };

  /**
   * Runs {@code pass} for 0 .. count - 1 and returns when all are done; throws what the first of
   * them threw.
   *
   * @param pass independent of the others
   */
  void run(int count, IntConsumer pass);

  /** Runs {@code pass} for one of them only; throws what it throws. */
  default void one(int index, IntConsumer pass) {
    pass.accept(index);
  }
}
