package dev.tutti.registry;

/** Carries a {@link Refusal} up to the edge. */
public final class RefusedException extends RuntimeException {

  private final transient Refusal refusal;

  /** An exception for this refusal. */
  public RefusedException(Refusal refusal) {
    super(refusal.detail(), null, false, false);
    this.refusal = refusal;
  }

  /** Why. */
  public Refusal refusal() {
    return refusal;
  }
}
