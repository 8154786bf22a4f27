package dev.tutti.decoder;

import java.util.OptionalInt;

/** Decides which members take part in a step. Stateless. */
public interface StepGate {

  /** Everyone takes part in every step. */
  StepGate EVERYONE =
      new StepGate() {
        @Override
        public OptionalInt scout() {
          return OptionalInt.empty();
        }

        @Override
        public boolean settles(Distribution scout) {
          return false;
        }
      };

  /** Index of the member that is asked alone first; empty where all are asked at once. */
  OptionalInt scout();

  /** Whether the scout's own distribution is enough, so that the others sit this step out. */
  boolean settles(Distribution scout);
}
