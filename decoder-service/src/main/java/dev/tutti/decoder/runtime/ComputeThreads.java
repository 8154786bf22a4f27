package dev.tutti.decoder.runtime;

import dev.tutti.kit.grpc.CancelledException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Platform threads for work that computes and hardly ever waits. A virtual thread keeps its core
 * until it waits, and one that yields is served before one that is new, so as many long answers as
 * there are cores would keep everyone else from beginning; the operating system lets platform
 * threads take turns. How many there are is bounded by {@link SessionLimit}.
 */
public final class ComputeThreads implements AutoCloseable {

  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().name("answer-", 0).daemon().factory());

  /** One piece of work; an interrupt reaches it, and never the work that its thread does next. */
  private static final class Job<T> implements Runnable {

    private final Supplier<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private Thread runner;
    private boolean interrupted;

    Job(Supplier<T> work) {
      this.work = work;
    }

    @Override
    public void run() {
      begin();
      T value = null;
      Throwable thrown = null;
      try {
        value = work.get();
      } catch (RuntimeException | Error e) {
        thrown = e;
      }
      end();
      if (thrown == null) {
        result.complete(value);
      } else {
        result.completeExceptionally(thrown);
      }
    }

    private synchronized void begin() {
      runner = Thread.currentThread();
      if (interrupted) {
        runner.interrupt();
      }
    }

    private synchronized void end() {
      runner = null;
      Thread.interrupted();
    }

    synchronized void interrupt() {
      interrupted = true;
      if (runner != null) {
        runner.interrupt();
      }
    }
  }

  /**
   * Runs work on a thread of its own, within the caller's gRPC and trace context, and returns when
   * it has ended. An interrupt of the caller is passed on and waited out.
   *
   * @throws CancelledException or whatever else the work throws
   */
  public <T> T run(Supplier<T> work) {
    var job = new Job<T>(work);
    threads.execute(
        io.grpc.Context.current().wrap(io.opentelemetry.context.Context.current().wrap(job)));
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return job.result.get();
        } catch (InterruptedException e) {
          interrupted = true;
          job.interrupt();
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            default -> throw new IllegalStateException(e.getCause());
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
