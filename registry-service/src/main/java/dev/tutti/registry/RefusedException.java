package dev.tutti.registry;

import dev.tutti.kit.connection.KeyRing;

/** Carries a {@link Refusal} up to the edge. */
public final class RefusedException extends RuntimeException {

  private final transient Refusal refusal;

  /** An exception for this refusal; its message, for logs and traces, has no key in it. */
  public RefusedException(Refusal refusal) {
    super(KeyRing.masked(refusal.detail()), null, false, false);
    this.refusal = refusal;
  }

  /** Why. */
  public Refusal refusal() {
    return refusal;
  }
}
