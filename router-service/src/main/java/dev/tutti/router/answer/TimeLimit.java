package dev.tutti.router.answer;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Recipe;
import io.grpc.Context;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * An ensemble's own time limit. It is the deadline of whatever is called for the answer, so that a
 * service that asks several members can answer with those that were in time.
 */
final class TimeLimit {

  static final ScheduledThreadPoolExecutor CLOCK = Deadlines.clock("time-limits");

  private TimeLimit() {}

  /**
   * Does something within the limit of an ensemble, if it has one, and within that of the caller;
   * where the ensemble's is over, {@link Failure.DeadlineExceeded} is why it failed.
   */
  static Result keep(Recipe recipe, Supplier<Result> work) {
    if (!recipe.hasTimeLimit()) {
      return work.get();
    }
    Duration limit = recipe.getTimeLimit();
    Context caller = Context.current();
    Context.CancellableContext within =
        caller.withDeadlineAfter(Durations.toMillis(limit), TimeUnit.MILLISECONDS, CLOCK);
    Context before = within.attach();
    try {
      Result result = Result.of(work);
      return result instanceof Result.Failed failed
              && (failed.why() instanceof FailureException
                  || failed.why() instanceof CancelledException)
              && within.getDeadline().isExpired()
              && !caller.isCancelled()
          ? failed.because(over(recipe, failed.why()))
          : result;
    } finally {
      within.detach(before);
      within.cancel(null);
    }
  }

  private static FailureException over(Recipe recipe, RuntimeException cause) {
    return new FailureException(
        new Failure.DeadlineExceeded(
            "TIME_LIMIT_EXCEEDED",
            "'%s' did not answer within its time limit of %s s."
                .formatted(
                    recipe.getEnsemble(), Durations.toMillis(recipe.getTimeLimit()) / 1_000.0)),
        cause);
  }
}
