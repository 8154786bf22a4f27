package dev.tutti.router.decision;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;

/** Decisions by id, oldest first, with bounds in number and bytes. Thread-safe. */
final class Buffer {

  private final SequencedMap<String, Kept> decisions = new LinkedHashMap<>();
  private final int most;
  private final long mostBytes;
  private long bytes;

  Buffer(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /** Adds one, whatever the bounds say: {@link #awaitRoom} comes before. */
  synchronized void add(Kept decision) {
    drop(decisions.putLast(decision.id(), decision));
    bytes += decision.bytes();
    notifyAll();
  }

  /** Adds one; the oldest give way to keep the bounds, but never this one. */
  synchronized void replace(Kept decision) {
    add(decision);
    while (decisions.size() > most || (bytes > mostBytes && decisions.size() > 1)) {
      drop(decisions.pollFirstEntry().getValue());
    }
  }

  /**
   * Waits until there is room within the bounds.
   *
   * @return whether there is
   */
  synchronized boolean awaitRoom(long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    while (decisions.size() >= most || bytes >= mostBytes) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  synchronized Optional<Kept> find(String id) {
    return Optional.ofNullable(decisions.get(id));
  }

  synchronized int size() {
    return decisions.size();
  }

  /** The oldest; waits up to {@code millis} while there is none. */
  synchronized List<Kept> oldest(int count, long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    while (decisions.isEmpty()) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    var batch = new ArrayList<Kept>();
    Iterator<Kept> all = decisions.values().iterator();
    while (all.hasNext() && batch.size() < count) {
      batch.add(all.next());
    }
    return batch;
  }

  synchronized void remove(List<Kept> batch) {
    for (Kept decision : batch) {
      if (decisions.remove(decision.id(), decision)) {
        drop(decision);
      }
    }
    notifyAll();
  }

  /** Forgets some. */
  synchronized void removeIf(Predicate<Kept> which) {
    remove(decisions.values().stream().filter(which).toList());
  }

  /** Those that are like this. */
  synchronized List<Kept> all(Predicate<Kept> which) {
    return decisions.values().stream().filter(which).toList();
  }

  /** Whether this very one is there. */
  synchronized boolean holds(Kept decision) {
    return decisions.get(decision.id()) == decision;
  }

  private void drop(Kept decision) {
    if (decision != null) {
      bytes -= decision.bytes();
    }
  }
}
