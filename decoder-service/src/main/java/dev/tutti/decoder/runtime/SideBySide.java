package dev.tutti.decoder.runtime;

import dev.tutti.decoder.StepRunner;
import io.grpc.Context;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Runs the passes of a step on the calling thread and on threads that all answers share, one a
 * further core. Whoever is free takes the next pass, so that where the others are busy the caller
 * does all of its own and waits for nobody. Thread-safe.
 */
public final class SideBySide implements StepRunner, AutoCloseable {

  private final int helpers;
  private final ExecutorService threads;

  /**
   * A runner.
   *
   * @param cores that it uses, the caller's included; at least 1
   */
  public SideBySide(int cores) {
    this.helpers = cores - 1;
    this.threads =
        Executors.newFixedThreadPool(
            Math.max(1, helpers), Thread.ofPlatform().name("pass-", 0).daemon().factory());
  }

  @Override
  public void run(int count, IntConsumer pass) {
    if (helpers == 0 || count == 1) {
      SEQUENTIAL.run(count, pass);
      return;
    }
    var step = new Step(count, pass);
    try {
      // Within the caller's context, so that a helper sees when the call is cancelled.
      Runnable helper = Context.current().wrap(step);
      for (int i = 0; i < Math.min(helpers, count - 1); i++) {
        threads.execute(helper);
      }
    } finally {
      step.run();
      step.await();
    }
  }

  /** One step: its passes are taken one by one. */
  private static final class Step implements Runnable {

    private final int count;
    private final IntConsumer pass;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch done;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Step(int count, IntConsumer pass) {
      this.count = count;
      this.pass = pass;
      this.done = new CountDownLatch(count);
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        try {
          pass.accept(i);
        } catch (Throwable e) {
          // An error too: the caller may not go on, and close the sessions, before await().
          failure.compareAndSet(null, e);
        } finally {
          done.countDown();
        }
      }
    }

    /** Waits for all passes, interrupted or not: the sessions may only be closed after them. */
    void await() {
      boolean interrupted = false;
      while (true) {
        try {
          done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      switch (failure.get()) {
        case null -> {}
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case Throwable thrown -> throw new IllegalStateException(thrown);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
