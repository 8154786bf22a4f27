package dev.tutti.decoder.method.token;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Maps between vocabularies, each built once however many ensembles ask for it, and forgotten by
 * its bytes: the one that was asked for longest ago goes first. Thread-safe.
 *
 * @param <K> what a map is made from, by content
 * @param <V> a map
 */
final class MapCache<K, V> {

  private static final ReentrantLock TURN = new ReentrantLock();

  private final long mostBytes;
  private final ToLongFunction<V> bytes;
  private final Map<K, V> built = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<K, CompletableFuture<V>> building = new HashMap<>();
  private long held;

  /**
   * An empty cache.
   *
   * @param mostBytes that all maps together may take; a larger one is not kept
   * @param bytes that one takes
   */
  MapCache(long mostBytes, ToLongFunction<V> bytes) {
    this.mostBytes = mostBytes;
    this.bytes = bytes;
  }

  /**
   * The map of this key; whoever asks while another builds it waits for that one. Maps are built
   * one at a time, as each may take much memory meanwhile.
   *
   * @param build asks {@link #requireWanted} now and then
   * @throws CancellationException when interrupted
   */
  V get(K key, Supplier<V> build) {
    while (true) {
      CompletableFuture<V> other;
      var own = new CompletableFuture<V>();
      synchronized (this) {
        V known = built.get(key);
        if (known != null) {
          return known;
        }
        other = building.putIfAbsent(key, own);
      }
      if (other == null) {
        return build(key, build, own);
      }
      try {
        return other.get();
      } catch (InterruptedException e) {
        throw left();
      } catch (CancellationException _) {
        // Nobody wants it of the one who built it; this one still does.
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      }
    }
  }

  private V build(K key, Supplier<V> build, CompletableFuture<V> result) {
    Throwable failure = new CancellationException();
    try {
      TURN.lockInterruptibly();
      try {
        V map = build.get();
        keep(key, map);
        result.complete(map);
        return map;
      } finally {
        TURN.unlock();
      }
    } catch (InterruptedException e) {
      throw left();
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      synchronized (this) {
        building.remove(key);
      }
      // Nothing where it is there.
      result.completeExceptionally(failure);
    }
  }

  /**
   * Ends the work for a caller who left.
   *
   * @throws CancellationException when interrupted
   */
  static void requireWanted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException();
    }
  }

  private static CancellationException left() {
    Thread.currentThread().interrupt();
    return new CancellationException();
  }

  private synchronized void keep(K key, V map) {
    if (bytes.applyAsLong(map) > mostBytes) {
      return;
    }
    built.put(key, map);
    held += bytes.applyAsLong(map);
    for (Iterator<V> eldest = built.values().iterator(); held > mostBytes; ) {
      held -= bytes.applyAsLong(eldest.next());
      eldest.remove();
    }
  }

  /** Bytes of the maps that are kept. */
  synchronized long held() {
    return held;
  }
}
