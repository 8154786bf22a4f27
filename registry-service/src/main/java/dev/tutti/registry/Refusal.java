package dev.tutti.registry;

import dev.tutti.kit.grpc.Failure;
import java.time.Duration;
import java.util.List;

/** Every reason for which the registry does not do what it was asked, as a closed set. */
public sealed interface Refusal {

  /** What is wrong, for people. */
  String detail();

  /** This refusal as an exception to throw. */
  default RefusedException exception() {
    return new RefusedException(this);
  }

  /** The request cannot be read: syntax, an unknown field, a wrong type, a wrong parameter. */
  record Malformed(List<FieldError> errors) implements Refusal {
    @Override
    public String detail() {
      return joined(errors);
    }
  }

  /** The request can be read, but what it would register cannot work. */
  record Invalid(List<FieldError> errors) implements Refusal {
    @Override
    public String detail() {
      return joined(errors);
    }
  }

  /** What the path names does not exist. */
  record NotFound(String detail) implements Refusal {}

  /** The name is taken already. */
  record Taken(String detail) implements Refusal {}

  /** Served ensembles need it as it is. */
  record InUse(String detail, List<FieldError> errors) implements Refusal {}

  /** Jobs that wait or run need it as it is. */
  record Busy(String detail) implements Refusal {}

  /** Its lifecycle does not allow it. */
  record WrongLifecycle(String detail) implements Refusal {}

  /** A change must say which version it is based on. */
  record VersionRequired(String detail) implements Refusal {}

  /** It was changed in the meantime. */
  record Stale(String detail) implements Refusal {}

  /** A change that a page of another site may have made in the visitor's name. */
  record Forged(String detail) implements Refusal {}

  /** The body is in a form that is not taken. */
  record Unsupported(String detail) implements Refusal {}

  /** The body is too large. */
  record TooLarge(String detail) implements Refusal {}

  /**
   * Something that must be asked cannot be asked now; worth another try, at best after {@code
   * retryAfter}.
   */
  record Unavailable(String detail, Duration retryAfter) implements Refusal {

    /** One of which nobody can tell when it is over. */
    public Unavailable(String detail) {
      this(detail, Duration.ZERO);
    }
  }

  /** A service that was asked has a fault. */
  record NeighbourFault(String detail) implements Refusal {}

  /**
   * A service to which the request was handed on answers that; its words, reason and field are its
   * own.
   *
   * @param service that was asked, e.g. "router-service"
   */
  record OfService(String service, Failure failure) implements Refusal {
    @Override
    public String detail() {
      return switch (failure) {
        case Failure.InvalidArgument f -> f.message();
        case Failure.NotFound f -> f.message();
        case Failure.FailedPrecondition f -> f.message();
        case Failure.ResourceExhausted _,
            Failure.Unavailable _,
            Failure.DeadlineExceeded _,
            Failure.Cancelled _ ->
            "%s cannot do it now: %s Try again.".formatted(service, failure.message());
        case Failure.Unauthenticated _, Failure.PermissionDenied _, Failure.Internal _ ->
            service + " failed: " + failure.message();
      };
    }

    /** Whether it is the service that could not, rather than the request that was wrong. */
    public boolean away() {
      return switch (failure) {
        case Failure.InvalidArgument _, Failure.NotFound _, Failure.FailedPrecondition _ -> false;
        case Failure.ResourceExhausted _,
            Failure.Unavailable _,
            Failure.DeadlineExceeded _,
            Failure.Cancelled _,
            Failure.Unauthenticated _,
            Failure.PermissionDenied _,
            Failure.Internal _ ->
            true;
      };
    }
  }

  /** Too many tries to sign in failed; none is looked at before {@code retryAfter}. */
  record TooManyTries(String detail, Duration retryAfter) implements Refusal {}

  /** Who asks did not show who it is. */
  record Unauthorized(String detail) implements Refusal {}

  /** Who asks may not. */
  record Forbidden(String detail) implements Refusal {}

  /** The service to which the request would be handed on has no such thing. */
  record NotOffered(String detail) implements Refusal {}

  /** A request that cannot be read because of one thing. */
  static RefusedException malformed(String field, String detail) {
    return new Malformed(List.of(new FieldError(field, detail))).exception();
  }

  /** A registration that cannot work because of one thing. */
  static RefusedException invalid(String field, String detail) {
    return new Invalid(List.of(new FieldError(field, detail))).exception();
  }

  private static String joined(List<FieldError> errors) {
    return String.join(" ", errors.stream().map(FieldError::detail).toList());
  }
}
