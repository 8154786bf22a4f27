package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MapCacheTest {

  private final AtomicInteger built = new AtomicInteger();
  private final MapCache<String, int[]> cache = new MapCache<>(100, map -> map.length);

  private int[] get(String key, int bytes) {
    return cache.get(
        key,
        () -> {
          built.incrementAndGet();
          return new int[bytes];
        });
  }

  @Test
  void aMapIsBuiltOnce() {
    assertSame(get("a", 10), get("a", 10));
    assertEquals(1, built.get());
  }

  /** 40 + 40 + 40 are too many: b goes, as a was asked for since. */
  @Test
  void theOneAskedForLongestAgoGoes() {
    int[] a = get("a", 40);
    get("b", 40);
    assertSame(a, get("a", 40));
    get("c", 40);
    assertEquals(80, cache.held());
    assertSame(a, get("a", 40));
    assertEquals(3, built.get());
    get("b", 40);
    assertEquals(4, built.get());
  }

  @Test
  void oneThatIsTooLargeIsNotKept() {
    get("a", 60);
    get("large", 101);
    get("a", 60);
    assertEquals(2, built.get());
    assertEquals(60, cache.held());
  }

  @Test
  void whoAsksMeanwhileWaits() throws Exception {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first =
          threads.submit(
              () ->
                  cache.get(
                      "a",
                      () -> {
                        begun.countDown();
                        try {
                          go.await();
                        } catch (InterruptedException e) {
                          throw new IllegalStateException(e);
                        }
                        return new int[1];
                      }));
      begun.await();
      var second = threads.submit(() -> get("a", 1));
      go.countDown();
      assertSame(first.get(), second.get());
      assertEquals(0, built.get());
    }
  }

  /** A build that goes on until its caller leaves. */
  private int[] endless(CountDownLatch begun) {
    return cache.get(
        "a",
        () -> {
          begun.countDown();
          while (true) {
            MapCache.requireWanted();
            Thread.onSpinWait();
          }
        });
  }

  /** Whoever leaves is let go, also while it waits; whoever still wants the map builds it. */
  @Test
  void whoLeavesBuildsNoMore() throws Exception {
    var begun = new CountDownLatch(1);
    var builder = Thread.ofPlatform().start(() -> endless(begun));
    begun.await();
    var thrown = new AtomicReference<Throwable>();
    var leaver = Thread.ofPlatform().unstarted(() -> get("a", 1));
    leaver.setUncaughtExceptionHandler((_, e) -> thrown.set(e));
    builder.setUncaughtExceptionHandler((_, _) -> {});
    leaver.start();
    leaver.interrupt();
    leaver.join();
    assertInstanceOf(CancellationException.class, thrown.get());
    assertEquals(0, built.get());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var stayer = threads.submit(() -> get("a", 1));
      builder.interrupt();
      assertEquals(1, stayer.get().length);
    }
    assertEquals(1, built.get());
  }

  @Test
  void aFailureIsNotKept() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            cache.get(
                "a",
                () -> {
                  throw new IllegalArgumentException("no");
                }));
    get("a", 1);
    assertEquals(1, built.get());
  }
}
