package dev.tutti.router.budget;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What was taken from the budget of a day for an answer that is not there yet.
 *
 * @param account that it was taken from; empty where nothing limits what is spent
 * @param usd US dollars that the answer is expected to cost; at least 0
 */
public record Taken(Optional<Account> account, double usd) {

  /**
   * Gets the answer; what it did cost takes the place of what was taken for it, whatever happens.
   *
   * @param cost US dollars that it did cost, or used before it failed
   */
  public <T> T spend(Supplier<T> answer, ToDoubleFunction<T> cost) {
    double actual = usd;
    try {
      T its = answer.get();
      actual = cost.applyAsDouble(its);
      return its;
    } finally {
      if (account.isPresent()) {
        account.get().settle(usd, actual);
      }
    }
  }
}
