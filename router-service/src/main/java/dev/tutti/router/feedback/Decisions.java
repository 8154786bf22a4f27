package dev.tutti.router.feedback;

import dev.tutti.generation.v1.Decision;
import java.util.Optional;

/** What was decided, for those who say something about it. */
public interface Decisions {

  /**
   * A decision.
   *
   * @param embedding of its query; empty where nobody looked at one. Not to be changed
   */
  record Decided(Decision decision, float[] embedding) {}

  /**
   * The decision of this id.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link dev.tutti.kit.grpc.Failure.Unavailable})
   *     when only the database could tell and it is away
   */
  Optional<Decided> find(String id);
}
