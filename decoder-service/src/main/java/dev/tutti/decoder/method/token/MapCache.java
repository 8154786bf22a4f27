package dev.tutti.decoder.method.token;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

  /** The map of this key; whoever asks while another builds it waits for that one. */
  V get(K key, Supplier<V> build) {
    CompletableFuture<V> future = null;
    boolean mine = false;
    synchronized (this) {
      V known = built.get(key);
      if (known != null) {
        return known;
      }
      future = building.get(key);
      if (future == null) {
        future = new CompletableFuture<>();
        building.put(key, future);
        mine = true;
      }
    }
    if (!mine) {
      try {
        return future.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
    try {
      V map = build.get();
      keep(key, map);
      future.complete(map);
      return map;
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
      throw e;
    } finally {
      synchronized (this) {
        building.remove(key);
      }
    }
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
