package dev.tutti.cascade.cache;

import dev.tutti.numerics.GrowingIndex;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Entries of one scope, embedder and length, by their embeddings. Thread-safe. */
final class SimilarEntries {

  private final GrowingIndex index;
  private final AtomicLong last = new AtomicLong();
  private final Map<CacheEntry, Long> numbers = new ConcurrentHashMap<>();
  private final Map<Long, CacheEntry> entries = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param length of the embeddings
   * @param builder carries out what takes seconds where there are many
   */
  SimilarEntries(int length, Executor builder) {
    index = new GrowingIndex(length, builder);
  }

  /** An entry, and how similar it is. */
  record Near(CacheEntry entry, double similarity) {}

  /** The most similar ones, the most similar first. */
  List<Near> nearest(float[] vector, int count) {
    return index.nearest(vector, count).stream()
        // Gone since, maybe.
        .flatMap(
            its ->
                Stream.ofNullable(entries.get(its.id()))
                    .map(entry -> new Near(entry, its.similarity())))
        .toList();
  }

  void add(CacheEntry entry) {
    long number = last.incrementAndGet();
    numbers.put(entry, number);
    entries.put(number, entry);
    index.add(number, entry.embedded().vector());
  }

  void remove(CacheEntry entry) {
    Long number = numbers.remove(entry);
    if (number != null) {
      entries.remove(number);
      index.remove(number);
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }
}
