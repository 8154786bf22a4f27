package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.MDC;

/**
 * Runs the work of a gRPC call as blocking code on a virtual thread of its own, within the call's
 * gRPC context (deadline, cancellation) and OpenTelemetry context (trace). All methods are called
 * on the thread that gRPC delivers the call on, and return at once.
 *
 * <p>A caller that leaves interrupts the virtual thread, so blocking work ends at once and
 * computing work at its next {@link EventSink#emit}. A caller that reads nothing, while there is
 * more for it, counts as one that left after twice {@value #UNREAD_SETTING}: who stands behind
 * another service leaves the first word to that one, which counts once.
 */
public final class ServerCalls {

  private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

  private static final GenerateResponse SIGN =
      GenerateResponse.newBuilder()
          .setProgress(Progress.newBuilder().setStage(Stages.WAITING))
          .build();

  /** Setting with how long a client may leave an answer unread; default 60 s. */
  public static final String UNREAD_SETTING = "tutti.connections.unread-timeout";

  private static volatile Duration longestUnread = unreadSetting();

  private ServerCalls() {}

  private static Duration unreadSetting() {
    return ConfigProvider.getConfig()
        .getOptionalValue(UNREAD_SETTING, Duration.class)
        .orElse(Duration.ofSeconds(60))
        .multipliedBy(2);
  }

  /** Looks at the setting anew, for calls from now on: for tests. */
  public static void reread() {
    longestUnread = unreadSetting();
  }

  /**
   * Answers a server-streaming call.
   *
   * @param observer the call's observer, as gRPC handed it in
   * @param work emits events and returns when there are no more; what it throws ends the call
   *     through {@link FailureStatus}
   */
  public static <T> void streaming(StreamObserver<T> observer, Consumer<EventSink<T>> work) {
    var call = new Call<>((ServerCallStreamObserver<T>) observer);
    call.start(
        () -> {
          work.accept(call::emit);
          return null;
        });
  }

  /**
   * Answers {@code Generate}: as {@link #streaming}, and {@link Progress} with stage {@value
   * Stages#WAITING} says that work goes on whenever nothing else was said for {@link
   * SignOfLife#SETTING}.
   *
   * @param observer the call's observer, as gRPC handed it in
   * @param work as for {@link #streaming}
   */
  public static void generating(
      StreamObserver<GenerateResponse> observer, Consumer<EventSink<GenerateResponse>> work) {
    var call = new Call<>((ServerCallStreamObserver<GenerateResponse>) observer);
    call.start(
        () -> {
          try (SignOfLife life = SignOfLife.start(() -> call.offer(SIGN))) {
            work.accept(
                event -> {
                  life.heard();
                  call.emit(event);
                });
          }
          return null;
        });
  }

  /**
   * Answers a unary call.
   *
   * @param observer the call's observer, as gRPC handed it in
   * @param work computes the response; what it throws ends the call through {@link FailureStatus}
   */
  public static <T> void unary(StreamObserver<T> observer, Callable<T> work) {
    var call = new Call<>((ServerCallStreamObserver<T>) observer);
    call.start(
        () -> {
          call.emit(work.call());
          return null;
        });
  }

  /** One call: its observer, and the lock on which its thread waits for the reader. */
  private static final class Call<T> {

    private final ServerCallStreamObserver<T> observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Future<?> running;
    private final Duration longest = longestUnread;
    private boolean cancelled;
    private boolean unread;
    private boolean ended;

    Call(ServerCallStreamObserver<T> observer) {
      this.observer = observer;
      observer.setOnReadyHandler(this::wake);
      observer.setOnCancelHandler(this::cancel);
      // The service's own end, see Drain; a call that is answered ends its context without a cause.
      io.grpc.Context.current()
          .addListener(
              context -> {
                if (context.cancellationCause() != null) {
                  cancel();
                }
              },
              Runnable::run);
    }

    void start(Callable<Void> work) {
      Runnable task = io.grpc.Context.current().wrap(() -> run(work));
      task = io.opentelemetry.context.Context.current().wrap(task);
      lock.lock();
      try {
        running = THREADS.submit(task);
      } finally {
        lock.unlock();
      }
    }

    private void run(Callable<Void> work) {
      SpanContext span = Span.current().getSpanContext();
      if (span.isValid()) {
        // Quarkus puts it into the log of its own threads only.
        MDC.put("traceId", span.getTraceId());
      }
      try {
        work.call();
        end(observer::onCompleted);
      } catch (Throwable e) {
        // Errors too, e.g. a native library that cannot be loaded: else the caller waits for ever.
        if (!observer.isCancelled()) {
          Throwable why = unread ? unread() : e;
          StatusRuntimeException status = FailureStatus.toStatus(why);
          end(() -> observer.onError(status));
        }
      }
    }

    private FailureException unread() {
      return new Failure.Cancelled(
              "UNREAD", "Nothing was read for %s.".formatted(Deadlines.shown(longest)))
          .exception();
    }

    private void end(Runnable last) {
      lock.lock();
      try {
        ended = true;
        last.run();
      } finally {
        lock.unlock();
      }
    }

    /** Hands an event to a reader that waits; nothing where it is slow, or has all there is. */
    void offer(T event) {
      lock.lock();
      try {
        if (!cancelled && !ended && observer.isReady()) {
          observer.onNext(event);
        }
      } finally {
        lock.unlock();
      }
    }

    void emit(T event) {
      lock.lock();
      try {
        long left = longest.toNanos();
        while (!cancelled && !observer.isReady()) {
          if (left <= 0) {
            cancelled = true;
            unread = true;
            break;
          }
          left = changed.awaitNanos(left);
        }
        if (cancelled || observer.isCancelled()) {
          throw new CancelledException();
        }
        observer.onNext(event);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException();
      } finally {
        lock.unlock();
      }
    }

    private void wake() {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void cancel() {
      lock.lock();
      try {
        cancelled = true;
        changed.signalAll();
        if (running != null) {
          running.cancel(true);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
