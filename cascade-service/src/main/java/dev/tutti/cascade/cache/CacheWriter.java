package dev.tutti.cascade.cache;

import dev.tutti.cascade.cache.AnswerCache.Statement;
import dev.tutti.cascade.cache.AnswerMemory.Owner;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Brings what is new to the database, one piece after the other, behind the answers. What finds no
 * room in the queue, or no database, is in memory alone: an answer that is lost is made again.
 */
final class CacheWriter implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(CacheWriter.class);
  private static final int MOST_WAITING = 10_000;
  private static final long PATIENCE_SECONDS = 30;

  private sealed interface Work {
    record Put(CacheEntry entry) implements Work {}

    record Observe(CacheEntry entry, Observation observation) implements Work {}

    record Given(CacheEntry entry, String requestId, double similarity) implements Work {}

    record Delete(List<CacheEntry> entries) implements Work {}
  }

  private final CacheTable table;
  private final Runnable lost;
  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>(MOST_WAITING);
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread thread =
      Thread.ofVirtual().name("answer-cache-writer").unstarted(this::work);
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

  @Override
  public void close() {
    thread.interrupt();
  }

  void put(CacheEntry entry) {
    offer(new Work.Put(entry));
  }

  void observe(CacheEntry entry, Observation its) {
    offer(new Work.Observe(entry, its));
  }

  void gave(CacheEntry entry, String requestId, double similarity) {
    offer(new Work.Given(entry, requestId, similarity));
  }

  void delete(List<CacheEntry> entries) {
    if (!entries.isEmpty()) {
      offer(new Work.Delete(List.copyOf(entries)));
    }
  }

  /** Leaves out what waits of an ensemble. */
  void forget(Owner owner) {
    queue.removeIf(
        work ->
            work instanceof Work.Put(CacheEntry entry)
                && entry.key().team().equals(owner.team())
                && entry.key().ensemble().equals(owner.ensemble()));
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

  private void offer(Work work) {
    if (!queue.offer(work)) {
      lost.run();
    }
  }

  private void work() {
    while (true) {
      Work next;
      try {
        next = queue.take();
        lock.lockInterruptibly();
      } catch (InterruptedException e) {
        return;
      }
      try {
        write(next);
        told = false;
      } catch (SQLException | RuntimeException e) {
        lost.run();
        if (!told) {
          told = true;
          LOG.warnf("Kept answers stay in memory alone: %s", e.getMessage());
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void write(Work work) throws SQLException {
    switch (work) {
      case Work.Put(CacheEntry entry) -> table.put(entry);
      case Work.Observe(CacheEntry entry, Observation its) ->
          table.observe(entry.key().exact(), its);
      case Work.Given(CacheEntry entry, String requestId, double similarity) ->
          table.gave(entry.key().exact(), requestId, similarity);
      case Work.Delete(List<CacheEntry> entries) ->
          table.delete(entries.stream().map(entry -> entry.key().exact()).toList());
    }
  }
}
