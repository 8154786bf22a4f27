package dev.tutti.registry.store;

/**
 * Something that another service did because the registry asked it to.
 *
 * @param service that did it, e.g. "router-service"
 * @param action what was asked for
 * @param kind of what
 * @param name of the artifact or the ensemble, or id of the job
 * @param version of an artifact that answers, or is in shadow, from here on; null else
 */
public record ServiceChange(
    String service, Action action, Subject kind, String name, Long version) {

  /** What was asked for. */
  public enum Action {
    /** A fit was started. */
    FIT,
    /** An evaluation was started. */
    EVALUATE,
    /** A version answers from here on. */
    ACTIVATE,
    /** The version before answers again. */
    ROLL_BACK,
    /** A version decides beside the active one. */
    SHADOW,
    /** Nobody is in shadow any more. */
    UNSHADOW,
    /** All feedback was learned anew. */
    REBUILD,
    /** A budget was begun anew. */
    RESET,
    /** A job was asked to stop. */
    CANCEL,
    /** It is gone. */
    DELETE
  }

  /** Of what it was asked. */
  public enum Subject {
    /** What a fit made. */
    ARTIFACT,
    /** An ensemble whose decisions are evaluated. */
    ENSEMBLE,
    /** What a routing ensemble learned from feedback. */
    LEARNER,
    /** What an ensemble may spend in a day. */
    BUDGET,
    /** Long work. */
    JOB,
    /** Answers that an ensemble keeps and gives again. */
    CACHE,
    /** Answers that an ensemble shows as examples. */
    SOLUTION,
    /** What is kept of a team's requests, or of those of one of its users. */
    TEAM_DATA
  }
}
