package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.connection.KeyRing;

/** Carries a {@link Failure} up to the edge of the service. */
public final class FailureException extends RuntimeException {

  private final transient Failure failure;
  private final transient Spent spent;

  /** An exception for this failure; its message is the failure's, without keys. */
  public FailureException(Failure failure) {
    super(KeyRing.masked(failure.message()));
    this.failure = failure;
    this.spent = Spent.getDefaultInstance();
  }

  /** An exception for this failure with what caused it, for the log. */
  public FailureException(Failure failure, Throwable cause) {
    this(failure, cause, Spent.getDefaultInstance());
  }

  /** An exception for this failure of a call that used this much by then. */
  public FailureException(Failure failure, Throwable cause, Spent spent) {
    super(KeyRing.masked(failure.message()), cause);
    this.failure = failure;
    this.spent = spent;
  }

  /** What went wrong. */
  public Failure failure() {
    return failure;
  }

  /** What the call that failed used, as far as this is known; else nothing. */
  public Spent spent() {
    return spent;
  }
}
