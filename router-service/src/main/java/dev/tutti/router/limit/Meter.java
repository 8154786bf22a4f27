package dev.tutti.router.limit;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * One limit of one key, as this replica keeps it. It takes from the ledger a part of the limit at a
 * time ({@link Window#parts}), so that most requests wait for nobody and what lies at one replica
 * is little of what another may want: however they share the requests, no more than the limit is
 * granted, and each replica holds back two parts of it at most, until it stops.
 *
 * <p>Requests are counted as they come. Tokens and US dollars are set aside as they are expected,
 * and corrected once they are known; a request is granted as long as anything is left, so that each
 * replica oversteps by the requests that it is answering, which the ledger is told of.
 *
 * <p>While the ledger is away a replica counts by itself, from what it knew. Where it knows nothing
 * of a day or month, it grants little of it at a time ({@link Window#byItself}), however often it
 * is started. What it granted then is the ledger's once it is back. Thread-safe; the ledger is
 * asked by one thread at a time.
 */
final class Meter {

  /** By how much the end of a window may seem to move. */
  private static final long SAME_NANOS = Duration.ofSeconds(5).toNanos();

  /** How long nobody asks a ledger again that had nothing. */
  private static final long EMPTY_NANOS = Duration.ofMillis(100).toNanos();

  /** How long nobody asks a ledger that was away. */
  private static final long REST_NANOS = Duration.ofSeconds(1).toNanos();

  private final String key;
  private final LimitKind kind;
  private final Ledger ledger;
  private final LongSupplier nanos;
  private final Object exchanging = new Object();

  private double held;
  private double alone;
  private double used;
  private double over;
  private Instant begin;
  private long end;
  private long window;
  private boolean known;
  private boolean closed;
  private boolean guessed;
  private long guessing;
  private long restUntil;
  private boolean resting;
  private boolean empty;
  private long emptySince;

  /**
   * What a request took.
   *
   * @param window number of the window in which it did
   */
  record Taken(double amount, long window) {}

  Meter(String key, LimitKind kind, Ledger ledger, LongSupplier nanos) {
    this.key = key;
    this.kind = kind;
    this.ledger = ledger;
    this.nanos = nanos;
    this.end = nanos.getAsLong();
  }

  /**
   * Whether it holds so little, or so much, that the ledger is to be asked without being waited
   * for.
   */
  synchronized boolean isOff(LimitKind.Bounds bounds) {
    roll();
    double part = part(bounds);
    double its = held - alone;
    boolean low = its < 0 || (its < part / 2 && !wasEmptyJustNow());
    return known && !rests() && (low || its > 2 * part);
  }

  /** Whether it knows how the window stands, or goes by a guess. */
  synchronized boolean isKnown() {
    roll();
    return known;
  }

  /** Whether the ledger may have something by now that it had not when it was asked last. */
  synchronized boolean isWorthALook() {
    roll();
    return !known || !wasEmptyJustNow();
  }

  /**
   * Takes what a request is expected to use, if anything is left.
   *
   * @param amount at least 0
   * @return null where nothing is
   */
  synchronized Taken take(double amount) {
    roll();
    // What was told of as expected, beyond the limit, comes back as a correction, and not to be
    // taken.
    if (!known || held - over < least()) {
      return null;
    }
    held -= amount;
    return new Taken(amount, window);
  }

  /** Puts what a request did use in the place of what it took. */
  synchronized void settle(Taken taken, double actual) {
    roll();
    // In another window what was taken is forgotten, and only what came on top of it counts.
    double back = taken.amount() - actual;
    held += taken.window() == window ? back : Math.min(0, back);
  }

  /**
   * What is used in this window or set aside by other replicas, as far as this one knows; 0 before
   * it knows anything.
   */
  synchronized double used() {
    roll();
    return known ? Math.max(0, used + alone - held) : 0;
  }

  /** The key whose it is. */
  String key() {
    return key;
  }

  /** What it limits. */
  LimitKind kind() {
    return kind;
  }

  /** How long until more may be taken. */
  synchronized Duration untilNext() {
    roll();
    return Duration.ofNanos(Math.max(0, end - nanos.getAsLong()));
  }

  /** Asks the ledger, or counts alone where it is away. */
  void exchange(LimitKind.Bounds bounds) {
    synchronized (exchanging) {
      double part = part(bounds);
      try {
        exchange(bounds.most(), isOver() ? 0 : part, part);
      } catch (SQLException | RuntimeException e) {
        alone(bounds);
      }
    }
  }

  /**
   * Gives all that it holds back, and tells what it owes; where the ledger is away, neither. From
   * now on it takes nothing more.
   */
  void close() throws SQLException {
    synchronized (exchanging) {
      exchange(0, 0, 0);
      closed = true;
    }
  }

  /**
   * Settles with the ledger.
   *
   * @param kept how much of what it holds stays with it
   * @param wished how much it is to hold afterwards, if the ledger has it
   */
  private void exchange(double most, double kept, double wished) throws SQLException {
    double debt;
    double wanted;
    double granted;
    long asked;
    Instant of;
    synchronized (this) {
      roll();
      if (closed || rests()) {
        return;
      }
      asked = window;
      of = known && !guessed ? begin : null;
      // What it granted itself is none of the ledger's yet.
      granted = alone;
      double its = held - granted;
      debt = its < 0 ? -its : -Math.max(0, its - kept);
      wanted = Math.max(0, wished - (its + debt));
      if (debt == 0 && wanted == 0) {
        return;
      }
    }
    Ledger.Exchanged done = ledger.exchange(key, kind, most, of, debt, wanted);
    synchronized (this) {
      roll();
      boolean isOver = of != null && !of.equals(done.begin());
      if (isOver && window == asked) {
        turn();
      } else if (!isOver && window != asked) {
        // It was told of the window that has ended here meanwhile.
        return;
      }
      held += done.given() + (isOver ? 0 : debt - granted);
      alone -= isOver ? 0 : granted;
      begin = done.begin();
      used = done.used();
      over = Math.max(0, used - most);
      // A window that is over as soon as it is told would let nothing through.
      long left = done.left().isPositive() ? done.left().toNanos() : REST_NANOS;
      long its = nanos.getAsLong() + left;
      // The same window ends at a slightly other time by each answer.
      window += known && its - end > SAME_NANOS ? 1 : 0;
      end = its;
      known = true;
      guessed = false;
      resting = false;
      empty = wanted > 0 && done.given() == 0;
      emptySince = nanos.getAsLong();
    }
  }

  /** Grants itself what was left of the limit when the ledger was last seen. */
  synchronized void alone(LimitKind.Bounds bounds) {
    roll();
    long now = nanos.getAsLong();
    resting = true;
    restUntil = now + REST_NANOS;
    if (known && (guessed || alone > 0)) {
      return;
    }
    double left;
    if (known) {
      left = Math.max(0, bounds.most() - used);
    } else {
      Window its = kind.window();
      left = bounds.most() * its.share();
      end = now + its.byItself().toNanos();
      guessing(now);
    }
    alone += left;
    held += left;
    known = true;
  }

  private void guessing(long now) {
    if (alone == 0) {
      guessing = now;
    } else if (now - guessing >= kind.window().longest().toNanos()) {
      // What it granted then was of a window that is over for sure.
      guessing = now;
      alone = 0;
      held = 0;
    }
    guessed = true;
  }

  private synchronized boolean isOver() {
    return over > 0;
  }

  private boolean rests() {
    return resting && nanos.getAsLong() - restUntil < 0;
  }

  private boolean wasEmptyJustNow() {
    return empty && nanos.getAsLong() - emptySince < EMPTY_NANOS;
  }

  /**
   * A window that is over takes with it what was held of it; what is owed of a guessed one stays.
   */
  private void roll() {
    if (known && nanos.getAsLong() - end >= 0) {
      turn();
    }
  }

  private void turn() {
    known = false;
    window++;
    used = 0;
    over = 0;
    if (guessed) {
      double rest = Math.max(0, held);
      held -= rest;
      alone -= rest;
    } else {
      held = 0;
      alone = 0;
    }
  }

  /** Requests come one by one, of the others any rest will do. */
  private double least() {
    return kind == LimitKind.REQUESTS ? 1 : Double.MIN_NORMAL;
  }

  private double part(LimitKind.Bounds bounds) {
    double part = bounds.least() / kind.window().parts();
    return kind == LimitKind.REQUESTS ? Math.max(1, Math.floor(part)) : part;
  }
}
