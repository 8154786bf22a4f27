package dev.tutti.decoder.runtime;

import dev.tutti.kit.grpc.Failure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Texts that wait for their embedding. Callers take turns: a turn is a pass over one text, or over
 * several short ones of like length, those of other callers too; or the cutting of some text into
 * tokens. So whoever asks for little waits for one turn of each other caller, not for all their
 * texts. Thread-safe.
 */
final class EmbedQueue {

  /** Most tokens of a text that shares a pass. */
  static final int SHORT = 24;

  /** Most characters that are cut in a turn, unless one text has more. */
  static final int CUT_AT_ONCE = 32_768;

  private static final int LITTLE = 2_048;
  private static final int MOST_WAITING = 8_192;

  private final int batch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<EmbedCall> turns = new ArrayDeque<>();
  private int waiting;

  /** What a thread does next. */
  sealed interface Turn {}

  /** Texts of a call to cut; {@link #cut} gives them back. */
  record Cut(EmbedCall call, int from, int to) implements Turn {}

  /** Texts of like length to run in one pass. */
  record Pass(List<EmbedCall.Text> texts) implements Turn {}

  /**
   * A queue.
   *
   * @param batch most texts of a pass; at least 1
   */
  EmbedQueue(int batch) {
    this.batch = batch;
  }

  /** Texts share a pass where this is equal: of two texts one token of padding is the most. */
  static int likeness(int tokens) {
    return (tokens + 1) / 2;
  }

  /**
   * Takes a call in.
   *
   * @throws dev.tutti.kit.grpc.FailureException when too many texts wait
   */
  void add(EmbedCall call) {
    lock.lock();
    try {
      if (waiting + call.texts.size() > MOST_WAITING) {
        throw new Failure.ResourceExhausted(
                "EMBEDDINGS_EXHAUSTED",
                "%d texts wait for their embedding; more than %d may not."
                    .formatted(waiting, MOST_WAITING),
                Duration.ofSeconds(1))
            .exception();
      }
      waiting += call.texts.size();
      if (call.texts.stream().mapToInt(String::length).sum() <= LITTLE) {
        // Cut at once, which is nothing beside a pass, so that it may share the next ones.
        turns.addFirst(call);
      } else {
        turns.add(call);
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what of a call still waits. */
  void remove(EmbedCall call) {
    lock.lock();
    try {
      if (!call.gone) {
        call.gone = true;
        turns.remove(call);
        waiting -= call.texts.size() - call.cut;
        call.ready.values().forEach(texts -> waiting -= texts.size());
        call.ready.clear();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Texts that wait. */
  int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /** The next turn; waits for one. */
  Turn take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (turns.isEmpty()) {
        changed.await();
      }
      EmbedCall call = turns.poll();
      return call.cut < call.texts.size() ? cutNext(call) : pass(call);
    } finally {
      lock.unlock();
    }
  }

  private static Cut cutNext(EmbedCall call) {
    int to = call.cut;
    int characters = 0;
    do {
      characters += call.texts.get(to).length();
      to++;
    } while (to < call.texts.size() && characters + call.texts.get(to).length() <= CUT_AT_ONCE);
    return new Cut(call, call.cut, to);
  }

  /** Takes the texts of a cut back. */
  void cut(Cut cut, List<EmbedCall.Text> texts) {
    EmbedCall call = cut.call();
    lock.lock();
    try {
      if (!call.gone) {
        texts.forEach(call::add);
        call.cut = cut.to();
        turns.add(call);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private Pass pass(EmbedCall call) {
    int like = call.ready.firstKey();
    var texts = new ArrayList<EmbedCall.Text>();
    move(call, like, texts);
    // Others' too, where they fit; this caller's next turn comes after theirs.
    for (Iterator<EmbedCall> others = turns.iterator(); others.hasNext(); ) {
      EmbedCall other = others.next();
      if (other.cut == other.texts.size()) {
        move(other, like, texts);
        if (other.ready.isEmpty()) {
          others.remove();
        }
      }
    }
    if (!call.ready.isEmpty()) {
      turns.add(call);
      changed.signal();
    }
    waiting -= texts.size();
    return new Pass(texts);
  }

  private void move(EmbedCall call, int like, List<EmbedCall.Text> to) {
    int room = like <= likeness(SHORT) ? batch : 1;
    Deque<EmbedCall.Text> from = call.ready.getOrDefault(like, new ArrayDeque<>());
    while (to.size() < room && !from.isEmpty()) {
      to.add(from.poll());
    }
    if (from.isEmpty()) {
      call.ready.remove(like);
    }
  }
}
