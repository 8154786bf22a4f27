package dev.tutti.router.budget;

import java.time.Duration;

/**
 * How a budget of so many dollars a day is paid out: evenly, and what is not spent is kept up to an
 * hour's worth, half of it in the ledger and a sixteenth at a replica. Over any 24 hours no more
 * than the budget is spent, by up to eight replicas: a full hour's worth that was there at first,
 * and the other 23 that are paid out evenly.
 *
 * @param usdPerDay US dollars; above 0, finite
 */
record BudgetPace(double usdPerDay) {

  private static final double NANOS_PER_DAY = Duration.ofDays(1).toNanos();
  private static final double HOURS = 24;

  BudgetPace {
    if (!(usdPerDay > 0) || Double.isInfinite(usdPerDay)) {
      throw new IllegalArgumentException(
          "%s US dollars a day; it must be above 0 and finite.".formatted(usdPerDay));
    }
  }

  /** Most that the ledger keeps, in US dollars. */
  double most() {
    return usdPerDay / HOURS / 2;
  }

  /** Most that a replica holds, in US dollars. */
  double held() {
    return most() / 8;
  }

  /** Most that is owed, in US dollars: whatever was spent, after a good day all is as it was. */
  double mostOwed() {
    return usdPerDay;
  }

  /** US dollars that are paid out a day. */
  double rate() {
    return usdPerDay - 2 * most();
  }

  /** US dollars that are paid out a nanosecond. */
  double usdPerNano() {
    return rate() / NANOS_PER_DAY;
  }

  /**
   * What is there after a while.
   *
   * @param balance US dollars that were there; negative where more was spent than there was. What
   *     is no number, or owes more than can be owed, was written by an earlier version
   * @param elapsed since then; a clock that was set back gives nothing and takes nothing
   */
  double after(double balance, Duration elapsed) {
    double nanos = Math.max(0, elapsed.toNanos());
    double before = Double.isNaN(balance) ? 0 : Math.max(-mostOwed(), balance);
    return Math.min(most(), before + usdPerNano() * nanos);
  }
}
