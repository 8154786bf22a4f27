package dev.tutti.kit.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;

/** Every outgoing call ends some time: by the caller's deadline, or else by ours. */
public final class Deadlines {

  /**
   * Setting with the longest time a call may take where its caller sets no limit; default 15 min,
   * since models that reason first may say nothing for minutes.
   */
  public static final String SETTING = "tutti.deadline";

  private static final Duration LONGEST =
      ConfigProvider.getConfig()
          .getOptionalValue(SETTING, Duration.class)
          .orElse(Duration.ofMinutes(15));

  private Deadlines() {}

  /** The longest time a call may take where its caller sets no limit. */
  public static Duration longest() {
    return LONGEST;
  }

  /**
   * A thread that ends what is late; what ended before is forgotten at once, not when it is due.
   */
  public static ScheduledThreadPoolExecutor clock(String thread) {
    var clock =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(thread).factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  /** A time as people read it: {@code 90 s}, {@code 250 ms}. */
  public static String shown(Duration time) {
    return time.toMillisPart() == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** The stub with a deadline: gRPC itself keeps the nearer of this one and the incoming call's. */
  public static <S extends AbstractStub<S>> S apply(S stub) {
    Deadline incoming = Context.current().getDeadline();
    return incoming == null
        ? stub.withDeadlineAfter(LONGEST.toMillis(), TimeUnit.MILLISECONDS)
        : stub.withDeadline(incoming);
  }
}
