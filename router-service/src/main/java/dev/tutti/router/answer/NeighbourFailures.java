package dev.tutti.router.answer;

import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import io.grpc.Context;

/** What a failure of a neighbour is to the caller of this service. */
final class NeighbourFailures {

  private NeighbourFailures() {}

  /**
   * The failure of who answers under a name, as our caller is told of it.
   *
   * @param start of the call, by {@link System#nanoTime}
   */
  static RuntimeException translate(String name, long start, FailureException e) {
    return switch (e.failure()) {
      // Every name was resolved here already: a neighbour that does not know one is behind.
      case Failure.NotFound f ->
          ours(f.reason(), "'%s' is not served yet: %s".formatted(name, f.message()), e);
      case Failure.InvalidArgument f when isOurs(f) ->
          ours(
              f.reason(), "'%s' cannot answer as it is set up: %s".formatted(name, f.message()), e);
      case Failure.Cancelled _ when Context.current().isCancelled() -> new CancelledException();
      case Failure.Cancelled f ->
          ours("CALL_CANCELLED", "'%s' gave up: %s".formatted(name, f.message()), e);
      default -> FailureStatus.naming(e, name, start);
    };
  }

  /** Whether a neighbour refuses what this service wrote, not what the caller did. */
  private static boolean isOurs(Failure.InvalidArgument failure) {
    return failure.field().startsWith("recipe.")
        || failure.field().startsWith("member.")
        || failure.reason().equals("INVALID_RECIPE")
        || failure.reason().equals("CAPABILITY_MISSING");
  }

  private static FailureException ours(String reason, String message, FailureException cause) {
    return new FailureException(new Failure.Unavailable(reason, message), cause);
  }
}
