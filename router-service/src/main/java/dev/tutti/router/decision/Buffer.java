package dev.tutti.router.decision;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The newest decisions by id, bounded in number and bytes; the oldest give way. Thread-safe. */
final class Buffer {

  private final SequencedMap<String, Kept> decisions = new LinkedHashMap<>();
  private final int most;
  private final long mostBytes;
  private long bytes;

  Buffer(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /** Adds one; returns how many had to give way. */
  synchronized int add(Kept decision) {
    drop(decisions.putLast(decision.id(), decision));
    bytes += decision.bytes();
    int dropped = 0;
    while (decisions.size() > most || (bytes > mostBytes && decisions.size() > 1)) {
      drop(decisions.pollFirstEntry().getValue());
      dropped++;
    }
    notifyAll();
    return dropped;
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
  }

  private void drop(Kept decision) {
    if (decision != null) {
      bytes -= decision.bytes();
    }
  }
}
