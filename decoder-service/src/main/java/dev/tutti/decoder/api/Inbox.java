package dev.tutti.decoder.api;

import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The requests of a stream, one by one: the next one is asked for when the one before was taken, so
 * a client cannot fill it. One thread takes, gRPC's own put.
 *
 * @param <T> the request
 */
final class Inbox<T> implements StreamObserver<T>, Supplier<Optional<T>> {

  private final ServerCallStreamObserver<?> call;
  private final Duration longest;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private T request;
  private boolean complete;
  private boolean lost;

  /**
   * Of a call that begins.
   *
   * @param call as gRPC handed it in
   * @param longest silence of the client that is waited for
   */
  Inbox(ServerCallStreamObserver<?> call, Duration longest) {
    this.call = call;
    this.longest = longest;
    call.disableAutoRequest();
    // Whoever ends the call beside its service, such as for a message that is none.
    call.setOnCloseHandler(this::lose);
    call.request(1);
  }

  /**
   * The next request; waits for it.
   *
   * @return empty when there are no more
   * @throws FailureException when the client is silent for too long
   * @throws CancelledException when it left
   */
  @Override
  public Optional<T> get() {
    lock.lock();
    try {
      long left = longest.toNanos();
      while (request == null && !complete && !lost) {
        if (left <= 0) {
          throw new Failure.DeadlineExceeded(
                  "SESSION_IDLE", "No step came for %s.".formatted(Deadlines.shown(longest)))
              .exception();
        }
        left = changed.awaitNanos(left);
      }
      if (lost) {
        throw new CancelledException();
      }
      Optional<T> next = Optional.ofNullable(request);
      request = null;
      if (next.isPresent()) {
        call.request(1);
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNext(T next) {
    change(() -> request = next);
  }

  @Override
  public void onCompleted() {
    change(() -> complete = true);
  }

  @Override
  public void onError(Throwable why) {
    lose();
  }

  private void lose() {
    change(() -> lost = true);
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
