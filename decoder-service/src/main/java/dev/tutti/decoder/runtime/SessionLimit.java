package dev.tutti.decoder.runtime;

import dev.tutti.decoder.SessionRoom;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded number of sessions in memory and a bounded queue before them. Whoever needs several
 * takes them all at once, so two ensembles never wait for each other; the queue is first in, first
 * out, so a large one is not starved by small ones. Whoever could use more while it runs gets them
 * where there are some, or does without: it never waits.
 */
public final class SessionLimit {

  private final int most;
  private final int mostQueued;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiter> queue = new ArrayDeque<>();
  private int running;
  // How long a permit was held, averaged over the last dozen; for the hint when to try again.
  private double averageNanos = 1e9;

  private final class Waiter {
    final int count;
    final Condition turn = lock.newCondition();
    boolean served;

    Waiter(int count) {
      this.count = count;
    }
  }

  /**
   * A limit.
   *
   * @param most sessions that run at once, at least 1
   * @param mostQueued requests that wait at once, at least 0
   */
  public SessionLimit(int most, int mostQueued) {
    if (most < 1 || mostQueued < 0) {
      throw new IllegalArgumentException(
          "max-sessions = %d, must be at least 1; max-queued = %d, must be at least 0"
              .formatted(most, mostQueued));
    }
    this.most = most;
    this.mostQueued = mostQueued;
  }

  /** Sessions that run now. */
  public int running() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** Requests that wait now. */
  public int queued() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Leave to run sessions, until it is closed. More than it was acquired for are to be had where
   * nobody waits for them, one at a time.
   */
  public final class Permit implements SessionRoom, AutoCloseable {

    private final int least;
    private int count;
    private int used;
    private final Duration queued;
    private final long start = System.nanoTime();
    private boolean closed;

    private Permit(int count, Duration queued) {
      this.least = count;
      this.count = count;
      this.queued = queued;
    }

    /** How long it was waited for. */
    public Duration queued() {
      return queued;
    }

    /** {@inheritDoc} First of those that it was acquired for. */
    @Override
    public boolean take() {
      lock.lock();
      try {
        boolean held = used < count;
        boolean free = !closed && queue.isEmpty() && running < most;
        if (held || free) {
          used++;
        }
        if (!held && free) {
          count++;
          running++;
        }
        return held || free;
      } finally {
        lock.unlock();
      }
    }

    /** {@inheritDoc} It keeps those that it was acquired for. */
    @Override
    public void giveBack() {
      lock.lock();
      try {
        used--;
        if (!closed && count > least) {
          count--;
          running--;
          serve();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public FailureException refusal() {
      return exhausted();
    }

    /** Gives the sessions back. Closing twice does nothing. */
    @Override
    public void close() {
      lock.lock();
      try {
        if (!closed) {
          closed = true;
          running -= count;
          averageNanos += (System.nanoTime() - start - averageNanos) / 12;
          serve();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** How many there are. */
  public int most() {
    return most;
  }

  /**
   * Waits for sessions.
   *
   * @param count how many, all at once
   * @throws FailureException when they are more than there are, or the queue is full
   * @throws CancelledException when interrupted
   */
  public Permit acquire(int count) {
    return acquire(count, mostQueued);
  }

  /**
   * Waits for sessions however many wait already: for a job, which nobody waits for.
   *
   * @param count how many, all at once
   * @throws FailureException when they are more than there are
   * @throws CancelledException when interrupted
   */
  public Permit acquirePatiently(int count) {
    return acquire(count, Integer.MAX_VALUE);
  }

  private Permit acquire(int count, int longest) {
    long start = System.nanoTime();
    lock.lock();
    try {
      if (count > most) {
        throw new Failure.FailedPrecondition(
                "recipe.members",
                "TOO_MANY_SESSIONS",
                "The ensemble needs %d sessions; this service runs %d at once."
                    .formatted(count, most))
            .exception();
      }
      if (queue.isEmpty() && running + count <= most) {
        running += count;
        return new Permit(count, Duration.ZERO);
      }
      if (queue.size() >= longest) {
        throw exhausted();
      }
      await(new Waiter(count));
      return new Permit(count, Duration.ofNanos(System.nanoTime() - start));
    } finally {
      lock.unlock();
    }
  }

  /**
   * A session without waiting for it: for whoever may hold sessions elsewhere meanwhile, for which
   * those may wait that hold the ones here.
   *
   * @throws FailureException when there is none
   */
  public Permit acquireNow() {
    lock.lock();
    try {
      if (!queue.isEmpty() || running >= most) {
        throw exhausted();
      }
      running++;
      return new Permit(1, Duration.ZERO);
    } finally {
      lock.unlock();
    }
  }

  private FailureException exhausted() {
    lock.lock();
    try {
      return new Failure.ResourceExhausted(
              "SESSIONS_EXHAUSTED",
              "%d sessions run and %d requests wait; more are not taken."
                  .formatted(running, queue.size()),
              retryAfter())
          .exception();
    } finally {
      lock.unlock();
    }
  }

  private Duration retryAfter() {
    double rounds = (queue.size() + 1.0) / most;
    return Duration.ofNanos((long) Math.clamp(rounds * averageNanos, 1e8, 3e10));
  }

  private void await(Waiter waiter) {
    queue.add(waiter);
    try {
      while (!waiter.served) {
        waiter.turn.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (waiter.served) {
        running -= waiter.count;
      } else {
        queue.remove(waiter);
      }
      serve();
      throw new CancelledException();
    }
  }

  private void serve() {
    while (!queue.isEmpty() && running + queue.peek().count <= most) {
      Waiter next = queue.poll();
      running += next.count;
      next.served = true;
      next.turn.signal();
    }
  }
}
