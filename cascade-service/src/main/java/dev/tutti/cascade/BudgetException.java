package dev.tutti.cascade;

/** The money of a fit that asks members live pays too few answers to learn from. */
public final class BudgetException extends IllegalArgumentException {

  /**
   * Too little money.
   *
   * @param message what it pays, and what is needed
   */
  public BudgetException(String message) {
    super(message);
  }
}
