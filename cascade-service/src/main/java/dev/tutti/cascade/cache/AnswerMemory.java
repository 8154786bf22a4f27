package dev.tutti.cascade.cache;

import com.google.protobuf.ByteString;
import dev.tutti.cascade.cache.SimilarEntries.Near;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What is kept, in memory, by team and ensemble. Nobody finds what another team, ensemble or scope
 * keeps: scope and exact key hold all three. Thread-safe; lookups do not wait for one another.
 */
final class AnswerMemory {

  /** Whose. */
  record Owner(String team, String ensemble) {}

  private record Place(ByteString scope, String embedder, int length) {}

  private static final class Shelf {
    /** In the order of their making; guarded by the memory. */
    private final Map<ByteString, CacheEntry> entries = new LinkedHashMap<>();

    private long bytes;
  }

  private final long mostBytes;
  private final Executor builder;
  private final Map<ByteString, CacheEntry> exact = new ConcurrentHashMap<>();
  private final Map<Place, SimilarEntries> similar = new ConcurrentHashMap<>();

  /** So many an ensemble keeps, as it was last asked with. */
  private final Map<Owner, Integer> most = new ConcurrentHashMap<>();

  private final Purges purges = new Purges();

  /** Guarded by this. */
  private final Map<Owner, Shelf> shelves = new LinkedHashMap<>();

  /** Of those that had to go although their ensemble may keep more. */
  private final AtomicLong crowdedOut = new AtomicLong();

  /** Guarded by this. */
  private long bytes;

  /**
   * An empty one.
   *
   * @param mostBytes about what it may hold; beyond, the oldest of whoever holds most goes
   * @param builder of indexes, which takes seconds where there are many answers
   */
  AnswerMemory(long mostBytes, Executor builder) {
    this.mostBytes = mostBytes;
    this.builder = builder;
  }

  /** The answer to the same request. */
  Optional<CacheEntry> find(CacheKey key) {
    return Optional.ofNullable(exact.get(key.exact()));
  }

  /** The entry of an exact key. */
  Optional<CacheEntry> find(ByteString key) {
    return Optional.ofNullable(exact.get(key));
  }

  /** Those of the same scope whose questions are the most similar, the most similar first. */
  List<Near> nearest(CacheKey key, CacheEntry.Embedded question, int count) {
    SimilarEntries its =
        similar.get(new Place(key.scope(), question.embedder(), question.vector().length));
    return its == null ? List.of() : its.nearest(question.vector(), count);
  }

  /**
   * Keeps an answer, in the place of the one to the same request.
   *
   * @param size so many its ensemble keeps from now on; empty for as many as before
   * @return what had to go for want of room
   */
  synchronized List<CacheEntry> put(CacheEntry entry, OptionalInt size) {
    forget(exact.get(entry.key().exact()));
    Owner owner = owner(entry);
    Shelf shelf = shelves.computeIfAbsent(owner, _ -> new Shelf());
    size.ifPresent(its -> most.put(owner, its));
    shelf.entries.put(entry.key().exact(), entry);
    shelf.bytes += entry.bytes();
    bytes += entry.bytes();
    exact.put(entry.key().exact(), entry);
    if (entry.embedded().vector().length > 0) {
      Place place = place(entry);
      similar.computeIfAbsent(place, _ -> new SimilarEntries(place.length(), builder)).add(entry);
    }
    List<CacheEntry> gone = trim(owner);
    while (bytes > mostBytes && !shelves.isEmpty()) {
      Shelf fullest =
          shelves.values().stream().max(Comparator.comparingLong(its -> its.bytes)).orElseThrow();
      gone.add(oldest(fullest));
      forget(gone.getLast());
      crowdedOut.incrementAndGet();
    }
    return gone;
  }

  /**
   * An ensemble keeps so many from now on.
   *
   * @return what had to go
   */
  List<CacheEntry> limit(Owner owner, int size) {
    Integer before = most.put(owner, size);
    return before != null && before == size ? List.of() : trim(owner);
  }

  private synchronized List<CacheEntry> trim(Owner owner) {
    var gone = new ArrayList<CacheEntry>();
    Shelf shelf = shelves.get(owner);
    int left = most.getOrDefault(owner, CacheSettings.MOST);
    while (shelf != null && shelf.entries.size() > left) {
      gone.add(oldest(shelf));
      forget(gone.getLast());
    }
    return gone;
  }

  /** Adds an observation of an answer; what is observed takes room too. */
  synchronized void observe(CacheEntry entry, Observation its) {
    long before = entry.bytes();
    entry.observe(its);
    if (exact.get(entry.key().exact()) == entry) {
      long more = entry.bytes() - before;
      shelves.get(owner(entry)).bytes += more;
      bytes += more;
    }
  }

  /** Forgets an answer. */
  synchronized void remove(CacheEntry entry) {
    if (exact.get(entry.key().exact()) == entry) {
      forget(entry);
    }
  }

  /** Which purges are known. */
  Purges purges() {
    return purges;
  }

  /** How many had to go for want of memory, so far. */
  long crowdedOut() {
    return crowdedOut.get();
  }

  /** Forgets those of whom this holds; what is behind them in other memories stays. */
  synchronized List<CacheEntry> removeIf(Predicate<CacheEntry> condition) {
    List<CacheEntry> gone = exact.values().stream().filter(condition).toList();
    gone.forEach(this::forget);
    return gone;
  }

  /** Forgets all of an ensemble. */
  synchronized int clear(Owner owner) {
    Shelf shelf = shelves.get(owner);
    List<CacheEntry> its = shelf == null ? List.of() : List.copyOf(shelf.entries.values());
    its.forEach(this::forget);
    return its.size();
  }

  /** Forgets what is kept no longer. */
  List<CacheEntry> expire(Instant now) {
    return removeIf(entry -> !now.isBefore(entry.made().end()));
  }

  /** Those of a team, by ensemble. */
  synchronized Map<String, List<CacheEntry>> of(String team) {
    var all = new LinkedHashMap<String, List<CacheEntry>>();
    shelves.forEach(
        (owner, shelf) -> {
          if (owner.team().equals(team)) {
            all.put(owner.ensemble(), List.copyOf(shelf.entries.values()));
          }
        });
    return all;
  }

  /** Ensembles that keep something, of whatever team. */
  synchronized Set<String> ensembles() {
    return shelves.keySet().stream().map(Owner::ensemble).collect(Collectors.toSet());
  }

  int size() {
    return exact.size();
  }

  synchronized long bytes() {
    return bytes;
  }

  private static CacheEntry oldest(Shelf shelf) {
    return shelf.entries.values().iterator().next();
  }

  private static Owner owner(CacheEntry entry) {
    return new Owner(entry.key().team(), entry.key().ensemble());
  }

  private static Place place(CacheEntry entry) {
    return new Place(
        entry.key().scope(), entry.embedded().embedder(), entry.embedded().vector().length);
  }

  private void forget(CacheEntry entry) {
    if (entry == null) {
      return;
    }
    exact.remove(entry.key().exact());
    Owner owner = owner(entry);
    Shelf shelf = shelves.get(owner);
    shelf.entries.remove(entry.key().exact());
    shelf.bytes -= entry.bytes();
    bytes -= entry.bytes();
    if (shelf.entries.isEmpty()) {
      shelves.remove(owner);
    }
    if (entry.embedded().vector().length > 0) {
      SimilarEntries its = similar.get(place(entry));
      its.remove(entry);
      if (its.isEmpty()) {
        similar.remove(place(entry));
      }
    }
  }
}
