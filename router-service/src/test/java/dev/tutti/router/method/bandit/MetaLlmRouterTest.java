package dev.tutti.router.method.bandit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Recorded;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.RouterContract;
import dev.tutti.router.method.bandit.MetaLlmRouter.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MetaLlmRouterTest extends RouterContract {

  private static final Settings SETTINGS = new Settings(0.5, 1, 1, 0, 0.01, 0, 0);

  private final MetaLlmRouter learned = learned(new MetaLlmRouter(new Settings()), 0, 200);

  @Override
  protected Router router() {
    return learned;
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

  @Test
  void theDefaultsAreThoseOfAStartFromNothing() {
    assertEquals(new Settings(0.3, 1, 1, 0, 0.01, 64, 0), new Settings());
  }

  private static Route.Choice only(MetaLlmRouter router, float... x) {
    return router
        .route(
            Recorded.query(x), new Pool(List.of(new Pool.Member("a", 1))), new SplittableRandom(1))
        .ranked()
        .getFirst();
  }

  /** Always the same one: states that are kept depend on it. */
  @Test
  void embeddingsAreProjectedAtRandom() {
    var random = new SplittableRandom(20240710);
    float[] x = {0.5f, -1, 2};
    var phi = new double[] {0, 0, 1};
    for (float number : x) {
      for (int k = 0; k < 2; k++) {
        phi[k] += number * (float) (random.nextGaussian() / Math.sqrt(2));
      }
    }
    var router = new MetaLlmRouter(new Settings(0.5, 2, 1, 0, 0.01, 2, 0));
    double squares = phi[0] * phi[0] + phi[1] * phi[1] + 1;
    assertEquals(0.5 * Math.sqrt(squares / 2), only(router, x).score(), 1e-12);
    router.observe(new Feedback.Rated(x, "a", 0.5, 0, 0));
    var arm = new double[13];
    arm[0] = 1;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        arm[1 + 3 * i + j] = phi[i] * phi[j] + (i == j ? 2 : 0);
      }
      arm[10 + i] = 0.5 * phi[i];
    }
    assertArrayEquals(arm, router.state().arms().get("a"), 1e-12);
    // A = 2 I + phi phi^T: phi^T A^-1 phi = s / (2 + s).
    double along = squares / (2 + squares);
    assertEquals(0.5 * along + 0.5 * Math.sqrt(along), only(router, x).score(), 1e-12);
    // Of another length it is projected by its own matrix.
    var other = new MetaLlmRouter(new Settings(0.5, 2, 1, 0, 0.01, 2, 0));
    only(other, x);
    assertEquals(
        only(new MetaLlmRouter(new Settings(0.5, 2, 1, 0, 0.01, 2, 0)), 1, 0, 0, 2).score(),
        only(other, 1, 0, 0, 2).score());
    // As many dimensions as numbers: as it is.
    router = new MetaLlmRouter(new Settings(0.5, 2, 1, 0, 0.01, 3, 0));
    assertEquals(0.5 * Math.sqrt(6.25 / 2), only(router, x).score(), 1e-12);
  }

  @Test
  void whatIsDearestCountsAsOne() {
    var router = new MetaLlmRouter(new Settings(0, 1, 1, 0.25, 0.01, 0, 0));
    router.observe(new Feedback.Rated(new float[] {2}, "a", 0.75, 0.05, 0));
    // r = 0.75 - 0.25; b = r (2, 1).
    assertArrayEquals(new double[] {1, 5, 2, 2, 2, 1, 0.5}, router.state().arms().get("a"), 1e-12);
    // Without alpha the value alone: 0.5 s / (1 + s) with s = 5.
    assertEquals(0.5 * 5 / 6, only(router, 2).score(), 1e-12);
  }

  @Test
  void whatIsObservedOrRestoredIsSolvedAnew() {
    var router = new MetaLlmRouter(new Settings(0, 1, 1, 0, 0.01, 0, 0));
    router.observe(new Feedback.Rated(new float[] {2}, "a", 1, 0, 0));
    assertEquals(5 / 6.0, only(router, 2).score(), 1e-12);
    OnlineState first = router.state();
    router.observe(new Feedback.Rated(new float[] {2}, "a", 0, 0, 0));
    // A = I + 2 phi phi^T, b = phi: s / (1 + 2 s).
    assertEquals(5 / 11.0, only(router, 2).score(), 1e-12);
    OnlineState second = router.state();
    router.restore(first, List.of());
    assertEquals(5 / 6.0, only(router, 2).score(), 1e-12);
    router.advance(second, List.of());
    assertEquals(5 / 11.0, only(router, 2).score(), 1e-12);
    var e = assertThrows(IllegalArgumentException.class, () -> only(router, 2, 1));
    assertTrue(e.getMessage().contains("7") && e.getMessage().contains("13"), e.getMessage());
  }

  @Test
  void whatItIsKeptBy() {
    var router = new MetaLlmRouter(new Settings(0.3, 2, 0.75, 0.5, 0.01, 3, 0.1));
    assertEquals("lambda=2.0 gamma=0.75 p=0.5 c_max=0.01 dimensions=3", router.basis());
    assertEquals(Observing.Kind.BANDIT_ARM, router.kind());
    // One dimension beside the constant, nothing seen, as A is lambda I.
    assertEquals(Map.of("observations", 0.0), router.shown(new double[] {0, 2, 0, 0, 2, 0, 0}));
    // A of the constant is 2 + 4, b 3.
    assertEquals(
        Map.of("observations", 5.0, "mean_reward", 0.75),
        router.shown(new double[] {5, 2, 0, 0, 6, 1, 3}));
  }

  @Test
  void whatIsRefusedIsNamed() {
    var router = new MetaLlmRouter(SETTINGS);
    var failed =
        assertThrows(
            IllegalArgumentException.class,
            () -> router.observe(new Feedback.Failed(new float[] {1}, "a", Set.of())));
    assertTrue(failed.getMessage().contains("without an answer"), failed.getMessage());
    var compared =
        assertThrows(
            IllegalArgumentException.class,
            () -> router.observe(new Feedback.Compared(new float[] {1}, "a", "b", 1)));
    assertTrue(compared.getMessage().contains("a comparison"), compared.getMessage());
  }
}
