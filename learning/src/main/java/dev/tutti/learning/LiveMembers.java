package dev.tutti.learning;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;

/** Asks members while a fit is at work; a bean of a service that has fits which do. Thread-safe. */
@FunctionalInterface
public interface LiveMembers {

  /**
   * A member's whole answer.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there is none
   */
  Completion ask(GenerateRequest request);
}
