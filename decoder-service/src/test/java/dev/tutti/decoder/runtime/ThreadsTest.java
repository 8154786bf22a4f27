package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.CancelledException;
import java.util.concurrent.CountDownLatch;
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
}
