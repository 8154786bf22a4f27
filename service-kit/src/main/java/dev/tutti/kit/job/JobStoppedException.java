package dev.tutti.kit.job;

/**
 * The job is to stop here: somebody cancelled it, another replica has it by now, or the service
 * ends. Handlers let it pass.
 */
public final class JobStoppedException extends RuntimeException {

  /**
   * A job that must stop.
   *
   * @param message why
   */
  public JobStoppedException(String message) {
    super(message, null, false, false);
  }
}
