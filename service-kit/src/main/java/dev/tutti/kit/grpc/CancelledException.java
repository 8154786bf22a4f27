package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Spent;

/** The caller left; whoever works for it stops. */
public final class CancelledException extends RuntimeException {

  private final transient Spent spent;

  /** The caller left. */
  public CancelledException() {
    this(Spent.getDefaultInstance());
  }

  /** The caller left a call that used this much by then. */
  public CancelledException(Spent spent) {
    super("The caller left.", null, false, false);
    this.spent = spent;
  }

  /** What the call that was left used, as far as this is known; else nothing. */
  public Spent spent() {
    return spent;
  }
}
