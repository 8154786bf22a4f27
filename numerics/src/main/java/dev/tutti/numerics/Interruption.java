package dev.tutti.numerics;

import java.util.concurrent.CancellationException;

/**
 * How a fit is given up half way: whoever runs it interrupts its thread, and its long loops look
 * here, each at least a few times a second. Nothing is written until a fit has ended, so there is
 * nothing to undo.
 */
public final class Interruption {

  private Interruption() {}

  /**
   * Goes on unless this thread was interrupted.
   *
   * @throws CancellationException when it was; it stays interrupted
   */
  public static void check() {
    check(Thread.currentThread());
  }

  /**
   * The same for a part of the work that another thread does.
   *
   * @param fitting the thread that waits for it
   * @throws CancellationException when that one was interrupted
   */
  public static void check(Thread fitting) {
    if (fitting.isInterrupted()) {
      throw new CancellationException("The fit was given up.");
    }
  }
}
