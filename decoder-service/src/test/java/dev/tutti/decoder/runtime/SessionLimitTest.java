package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

  /** Of 4 with 2 acquired: 2 more are to be had, and go back as soon as they are not used. */
  @Test
  void whoRunsMayHaveMoreWhereThereAreSome() {
    var limit = new SessionLimit(4, 9);
    SessionLimit.Permit permit = limit.acquire(2);
    for (int used = 1; used <= 4; used++) {
      assertTrue(permit.take());
      assertEquals(Math.max(2, used), limit.running());
    }
    assertFalse(permit.take());
    assertThrows(FailureException.class, limit::acquireNow);
    permit.giveBack();
    try (var other = limit.acquireNow()) {
      assertTrue(other.take());
      assertFalse(permit.take());
      assertFalse(other.take());
      assertEquals(4, limit.running());
      other.giveBack();
    }
    for (int used = 3; used > 0; used--) {
      permit.giveBack();
    }
    // It keeps those that it was acquired for.
    assertEquals(2, limit.running());
    assertTrue(permit.take());
    permit.close();
    permit.giveBack();
    assertEquals(0, limit.running());
    assertFalse(permit.take() && permit.take() && permit.take());
    assertEquals(0, limit.running());
  }

  @Test
  void whoWaitsComesBeforeWhoWantsMore() throws Exception {
    var limit = new SessionLimit(4, 9);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        SessionLimit.Permit first = limit.acquire(1)) {
      assertTrue(first.take());
      assertTrue(first.take());
      Future<SessionLimit.Permit> second = threads.submit(() -> limit.acquire(3));
      awaitQueued(limit, 1);
      assertFalse(first.take());
      first.giveBack();
      try (var _ = second.get()) {
        assertFalse(first.take());
        assertEquals(4, limit.running());
      }
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
