package dev.tutti.decoder;

import java.util.Map;
import java.util.Optional;

/** What several members write together. */
public interface JointSession extends AnswerSource {

  /**
   * What its tokens stand for; a view, which may change with each {@link #draw}: tokens belong to
   * the step that told them.
   */
  Vocabulary vocabulary();

  /** Steps so far. */
  int steps();

  /** Steps in which more than one member took part. */
  int fusedSteps();

  /**
   * Mean over the steps of the total weight of the members whose own most probable token was the
   * ensemble's; in [0, 1], 0 before the first step.
   */
  double agreement();

  /**
   * How much a member counts where the answer begins, before those who sit a step out are left out
   * of it; at least 0.
   */
  double weight(int member);

  /** What a member did. */
  MemberActivity activity(int member);

  /** What a member will have done after the next step, where it takes part in it. */
  MemberActivity activityAfterStep(int member);

  /** Why others write on without a member that has not failed; empty where they do not. */
  default Optional<String> leftOut(int member) {
    return Optional.empty();
  }

  /**
   * What the method measured of this answer, by the name under which its decision tells it; few.
   */
  default Map<String, Double> measures() {
    return Map.of();
  }
}
