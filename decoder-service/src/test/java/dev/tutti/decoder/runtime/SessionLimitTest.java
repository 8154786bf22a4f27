package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SessionLimitTest {

  private static void awaitQueued(SessionLimit limit, int queued) {
    while (limit.queued() != queued) {
      Thread.onSpinWait();
    }
  }

  @Test
  void beyondTheQueueIsRefusedWithAHint() {
    var limit = new SessionLimit(2, 0);
    try (var _ = limit.acquire(2)) {
      Failure failure = assertThrows(FailureException.class, () -> limit.acquire(1)).failure();
      var exhausted = assertInstanceOf(Failure.ResourceExhausted.class, failure);
      assertEquals("SESSIONS_EXHAUSTED", exhausted.reason());
      assertTrue(exhausted.retryAfter().toMillis() >= 100);
      assertEquals(2, limit.running());
    }
    assertEquals(0, limit.running());
  }

  @Test
  void aJobWaitsWhereARequestIsRefused() throws Exception {
    var limit = new SessionLimit(2, 0);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SessionLimit.Permit first = limit.acquire(1);
      Future<SessionLimit.Permit> job = threads.submit(() -> limit.acquirePatiently(2));
      awaitQueued(limit, 1);
      first.close();
      job.get().close();
    }
    assertThrows(FailureException.class, () -> limit.acquirePatiently(3));
    assertEquals(0, limit.running());
  }

  @Test
  void moreThanThereAreIsRefusedForGood() {
    Failure failure =
        assertThrows(FailureException.class, () -> new SessionLimit(2, 9).acquire(3)).failure();
    assertInstanceOf(Failure.FailedPrecondition.class, failure);
  }

  @Test
  void aLargeRequestIsNotOvertaken() throws Exception {
    var limit = new SessionLimit(3, 9);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SessionLimit.Permit first = limit.acquire(1);
      Future<SessionLimit.Permit> large = threads.submit(() -> limit.acquire(3));
      awaitQueued(limit, 1);
      Future<SessionLimit.Permit> small = threads.submit(() -> limit.acquire(1));
      awaitQueued(limit, 2);
      assertThrows(TimeoutException.class, () -> small.get(20, TimeUnit.MILLISECONDS));
      first.close();
      first.close();
      large.get().close();
      small.get().close();
    }
    assertEquals(0, limit.running());
    assertEquals(0, limit.queued());
  }

  @Test
  void whoLeavesTheQueueMakesRoom() throws Exception {
    var limit = new SessionLimit(2, 9);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SessionLimit.Permit first = limit.acquire(1);
      var thread = new CompletableFuture<Thread>();
      Future<SessionLimit.Permit> large =
          threads.submit(
              () -> {
                thread.complete(Thread.currentThread());
                return limit.acquire(2);
              });
      awaitQueued(limit, 1);
      Future<SessionLimit.Permit> small = threads.submit(() -> limit.acquire(1));
      awaitQueued(limit, 2);
      thread.get().interrupt();
      assertInstanceOf(
          CancelledException.class, assertThrows(ExecutionException.class, large::get).getCause());
      small.get().close();
      first.close();
    }
    assertEquals(0, limit.running());
  }

  @Test
  void ensemblesOfAllSizesNeitherDeadlockNorOvershoot() throws Exception {
    var limit = new SessionLimit(5, 1_000);
    var running = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 500; i++) {
        int count = 1 + i % 5;
        threads.submit(
            () -> {
              try (var permit = limit.acquire(count)) {
                assertTrue(running.addAndGet(count) <= 5);
                Thread.yield();
                running.addAndGet(-count);
                return permit.queued();
              }
            });
      }
    }
    assertEquals(0, limit.running());
    assertEquals(0, limit.queued());
    assertEquals(0, running.get());
  }
}
