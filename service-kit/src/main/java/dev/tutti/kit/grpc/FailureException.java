package dev.tutti.kit.grpc;

/** Carries a {@link Failure} up to the edge of the service. */
public final class FailureException extends RuntimeException {

  private final transient Failure failure;

  /** An exception for this failure; its message is the failure's. */
  public FailureException(Failure failure) {
    super(failure.message());
    this.failure = failure;
  }

  /** An exception for this failure with what caused it, for the log. */
  public FailureException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  /** What went wrong. */
  public Failure failure() {
    return failure;
  }
}
