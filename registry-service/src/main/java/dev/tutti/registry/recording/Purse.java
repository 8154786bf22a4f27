package dev.tutti.registry.recording;

/**
 * What a recording may spend, in US dollars: what was spent, and what the calls that are under way
 * are expected to cost, are together never more than the budget when a call begins. Thread-safe.
 */
final class Purse {

  private final double budget;
  private double spent;
  private double held;
  private int holding;

  /**
   * With a budget.
   *
   * @param budget at least 0
   * @param spent what is spent already
   */
  Purse(double budget, double spent) {
    this.budget = budget;
    this.spent = spent;
  }

  /**
   * Holds back what calls are expected to cost. Waits while others are under way that may cost less
   * than was held back for them.
   *
   * @param calls how many; each is released by itself
   * @return whether there was enough; nothing is held back where there was not
   */
  synchronized boolean hold(double usd, int calls) throws InterruptedException {
    while (spent + held + usd > budget) {
      if (holding == 0) {
        return false;
      }
      wait();
    }
    held += usd;
    holding += calls;
    return true;
  }

  /** A call is over for which this was held back. */
  synchronized void release(double usd) {
    holding--;
    // Rounding leaves nothing behind.
    held = holding == 0 ? 0 : held - usd;
    notifyAll();
  }

  /** Money is gone. */
  synchronized void spend(double usd) {
    spent += usd;
    notifyAll();
  }

  /** Whether what is held back for a call is still there after others cost more than expected. */
  synchronized boolean isEnough() {
    return spent + held <= budget;
  }

  synchronized double spent() {
    return spent;
  }
}
