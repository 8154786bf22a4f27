package dev.tutti.router.budget;

import dev.tutti.router.decision.Spend;
import java.time.Duration;

/**
 * What this replica may spend on one ensemble now. A request is granted as long as anything is
 * left, so that the account is overdrawn by one request at most; what was overdrawn is made up for
 * before anything else is paid in. What is expected of calls in flight is set aside, and is no
 * debt: nothing is forgiven of it that comes back once they have ended. Thread-safe: of requests
 * that come together none is granted after the one that used it up.
 */
public final class Account {

  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  /** Held while money moves between this account and its ledger. */
  final Object ledgerLock = new Object();

  private double settled;
  private double reserved;
  private int inFlight;
  private boolean known;
  private double owed;
  private long owedAt;
  private boolean looked;

  /** US dollars that are left; not above 0 where nothing is. */
  public synchronized double left() {
    return settled - reserved;
  }

  /**
   * US dollars that are there with nothing set aside for calls in flight; below 0 is owed, whatever
   * these will cost.
   */
  synchronized double settled() {
    return settled;
  }

  /** Whether anything was ever paid in or refused: before that nobody knows what is left. */
  public synchronized boolean known() {
    return known;
  }

  /**
   * Takes the expected cost of a request, if anything is left; a free one is always granted.
   *
   * @param usd not negative
   * @return whether it is granted
   */
  public synchronized boolean take(double usd) {
    if (!(usd >= 0)) {
      throw new IllegalArgumentException(
          "%s US dollars cannot be spent; at least 0 can.".formatted(usd));
    }
    if (usd > 0 && !(left() > 0)) {
      return false;
    }
    reserved += Spend.bounded(usd);
    inFlight++;
    return true;
  }

  /** Puts what a request did cost in the place of what was taken for it. */
  public synchronized void settle(double taken, double actual) {
    settled -= Spend.bounded(actual);
    inFlight--;
    // What rounding leaves of large sums is nobody's.
    reserved = inFlight == 0 ? 0 : Math.max(0, reserved - Spend.bounded(taken));
  }

  /** Pays in, or out where it is negative. */
  public synchronized void pay(double usd) {
    settled += usd;
    known = true;
  }

  /**
   * What the ledger lacks before it can pay in anything.
   *
   * @param usd US dollars, at least 0
   * @param now by {@link System#nanoTime}
   */
  synchronized void owes(double usd, long now) {
    owed = usd;
    owedAt = now;
    looked = true;
  }

  /** Whether the ledger may say something else than it said last: other replicas may give back. */
  synchronized boolean isWorthALook(long now) {
    return !looked || owed == 0 || now - owedAt > LOOK_NANOS;
  }

  /**
   * How long until something is left, by what the ledger said last; what calls in flight leave may
   * come before.
   *
   * @param pace at which it is paid out
   * @param now by {@link System#nanoTime}
   */
  synchronized Duration untilSomethingIsLeft(BudgetPace pace, long now) {
    double debt = Math.max(0, owed - pace.usdPerNano() * (now - owedAt)) + Math.max(0, -left());
    return left() > 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil(Math.min(pace.mostOwed(), debt) / pace.usdPerNano()));
  }
}
