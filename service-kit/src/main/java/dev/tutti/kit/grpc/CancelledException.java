package dev.tutti.kit.grpc;

/** The caller left; whoever works for it stops. */
public final class CancelledException extends RuntimeException {

  /** The caller left. */
  public CancelledException() {
    super("The caller left.", null, false, false);
  }
}
