package dev.tutti.router;

/** Nobody can be asked now without overspending a budget; it says when that changes. */
public final class BudgetExhaustedException extends IllegalStateException {

  /** With what is left and how it is refilled. */
  public BudgetExhaustedException(String message) {
    super(message);
  }
}
