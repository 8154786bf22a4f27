package dev.tutti.router.method.selection;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What may be spent now under a budget of so many dollars a day: it accrues evenly and what is not
 * spent is kept, up to {@code burst}. Over any stretch of {@code t} days at most {@code usdPerDay t
 * + burst} is granted, and one request more: a request is granted as long as anything is left.
 *
 * <p>The state is a balance at an instant ({@link #state()}), which a service keeps and gives back
 * after a restart. Thread-safe: {@link #take} is atomic, so that of requests that come together
 * none is granted after the one that used up the balance.
 */
public final class SpendingPace {

  private static final double NANOS_PER_DAY = Duration.ofDays(1).toNanos();

  private final double usdPerDay;
  private final double burst;
  private final InstantSource clock;
  private State state;

  /**
   * What is left.
   *
   * @param balance in US dollars; below 0 by at most one request
   * @param at when that was so
   */
  public record State(double balance, Instant at) {}

  /**
   * A pace.
   *
   * @param usdPerDay above 0, finite
   * @param burst most that is kept, in US dollars; above 0, finite
   * @param clock tells the time
   * @param state what was left; the full burst for a new one ({@code new State(burst, now)})
   */
  public SpendingPace(double usdPerDay, double burst, InstantSource clock, State state) {
    if (!(usdPerDay > 0)
        || Double.isInfinite(usdPerDay)
        || !(burst > 0)
        || Double.isInfinite(burst)) {
      throw new IllegalArgumentException(
          "A pace of %s US dollars a day with a burst of %s; both must be above 0 and finite."
              .formatted(usdPerDay, burst));
    }
    if (!Double.isFinite(state.balance())) {
      throw new IllegalArgumentException("The balance is %s.".formatted(state.balance()));
    }
    this.usdPerDay = usdPerDay;
    this.burst = burst;
    this.clock = clock;
    this.state = state;
  }

  /** What is left now, in US dollars. */
  public synchronized double left() {
    refill();
    return state.balance();
  }

  /**
   * Spends, if anything is left; a free request is always granted.
   *
   * @param usd expected cost of a request; not negative
   * @return whether it is granted
   */
  public synchronized boolean take(double usd) {
    if (!(usd >= 0)) {
      throw new IllegalArgumentException(
          "%s US dollars cannot be spent; at least 0 can.".formatted(usd));
    }
    refill();
    if (usd > 0 && !(state.balance() > 0)) {
      return false;
    }
    state = new State(state.balance() - usd, state.at());
    return true;
  }

  /** Puts the actual cost of a request in place of what was taken for it. */
  public synchronized void settle(double taken, double actual) {
    refill();
    state = new State(Math.min(burst, state.balance() + taken - actual), state.at());
  }

  /** What is left now and when now is, to be kept. */
  public synchronized State state() {
    refill();
    return state;
  }

  private void refill() {
    Instant now = clock.instant();
    // A clock that was set back gives nothing and takes nothing.
    double nanos = Math.max(0, Duration.between(state.at(), now).toNanos());
    double balance = Math.min(burst, state.balance() + usdPerDay * nanos / NANOS_PER_DAY);
    state = new State(balance, now.isAfter(state.at()) ? now : state.at());
  }
}
