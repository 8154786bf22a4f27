package dev.tutti.decoder;

import dev.tutti.kit.settings.Setting;
import java.util.OptionalDouble;

/**
 * The settings that all ensembles during inference have: what becomes of a member that fails in the
 * middle of an answer.
 *
 * @param onMemberFailure who is dropped
 * @param lateSeconds above 0, at most an hour; empty where only the waits of endpoints and of other
 *     decoders count
 */
public record JointSettings(
    @Setting(
            help =
                "What becomes of a member that fails, or is late: drop goes on without it, the weights"
                    + " of the others scaled up; fail ends the answer with an error that names it;"
                    + " drop_models drops models, but ends the answer where an endpoint fails.")
        OnMemberFailure onMemberFailure,
    @Setting(
            help =
                "How long a member on another machine may take for a step before it is late; null for"
                    + " as long as endpoints and other decoders may take for anything.",
            unit = "s",
            min = 0.001,
            max = 3_600)
        OptionalDouble lateSeconds) {

  /** What becomes of a member that fails. */
  public enum OnMemberFailure {
    /** The answer goes on without it. */
    DROP,
    /** The answer goes on without a model, and ends where an endpoint fails. */
    DROP_MODELS,
    /** The answer ends. */
    FAIL
  }

  /** As it was before there was a choice. */
  public static final JointSettings DEFAULTS =
      new JointSettings(OnMemberFailure.DROP_MODELS, OptionalDouble.empty());
}
