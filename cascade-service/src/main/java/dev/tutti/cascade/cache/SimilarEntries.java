package dev.tutti.cascade.cache;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.NeighbourIndex.Neighbours;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Entries of one scope and one embedder, by their embeddings: those of some time ago in an index,
 * the newer ones beside it, all of which are compared. Thread-safe; a search takes no lock.
 *
 * <p>{@link #settle} makes the index anew once a tenth of it has come or gone. It takes seconds for
 * 100,000 entries, and searches go on meanwhile.
 */
final class SimilarEntries {

  private static final int LEAST_LOOSE = 1_024;
  private static final int PART_LOOSE = 10;

  /** Of {@code loose} the first {@code count}; behind them others may be written meanwhile. */
  private record State(
      List<CacheEntry> indexed, NeighbourIndex index, CacheEntry[] loose, int count) {}

  private final Set<CacheEntry> gone = ConcurrentHashMap.newKeySet();
  private volatile State state =
      new State(List.of(), new NeighbourIndex(new Matrix(0, 0)), new CacheEntry[16], 0);

  /** An entry, and how similar its question is. */
  record Near(CacheEntry entry, double similarity) {}

  /** The most similar ones, the most similar first. */
  List<Near> nearest(float[] vector, int count) {
    State now = state;
    var near = new ArrayList<Near>();
    if (!now.indexed.isEmpty()) {
      // Of those that have gone since some may be among the nearest.
      int more = Math.min(now.indexed.size(), count + Math.min(gone.size(), count));
      Neighbours found = now.index.search(vector, more);
      for (int row : found.rows()) {
        add(near, now.indexed.get(row), vector);
      }
    }
    for (int i = 0; i < now.count; i++) {
      add(near, now.loose[i], vector);
    }
    near.sort(Comparator.comparingDouble(Near::similarity).reversed());
    return near.size() > count ? List.copyOf(near.subList(0, count)) : near;
  }

  private void add(List<Near> near, CacheEntry entry, float[] vector) {
    // One of another length cannot be of the same embedder, whatever it is called.
    if (!gone.contains(entry) && entry.embedded().vector().length == vector.length) {
      near.add(new Near(entry, Vectors.dot(entry.embedded().vector(), vector)));
    }
  }

  synchronized void add(CacheEntry entry) {
    State now = state;
    CacheEntry[] loose =
        now.count < now.loose.length ? now.loose : Arrays.copyOf(now.loose, 2 * now.count);
    loose[now.count] = entry;
    state = new State(now.indexed, now.index, loose, now.count + 1);
  }

  void remove(CacheEntry entry) {
    gone.add(entry);
  }

  boolean isEmpty() {
    State now = state;
    return now.indexed.size() + now.count <= gone.size();
  }

  /** Whether the index is to be made anew. */
  boolean isLoose() {
    State now = state;
    return now.count + gone.size() > Math.max(LEAST_LOOSE, now.indexed.size() / PART_LOOSE);
  }

  /** Makes the index anew; by one thread at a time. */
  void settle() {
    State before = state;
    var removed = Set.copyOf(gone);
    List<CacheEntry> all =
        Stream.concat(before.indexed.stream(), Arrays.stream(before.loose, 0, before.count))
            .filter(entry -> !removed.contains(entry))
            .toList();
    var index =
        new NeighbourIndex(Matrix.of(all.stream().map(e -> e.embedded().vector()).toList()));
    synchronized (this) {
      State now = state;
      int since = now.count - before.count;
      CacheEntry[] loose =
          Arrays.copyOfRange(now.loose, before.count, before.count + Math.max(16, since));
      state = new State(all, index, loose, since);
      gone.removeAll(removed);
    }
  }
}
