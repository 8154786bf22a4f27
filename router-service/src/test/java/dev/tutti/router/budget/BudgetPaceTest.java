package dev.tutti.router.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BudgetPaceTest {

  private static final BudgetPace PACE = new BudgetPace(24);

  @Test
  void anHoursWorthIsKeptAndTheRestPaidOutEvenly() {
    assertEquals(0.5, PACE.most());
    assertEquals(1, PACE.most() + 8 * PACE.held());
    assertEquals(23, PACE.rate());
    assertEquals(-0.5 + 23 / 24.0, PACE.after(-0.5, Duration.ofHours(1)), 1e-12);
    assertEquals(0.5, PACE.after(-0.5, Duration.ofHours(2)));
    assertEquals(0.3, PACE.after(0.3, Duration.ofHours(-1)), "a clock set back");
    for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new BudgetPace(wrong));
    }
  }

  @Test
  void anAccountGrantsAsLongAsAnythingIsLeft() {
    var account = new Account();
    assertFalse(account.known());
    assertFalse(account.take(0.01));
    assertTrue(account.take(0), "a free one");
    account.pay(0.05);
    assertTrue(account.known());
    assertTrue(account.take(0.04) && account.take(0.04));
    assertFalse(account.take(0.001));
    account.settle(0.04, 0.01);
    assertEquals(0, account.left(), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> account.take(-1));
  }

  /** Random requests over nine days, whoever asks as often as it can. */
  @Test
  void noDayCostsMoreThanItsBudgetAndOneRequest() {
    var random = new SplittableRandom(1);
    for (int run = 0; run < 20; run++) {
      double dearest = run % 2 == 0 ? 0.2 : 0.01;
      double ledger = PACE.most();
      // As much as eight replicas hold from before.
      var account = new Account();
      account.pay(8 * PACE.held());
      var spent = new ArrayDeque<double[]>();
      double ofTheDay = 0;
      double worst = 0;
      for (double hour = 0; hour < 216; ) {
        double often = dearest / 20;
        double pause = random.nextDouble() < 0.03 * often ? 8 * random.nextDouble() : often;
        hour += pause;
        ledger = PACE.after(ledger, Duration.ofNanos((long) (pause * 3.6e12)));
        double debt = Math.max(0, -account.left());
        double wanted = Math.max(0, PACE.held() - Math.max(0, account.left()));
        double given = Math.clamp(wanted, 0, Math.max(0, ledger - debt));
        ledger -= debt + given;
        account.pay(debt + given);
        double usd = dearest * random.nextDouble();
        if (account.take(usd)) {
          spent.add(new double[] {hour, usd});
          ofTheDay += usd;
        }
        while (!spent.isEmpty() && spent.peekFirst()[0] <= hour - 24) {
          ofTheDay -= spent.pollFirst()[1];
        }
        worst = Math.max(worst, ofTheDay);
      }
      assertTrue(worst <= 24 + dearest, "spent " + worst);
      assertTrue(worst > 22, "little is left lying: " + worst);
    }
  }
}
