package dev.tutti.decoder.runtime;

import dev.tutti.decoder.StepRunner;
import dev.tutti.kit.grpc.Deadlines;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Asks the members of a step at once, each on a virtual thread; those that compute go on to a
 * thread for that. All are waited for, so that what each used is known, whoever failed. An
 * interrupt of the caller is passed on to all.
 */
public final class AtOnce implements StepRunner {

  private static final ScheduledThreadPoolExecutor CLOCK = Deadlines.clock("late-members");

  private final BitSet computing;
  private final ComputeThreads threads;
  private final Optional<Duration> late;

  /**
   * A runner.
   *
   * @param computing indexes of the members that compute
   * @param late deadline of a step for each of the others; empty for none but the call's own
   */
  public AtOnce(BitSet computing, ComputeThreads threads, Optional<Duration> late) {
    this.computing = computing;
    this.threads = threads;
    this.late = late;
  }

  @Override
  public void run(int count, IntConsumer pass) {
    var failure = new AtomicReference<Throwable>();
    var running = new ArrayList<Thread>();
    for (int i = 0; i < count; i++) {
      int member = i;
      running.add(
          Thread.ofVirtual()
              .name("member-" + member)
              .start(
                  Context.current()
                      .wrap(
                          io.opentelemetry.context.Context.current()
                              .wrap(() -> ask(member, pass, failure)))));
    }
    await(running);
    switch (failure.get()) {
      case null -> {}
      case RuntimeException thrown -> throw thrown;
      case Error thrown -> throw thrown;
      case Throwable thrown -> throw new IllegalStateException(thrown);
    }
  }

  @Override
  public void one(int index, IntConsumer pass) {
    if (computing.get(index)) {
      threads.run(
          () -> {
            pass.accept(index);
            return null;
          });
    } else if (late.isPresent()) {
      var step =
          Context.current().withDeadlineAfter(late.get().toNanos(), TimeUnit.NANOSECONDS, CLOCK);
      try {
        step.run(() -> pass.accept(index));
      } finally {
        step.cancel(null);
      }
    } else {
      pass.accept(index);
    }
  }

  private void ask(int member, IntConsumer pass, AtomicReference<Throwable> failure) {
    try {
      one(member, pass);
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  private static void await(List<Thread> running) {
    boolean interrupted = false;
    for (Thread thread : running) {
      while (true) {
        try {
          thread.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          running.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
