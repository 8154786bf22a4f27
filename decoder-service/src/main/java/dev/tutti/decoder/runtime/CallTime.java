package dev.tutti.decoder.runtime;

import io.grpc.Context;
import io.grpc.Deadline;
import java.util.concurrent.TimeUnit;

/** The time of a call that is being answered. */
public final class CallTime {

  /** Another machine counts the time left in whole milliseconds, and may see its end first. */
  private static final long OVER_MILLIS = 2;

  private CallTime() {}

  /**
   * Whether nobody waits for the answer any longer, so that whatever ends is nobody's failure.
   *
   * @param call the context of the call, not that of a step within it
   */
  public static boolean isOver(Context call) {
    Deadline deadline = call.getDeadline();
    return call.isCancelled()
        || deadline != null && deadline.timeRemaining(TimeUnit.MILLISECONDS) < OVER_MILLIS;
  }
}
