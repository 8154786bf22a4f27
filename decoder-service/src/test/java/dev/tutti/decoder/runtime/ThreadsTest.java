package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where answers compute. */
@Timeout(20)
class ThreadsTest {

  @Test
  void anInterruptReachesTheWorkAndIsWaitedOut() throws Exception {
    var started = new CountDownLatch(1);
    var ended = new AtomicBoolean();
    try (var threads = new ComputeThreads();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var call =
          callers.submit(
              () -> {
                try {
                  return threads.<String>run(
                      () -> {
                        started.countDown();
                        while (!Thread.currentThread().isInterrupted()) {
                          Thread.onSpinWait();
                        }
                        ended.set(true);
                        throw new CancelledException();
                      });
                } finally {
                  assertTrue(ended.get(), "the caller went on before its work had ended");
                  assertTrue(Thread.currentThread().isInterrupted());
                }
              });
      started.await();
      callers.shutdownNow();
      var thrown = assertThrows(ExecutionException.class, call::get);
      assertTrue(thrown.getCause() instanceof CancelledException, thrown.toString());
      // The thread's next work is not interrupted by the last one's caller.
      assertFalse(threads.run(() -> Thread.currentThread().isInterrupted()));
      assertFalse(threads.run(() -> Thread.currentThread().isVirtual()));
    }
  }

  @Test
  void allPassesOfAStepRunOnceAndAreDoneWhenItReturns() {
    try (var runner = new SideBySide(3)) {
      for (int step = 0; step < 2_000; step++) {
        var ran = new AtomicIntegerArray(5);
        runner.run(5, ran::incrementAndGet);
        for (int i = 0; i < 5; i++) {
          assertEquals(1, ran.get(i));
        }
      }
    }
  }

  /**
   * Whichever thread it meets, an error does not let the caller go on before the others are done.
   */
  @Test
  void anErrorIsThrownAfterAllAreDone() throws Exception {
    try (var runner = new SideBySide(2)) {
      for (boolean onCaller : new boolean[] {true, false}) {
        Thread caller = Thread.currentThread();
        var bothRun = new CyclicBarrier(2);
        var done = new AtomicInteger();
        var thrown =
            assertThrows(
                StackOverflowError.class,
                () ->
                    runner.run(
                        4,
                        i -> {
                          if (i < 2) {
                            meet(bothRun);
                            if (onCaller == (Thread.currentThread() == caller)) {
                              throw new StackOverflowError("first");
                            }
                          }
                          done.incrementAndGet();
                        }));
        assertEquals("first", thrown.getMessage());
        assertEquals(3, done.get());
      }
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void helpersSeeThatTheCallIsCancelled() throws Exception {
    var seen = new AtomicInteger();
    var bothRun = new CyclicBarrier(2);
    try (var runner = new SideBySide(2);
        Context.CancellableContext call = Context.current().withCancellation()) {
      call.run(
          () ->
              runner.run(
                  2,
                  i -> {
                    meet(bothRun);
                    call.cancel(null);
                    seen.addAndGet(Context.current().isCancelled() ? 1 : 0);
                  }));
    }
    assertEquals(2, seen.get());
  }

  @Test
  void aPassThatFailsIsThrownAfterAllAreDone() {
    for (int cores : new int[] {2, 4}) {
      try (var runner = new SideBySide(cores)) {
        var done = new AtomicInteger();
        assertThrows(
            ArithmeticException.class,
            () ->
                runner.run(
                    4,
                    i -> {
                      if (i == 1) {
                        throw new ArithmeticException();
                      }
                      done.incrementAndGet();
                    }));
        assertEquals(3, done.get());
      }
    }
  }

  /** 1 and 3 compute; the caller and the others are virtual threads. */
  @Test
  void ofMembersAskedAtOnceThoseThatComputeDoSoOnThreadsForThat() throws Exception {
    var computing = new BitSet();
    computing.set(1);
    computing.set(3);
    try (var threads = new ComputeThreads();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var runner = new AtOnce(computing, threads, Optional.empty());
      var together = new boolean[4];
      var alone = new boolean[4];
      callers
          .submit(
              () -> {
                runner.run(4, m -> together[m] = Thread.currentThread().isVirtual());
                for (int m = 0; m < 4; m++) {
                  runner.one(m, index -> alone[index] = Thread.currentThread().isVirtual());
                }
              })
          .get();
      assertArrayEquals(new boolean[] {true, false, true, false}, together);
      assertArrayEquals(new boolean[] {true, false, true, false}, alone);
    }
  }
}
