package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PurseTest {

  @Test
  void nothingBeginsThatIsNotPaid() throws InterruptedException {
    var purse = new Purse(1, 0.5);
    assertTrue(purse.hold(0.5, 1));
    purse.spend(0.25);
    purse.release(0.5);
    assertEquals(0.75, purse.spent());
    assertFalse(purse.hold(0.375, 1));
    assertTrue(purse.hold(0.25, 1));
  }

  @Test
  void whatIsUnderWayMayTurnOutCheaper() throws Exception {
    var purse = new Purse(1, 0);
    assertTrue(purse.hold(0.8, 1));
    var next =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return purse.hold(0.8, 1);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    purse.spend(0.1);
    assertFalse(next.isDone());
    purse.release(0.8);
    assertTrue(next.get(10, TimeUnit.SECONDS));
  }

  @Test
  void aFreeMemberNeedsNoMoney() throws InterruptedException {
    assertTrue(new Purse(0, 0).hold(0, 3));
    assertFalse(new Purse(0, 0).hold(1e-12, 1));
  }

  @Test
  void aDearSurpriseEndsFurtherTries() throws InterruptedException {
    var purse = new Purse(1, 0);
    assertTrue(purse.hold(0.5, 1));
    purse.spend(0.5);
    assertTrue(purse.isEnough());
    purse.spend(0.25);
    assertFalse(purse.isEnough());
  }
}
