package dev.tutti.kit.grpc;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** What to tell a caller when no member of an ensemble answered. */
public final class MemberFailures {

  private MemberFailures() {}

  /**
   * One failure for all. What another try may cure comes first. A request that every member refused
   * is the caller's to change; a member that is missing or broken is a fault of ours, told as
   * {@link Failure.Unavailable}. Of members that tell when to try again the soonest counts: one
   * that answers is enough.
   *
   * @param failures by member, in the order of the recipe; at least one
   */
  public static FailureException combined(SequencedMap<String, Failure> failures) {
    Failure telling =
        failures.values().stream()
            .min(Comparator.comparingInt(MemberFailures::rank))
            .orElseThrow(() -> new IllegalArgumentException("No failure to tell of."));
    String message =
        failures.entrySet().stream()
            .map(MemberFailures::show)
            .collect(Collectors.joining("; ", "No member answered. ", ""));
    Duration soonest =
        failures.values().stream()
            .map(Failure::retryAfter)
            .filter(Duration::isPositive)
            .min(Comparator.naturalOrder())
            .orElse(Duration.ZERO);
    Failure all =
        switch (telling) {
          case Failure.ResourceExhausted f ->
              new Failure.ResourceExhausted(f.reason(), message, soonest);
          case Failure.Unavailable f -> new Failure.Unavailable(f.reason(), message, soonest);
          case Failure.DeadlineExceeded f -> new Failure.DeadlineExceeded(f.reason(), message);
          case Failure.InvalidArgument f ->
              new Failure.InvalidArgument(f.field(), f.reason(), message);
          case Failure.Cancelled _,
              Failure.Internal _,
              Failure.Unauthenticated _,
              Failure.PermissionDenied _,
              Failure.FailedPrecondition _,
              Failure.NotFound _ ->
              new Failure.Unavailable("NO_MEMBER_ANSWERED", message, soonest);
        };
    return all.exception();
  }

  private static String show(Map.Entry<String, Failure> entry) {
    return "'%s': %s".formatted(entry.getKey(), entry.getValue().message());
  }

  private static int rank(Failure failure) {
    return switch (failure) {
      case Failure.ResourceExhausted _ -> 0;
      case Failure.Unavailable _ -> 1;
      case Failure.DeadlineExceeded _ -> 2;
      case Failure.Cancelled _ -> 3;
      case Failure.Internal _, Failure.Unauthenticated _, Failure.PermissionDenied _ -> 4;
      case Failure.FailedPrecondition _ -> 5;
      case Failure.NotFound _ -> 6;
      case Failure.InvalidArgument _ -> 7;
    };
  }
}
