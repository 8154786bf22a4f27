package dev.tutti.cascade.cache;

import com.google.protobuf.ByteString;
import dev.tutti.cascade.cache.AnswerCache.Statement;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.DatabaseFailure;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Brings what is new to the database, one piece after the other, behind the answers. While that is
 * away a piece waits; what finds no room among those that wait is not kept. At the end what waits
 * is written yet, where that takes seconds.
 */
final class CacheWriter implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(CacheWriter.class);
  private static final int MOST_WAITING = 10_000;

  /** Of answers that wait. */
  private static final long MOST_BYTES = 32 << 20;

  private static final long PATIENCE_SECONDS = 30;
  private static final long AGAIN_MILLIS = 500;
  private static final Duration LAST_WAIT = Duration.ofSeconds(10);

  private sealed interface Work {
    record Put(CacheEntry entry, long purge, long bytes) implements Work {}

    record Observe(ByteString entry, Observation observation) implements Work {}

    record Given(ByteString entry, String requestId, double similarity) implements Work {}

    record Delete(List<ByteString> entries) implements Work {}

    record End() implements Work {}
  }

  private final CacheTable table;
  private final Runnable lost;
  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
  private final AtomicLong bytes = new AtomicLong();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread thread =
      Thread.ofVirtual().name("answer-cache-writer").unstarted(this::work);
  private volatile boolean stopped;
  private boolean told;

  /**
   * Nothing yet; {@link #start} begins.
   *
   * @param lost told of each piece that was not written
   */
  CacheWriter(CacheTable table, Runnable lost) {
    this.table = table;
    this.lost = lost;
  }

  void start() {
    thread.start();
  }

  /** Writes what waits, for some seconds at most. */
  @Override
  public void close() {
    end.countDown();
    queue.add(new Work.End());
    try {
      if (!thread.join(LAST_WAIT)) {
        // What the driver makes of an interruption may hide it.
        stopped = true;
        thread.interrupt();
        thread.join(LAST_WAIT);
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes an answer soon.
   *
   * @param purge number of the last purge that was known when it was looked for
   * @return whether there is room for it to wait
   */
  boolean put(CacheEntry entry, long purge) {
    long its = entry.bytes();
    boolean fits = bytes.addAndGet(its) <= MOST_BYTES;
    boolean waits = offer(fits, new Work.Put(entry, purge, its));
    if (!waits) {
      bytes.addAndGet(-its);
    }
    return waits;
  }

  void observe(CacheEntry entry, Observation its) {
    offer(true, new Work.Observe(entry.key().exact(), its));
  }

  void gave(CacheEntry entry, String requestId, double similarity) {
    offer(true, new Work.Given(entry.key().exact(), requestId, similarity));
  }

  /** However much waits: else they would come back. */
  void delete(List<CacheEntry> entries) {
    if (!entries.isEmpty()) {
      queue.add(new Work.Delete(entries.stream().map(entry -> entry.key().exact()).toList()));
    }
  }

  /**
   * Does something between two pieces.
   *
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  <T> T now(Statement<T> statement) {
    try {
      if (!lock.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw away(null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
    try {
      return statement.run();
    } catch (SQLException e) {
      throw away(e);
    } finally {
      lock.unlock();
    }
  }

  private static FailureException away(SQLException e) {
    return new FailureException(
        new Failure.Unavailable(
            "DATABASE_UNREACHABLE", "Nothing was done: the database is out of reach."),
        e);
  }

  private boolean offer(boolean fits, Work work) {
    boolean room = fits && !isEnding() && queue.size() < MOST_WAITING;
    if (room) {
      queue.add(work);
    } else {
      lost.run();
    }
    return room;
  }

  private boolean isEnding() {
    return end.getCount() == 0;
  }

  private void work() {
    try {
      Work next = queue.take();
      while (!stopped && !(next instanceof Work.End)) {
        bring(next);
        if (next instanceof Work.Put put) {
          bytes.addAndGet(-put.bytes());
        }
        next = queue.take();
      }
    } catch (InterruptedException e) {
      stopped = true;
    }
    if (stopped) {
      LOG.warnf("%d pieces of kept answers are not written", queue.size());
    }
  }

  private void bring(Work work) throws InterruptedException {
    while (!tries(work)) {
      end.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Returns whether that was that: written, or lost. */
  private boolean tries(Work work) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      write(work);
      told = false;
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      // Errors too: the driver throws an AssertionError where a connection breaks.
      DatabaseFailure failure = DatabaseFailure.of(e);
      boolean over = isEnding() || e instanceof RuntimeException || failure.refusesTheData();
      if (over) {
        lost.run();
      }
      if (!told) {
        told = true;
        LOG.warnf("Kept answers are not written: %s", failure.message());
      }
      return over;
    } finally {
      lock.unlock();
    }
  }

  private void write(Work work) throws SQLException {
    switch (work) {
      case Work.Put(CacheEntry entry, long purge, _) -> table.put(entry, purge);
      case Work.Observe(ByteString entry, Observation its) -> table.observe(entry, its);
      case Work.Given(ByteString entry, String requestId, double similarity) ->
          table.gave(entry, requestId, similarity);
      case Work.Delete(List<ByteString> entries) -> table.delete(entries);
      case Work.End _ -> {}
    }
  }
}
