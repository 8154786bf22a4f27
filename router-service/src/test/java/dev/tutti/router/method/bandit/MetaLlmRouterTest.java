package dev.tutti.router.method.bandit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.Feedback;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Recorded;
import dev.tutti.router.Router;
import dev.tutti.router.RouterContract;
import dev.tutti.router.method.bandit.MetaLlmRouter.Settings;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MetaLlmRouterTest extends RouterContract {

  private static final Settings SETTINGS = new Settings(0.5, 1, 1, 0, 0.01, 0, 0);

  private static final MetaLlmRouter LEARNED = learned(new MetaLlmRouter(new Settings()), 0, 200);

  @Override
  protected Router router() {
    return LEARNED;
  }

  private static MetaLlmRouter learned(MetaLlmRouter router, int from, int to) {
    for (int i = from; i < to; i++) {
      var random = new SplittableRandom(i);
      int member = random.nextInt(4);
      router.observe(
          new Feedback.Rated(
              Recorded.near(i % 4, random), "m" + member, member == i % 4 ? 1 : 0.2, 0.002, 1));
    }
    return router;
  }

  @Test
  void aLinUcbUpdateByHand() {
    // phi = (1, 0, 1): the embedding and the constant. A = I + phi phi^T = [2 0 1; 0 1 0; 1 0 2].
    var router = new MetaLlmRouter(new Settings(0.5, 1, 1, 0.2, 0.01, 0, 0));
    router.observe(new Feedback.Rated(new float[] {1, 0}, "a", 1, 0.005, 0));
    // Its inverse: [2/3 0 -1/3; 0 1 0; -1/3 0 2/3]; r = 1 - 0.2 * 0.005 / 0.01 = 0.9; b = (0.9, 0,
    // 0.9).
    assertArrayEquals(
        new double[] {1, 2, 0, 1, 0, 1, 0, 1, 0, 2, 0.9, 0, 0.9},
        router.state().arms().get("a"),
        1e-15);
    var pool = new Pool(List.of(new Pool.Member("a", 1), new Pool.Member("b", 1)));
    var route = router.route(Recorded.query(1, 0), pool, new SplittableRandom(1));
    // theta = A^-1 b = (0.3, 0, 0.3): 0.6 + 0.5 sqrt(2/3); of b 0.5 sqrt(2).
    assertEquals("a", route.ranked().getFirst().member());
    assertEquals(0.6 + 0.5 * Math.sqrt(2 / 3.0), route.ranked().getFirst().score(), 1e-12);
    assertEquals(0.5 * Math.sqrt(2), route.ranked().getLast().score(), 1e-12);
  }

  @Test
  void forgettingByHand() {
    // One dimension beside the constant: A = 0.5 I + 0.5 I + phi phi^T = [2 1; 1 2], and after
    // another one 0.5 A + 0.5 I + phi phi^T = [2.5 1.5; 1.5 2.5].
    var router = new MetaLlmRouter(new Settings(0, 1, 0.5, 0, 0.01, 0, 0));
    router.observe(new Feedback.Rated(new float[] {1}, "a", 1, 0, 0));
    assertArrayEquals(new double[] {1, 2, 1, 1, 2, 1, 1}, router.state().arms().get("a"), 1e-12);
    router.observe(new Feedback.Rated(new float[] {1}, "a", 1, 0, 0));
    assertArrayEquals(
        new double[] {2, 2.5, 1.5, 1.5, 2.5, 1.5, 1.5}, router.state().arms().get("a"), 1e-12);
  }

  @Test
  void whatIsForgottenLeavesTheRegulariser() {
    // The same query for ever: of what is orthogonal to it nothing is known, as at the start.
    var router = new MetaLlmRouter(new Settings(1, 0.5, 0.5, 0, 0.01, 0, 0));
    for (int i = 0; i < 5000; i++) {
      router.observe(new Feedback.Rated(new float[] {1, 0, 0}, "a", 1, 0, 0));
    }
    var pool = new Pool(List.of(new Pool.Member("a", 1)));
    var choice =
        router.route(Recorded.query(0, 0, 1), pool, new SplittableRandom(1)).ranked().getFirst();
    // A = 0.5 I + 2 phi phi^T, b = 2 phi, phi = (1, 0, 0, 1). Of x = (0, 0, 1, 1), by Sherman and
    // Morrison: theta^T x = 4 / 9, x^T A^-1 x = 4 - 2 * 4 / (1 + 8) = 28 / 9.
    assertEquals(4 / 9.0 + Math.sqrt(28 / 9.0), choice.score(), 1e-9);
  }

  @Test
  void theSpecialistIsFound() {
    var router = learned(new MetaLlmRouter(SETTINGS), 0, 400);
    int found = 0;
    for (int i = 0; i < 100; i++) {
      var query = Recorded.query(Recorded.near(i % 4, new SplittableRandom(5000 + i)));
      found +=
          names(router.route(query, pool(4), new SplittableRandom(i)))
                  .getFirst()
                  .equals("m" + i % 4)
              ? 1
              : 0;
    }
    assertTrue(found > 95, found + " of 100");
  }

  @Test
  void theLogRebuildsTheStateBitForBit() {
    var one = learned(new MetaLlmRouter(new Settings()), 0, 100);
    var half = learned(new MetaLlmRouter(new Settings()), 0, 50);
    var goesOn = new MetaLlmRouter(new Settings(), OnlineState.of(half.state().bytes()));
    assertArrayEquals(one.state().bytes(), learned(goesOn, 50, 100).state().bytes());
  }

  @Test
  void whatIsNoRewardIsRefused() {
    var router = new MetaLlmRouter(SETTINGS);
    assertThrows(
        IllegalArgumentException.class,
        () -> router.observe(new Feedback.Compared(new float[] {1}, "a", "b", 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> router.observe(new Feedback.Rated(new float[0], "a", 1, 0, 0)));
    assertEquals(0, router.state().observed());
    router.observe(new Feedback.Rated(new float[] {1}, "a", 1, 0, 0));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> router.observe(new Feedback.Rated(new float[] {1, 0}, "a", 1, 0, 0)));
    assertTrue(e.getMessage().contains("7") && e.getMessage().contains("13"), e.getMessage());
  }

  @Test
  void anArmIsShownWithItsMeanReward() {
    var router = new MetaLlmRouter(new MetaLlmRouter.Settings());
    for (double quality : new double[] {1, 0, 0.5, 1}) {
      router.observe(new Feedback.Rated(new float[] {0.6f, 0.8f}, "a", quality, 0, 0));
    }
    var shown = router.shown(router.state().arms().get("a"));
    assertEquals(4, shown.get("observations"));
    assertEquals(0.625, shown.get("mean_reward"), 1e-12);
  }
}
