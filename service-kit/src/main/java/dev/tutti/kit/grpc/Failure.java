package dev.tutti.kit.grpc;

import java.time.Duration;

/**
 * Everything that can go wrong with a call, as a closed set: services map it to gRPC ({@link
 * FailureStatus}) and to REST by exhaustive switches.
 *
 * <p>{@code reason} is a constant in UPPER_SNAKE_CASE for programs, {@code message} a sentence for
 * people that names the offending value and what is allowed; neither ever holds a secret.
 */
public sealed interface Failure {

  /** Constant for programs, e.g. {@code MODEL_NOT_FOUND}. */
  String reason();

  /** Sentence for people. */
  String message();

  /** After which time another try is worth it; zero where nobody can tell. */
  default Duration retryAfter() {
    return Duration.ZERO;
  }

  /**
   * The caller's request can never succeed as it stands; {@code field} is the path of what is
   * wrong.
   */
  record InvalidArgument(String field, String reason, String message) implements Failure {}

  /** What {@code field} names does not exist. */
  record NotFound(String field, String reason, String message) implements Failure {}

  /** Right as a request, but what it names is not in a state to serve it. */
  record FailedPrecondition(String field, String reason, String message) implements Failure {}

  /** Too much at once; worth another try after {@code retryAfter}. */
  record ResourceExhausted(String reason, String message, Duration retryAfter) implements Failure {}

  /**
   * Something of ours, or behind us, is down; worth another try, at best after {@code retryAfter}.
   */
  record Unavailable(String reason, String message, Duration retryAfter) implements Failure {

    /** One of which nobody can tell when it is over. */
    public Unavailable(String reason, String message) {
      this(reason, message, Duration.ZERO);
    }
  }

  /** The caller's or our own time limit ran out. */
  record DeadlineExceeded(String reason, String message) implements Failure {}

  /** The caller left. */
  record Cancelled(String reason, String message) implements Failure {}

  /** Who asks did not show who it is, or nobody knows it. Only a front door says so. */
  record Unauthenticated(String reason, String message) implements Failure {}

  /** Who asks is known, and may not do that. Only a front door says so. */
  record PermissionDenied(String reason, String message) implements Failure {}

  /** A fault of ours; the message says nothing of its inside, the log does. */
  record Internal(String reason, String message) implements Failure {}

  /** This failure as an exception to throw. */
  default FailureException exception() {
    return new FailureException(this);
  }

  /**
   * A request that can never succeed.
   *
   * @param field path of the field, e.g. {@code sampling.temperature}
   * @param message what is wrong and what is allowed
   */
  static FailureException invalid(String field, String message) {
    return new InvalidArgument(field, "INVALID_ARGUMENT", message).exception();
  }
}
