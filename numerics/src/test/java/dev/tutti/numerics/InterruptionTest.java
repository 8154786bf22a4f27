package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class InterruptionTest {

  @Test
  void whoWasInterruptedGivesUp() {
    Thread mine = Thread.currentThread();
    Thread other = Thread.ofVirtual().unstarted(() -> {});
    assertDoesNotThrow(() -> Interruption.check());
    mine.interrupt();
    try {
      assertThrows(CancellationException.class, () -> Interruption.check());
      assertThrows(CancellationException.class, () -> Interruption.check(mine));
      assertDoesNotThrow(() -> Interruption.check(other));
      assertTrue(mine.isInterrupted(), "it stays interrupted");
    } finally {
      Thread.interrupted();
    }
  }
}
