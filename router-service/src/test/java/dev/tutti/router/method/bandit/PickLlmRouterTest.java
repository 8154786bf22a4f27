package dev.tutti.router.method.bandit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Draws;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Recorded;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.RouterContract;
import dev.tutti.router.method.bandit.PickLlmRouter.Learner;
import dev.tutti.router.method.bandit.PickLlmRouter.RewardShape;
import dev.tutti.router.method.bandit.PickLlmRouter.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PickLlmRouterTest {

  private static Settings settings(Learner learner, RewardShape shape) {
    return new Settings(learner, shape, 0.5, 0.1, 1, 0.2, 0.1, 0.01, 9);
  }

  private static Feedback rated(String member, double quality, double usd, double seconds) {
    return new Feedback.Rated(new float[0], member, quality, usd, seconds);
  }

  private static PickLlmRouter learned(Learner learner, OnlineState state, int from, int to) {
    var router = new PickLlmRouter(settings(learner, RewardShape.SUM), state);
    for (int i = from; i < to; i++) {
      int member = new SplittableRandom(i).nextInt(4);
      router.observe(rated("m" + member, member == 2 ? 0.9 : 0.3, 0.001 * member, member));
    }
    return router;
  }

  @Nested
  class QLearning extends RouterContract {
    private final Router router = learned(Learner.Q_LEARNING, OnlineState.EMPTY, 0, 100);

    @Override
    protected Router router() {
      return router;
    }
  }

  @Nested
  class Automaton extends RouterContract {
    private final Router router = learned(Learner.LINEAR_REWARD_INACTION, OnlineState.EMPTY, 0, 20);

    @Override
    protected Router router() {
      return router;
    }
  }

  @Test
  void rewardsByHand() {
    var answer = new Feedback.Rated(new float[0], "a", 0.8, 0.005, 9);
    // 0.8 - 0.2 * 0.5 - 0.1 * log10(10) / log10(10).
    assertEquals(
        0.6,
        new PickLlmRouter(settings(Learner.Q_LEARNING, RewardShape.SUM)).reward(answer),
        1e-12);
    // 0.8 - 0.2 * 0.005 * 0.1 * 1.
    assertEquals(
        0.7999,
        new PickLlmRouter(settings(Learner.Q_LEARNING, RewardShape.PRODUCT)).reward(answer),
        1e-12);
  }

  @Test
  void actionValuesByHand() {
    var router = new PickLlmRouter(settings(Learner.Q_LEARNING, RewardShape.SUM));
    router.observe(rated("a", 0.8, 0.005, 9));
    // 1 + 0.5 (0.6 - 1).
    assertArrayEquals(new double[] {0.8, 1}, router.state().arms().get("a"), 1e-12);
    router.observe(rated("a", 0.8, 0.005, 9));
    assertArrayEquals(new double[] {0.7, 2}, router.state().arms().get("a"), 1e-12);
  }

  @Test
  void theAutomatonByHand() {
    var router = new PickLlmRouter(settings(Learner.LINEAR_REWARD_INACTION, RewardShape.SUM));
    router.observe(rated("a", 1, 0, 0));
    assertEquals(1, router.state().arms().get("a")[0], 1e-12);
    // b comes in with a half; R = 0, r = 0.3 / 1.3, step 0.5 r = 0.115385.
    router.observe(rated("b", 0.3, 0.01, 9));
    assertEquals(0.5 + 0.1153846 * 0.5, router.state().arms().get("b")[0], 1e-6);
    assertEquals(0.5 - 0.1153846 * 0.5, router.state().arms().get("a")[0], 1e-6);
  }

  private static Feedback among(String member, double quality, String... pool) {
    return new Feedback.Rated(new float[0], member, quality, 0, 0, Set.of(pool));
  }

  @Test
  void theAutomatonStartsEvenAndLeavesOthersAlone() {
    var router = new PickLlmRouter(settings(Learner.LINEAR_REWARD_INACTION, RewardShape.SUM));
    // 1/4 each; R = 1, r = 1, step 0.5.
    router.observe(among("a", 1, "a", "b", "c", "d"));
    assertEquals(0.25 + 0.5 * 0.75, router.state().arms().get("a")[0], 1e-12);
    assertEquals(0.125, router.state().arms().get("d")[0], 1e-12);
    // b and c have 1/4 together; a and d could not be asked.
    router.observe(among("b", 1, "b", "c"));
    assertEquals(0.625, router.state().arms().get("a")[0], 1e-12);
    assertEquals(0.125, router.state().arms().get("d")[0], 1e-12);
    assertEquals(0.125 + 0.5 * 0.125, router.state().arms().get("b")[0], 1e-12);
    assertEquals(0.0625, router.state().arms().get("c")[0], 1e-12);
    assertThrows(IllegalArgumentException.class, () -> among("a", 1, "b"));
  }

  @Test
  void aWorthlessAnswerMovesNothingWhateverTheShape() {
    for (RewardShape shape : RewardShape.values()) {
      var router = new PickLlmRouter(settings(Learner.LINEAR_REWARD_INACTION, shape));
      router.observe(new Feedback.Rated(new float[0], "a", 0, 0.01, 9, Set.of("a", "b")));
      assertEquals(0.5, router.state().arms().get("a")[0], 1e-12, shape.name());
    }
  }

  /** Each sees the feedback on its own choices only. */
  @Test
  void bothSettleOnTheBest() {
    for (Learner learner : Learner.values()) {
      var router =
          new PickLlmRouter(
              new Settings(learner, RewardShape.SUM, 0.02, 0.1, 1, 0.2, 0.1, 0.01, 9));
      var random = new SplittableRandom(3);
      for (int i = 0; i < 4000; i++) {
        String member = first(router, random);
        router.observe(rated(member, member.equals("m2") ? 0.9 : 0.3, 0.001, 1));
      }
      int best = 0;
      for (int i = 0; i < 1000; i++) {
        best += first(router, random).equals("m2") ? 1 : 0;
      }
      // In nine of ten cases the best, else anybody of four.
      assertTrue(best > 880, learner + " " + best);
      double sum = router.state().arms().values().stream().mapToDouble(arm -> arm[0]).sum();
      assertTrue(learner == Learner.Q_LEARNING || Math.abs(sum - 1) < 1e-9, "sum " + sum);
    }
  }

  private static String first(PickLlmRouter router, SplittableRandom random) {
    var pool = new Pool(Stream.of("m0", "m1", "m2", "m3").map(m -> new Pool.Member(m, 1)).toList());
    return router.route(Recorded.query(), pool, random).ranked().getFirst().member();
  }

  @Test
  void theLogRebuildsTheStateBitForBit() {
    for (Learner learner : Learner.values()) {
      OnlineState half = learned(learner, OnlineState.EMPTY, 0, 50).state();
      assertArrayEquals(
          learned(learner, OnlineState.EMPTY, 0, 100).state().bytes(),
          learned(learner, OnlineState.of(half.bytes()), 50, 100).state().bytes());
    }
  }

  @Test
  void aFailedCallByHand() {
    var values = new PickLlmRouter(settings(Learner.Q_LEARNING, RewardShape.SUM));
    values.observe(new Feedback.Failed(new float[0], "a", Set.of("a", "b")));
    // 1 + 0.5 (-1 - 1).
    assertArrayEquals(new double[] {0, 1}, values.state().arms().get("a"), 1e-12);
    var automaton = new PickLlmRouter(settings(Learner.LINEAR_REWARD_INACTION, RewardShape.SUM));
    automaton.observe(new Feedback.Failed(new float[0], "a", Set.of("a", "b")));
    assertArrayEquals(new double[] {0.5, 1}, automaton.state().arms().get("a"), 1e-12);
    assertArrayEquals(new double[] {0.5, 0}, automaton.state().arms().get("b"), 1e-12);
    assertTrue(values.learnsFromFailures());
    assertThrows(
        IllegalArgumentException.class, () -> new Feedback.Failed(new float[0], "a", Set.of("b")));
  }

  @Test
  void comparisonsAreRefused() {
    var router = new PickLlmRouter(new Settings());
    assertThrows(
        IllegalArgumentException.class,
        () -> router.observe(new Feedback.Compared(new float[0], "a", "b", 1)));
  }

  @Test
  void theDefaultsAreOurs() {
    assertEquals(
        new Settings(Learner.Q_LEARNING, RewardShape.SUM, 0.1, 0.1, 1, 0.2, 0.1, 0.01, 60),
        new Settings());
  }

  /** Numbers of which none is 1: log10(1 + 3) and log10(1 + 20). */
  @Test
  void rewardsWeighTheirParts() {
    var answer = new Feedback.Rated(new float[0], "a", 0.75, 0.004, 3);
    var sum = new Settings(Learner.Q_LEARNING, RewardShape.SUM, 0.5, 0.1, 2, 0.3, 0.7, 0.02, 20);
    double latency = Math.log10(4);
    assertEquals(
        1.5 - 0.3 * 0.2 - 0.7 * latency / Math.log10(21),
        new PickLlmRouter(sum).reward(answer),
        1e-12);
    var dear = new Feedback.Rated(new float[0], "a", 0.75, 0.5, 3000);
    assertEquals(1.5 - 0.3 - 0.7, new PickLlmRouter(sum).reward(dear), 1e-12);
    var product =
        new Settings(Learner.Q_LEARNING, RewardShape.PRODUCT, 0.5, 0.1, 2, 30, 7, 0.02, 20);
    assertEquals(1.5 - 30 * 0.004 * 7 * latency, new PickLlmRouter(product).reward(answer), 1e-12);
  }

  @Test
  void theAutomatonIsMovedByTheRewardBetweenItsBounds() {
    var answer = new Feedback.Rated(new float[0], "a", 0.75, 0.004, 3, Set.of("a", "b", "c"));
    for (RewardShape shape : RewardShape.values()) {
      var settings =
          new Settings(Learner.LINEAR_REWARD_INACTION, shape, 0.5, 0.1, 2, 3, 7, 0.02, 20);
      var router = new PickLlmRouter(settings);
      router.observe(answer);
      double least = shape == RewardShape.SUM ? -3 - 7 : -3 * 0.02 * 7 * Math.log10(21);
      double step = 0.5 * (router.reward(answer) - least) / (2 - least);
      assertEquals(1 / 3.0 + step * 2 / 3, router.state().arms().get("a")[0], 1e-12, shape.name());
      assertEquals(1 / 3.0 - step / 3, router.state().arms().get("b")[0], 1e-12, shape.name());
    }
  }

  private static Route drawn(OnlineState state, double epsilon, double draw, String... pool) {
    var settings =
        new Settings(
            Learner.LINEAR_REWARD_INACTION, RewardShape.SUM, 0.5, epsilon, 1, 0.2, 0.1, 0.01, 9);
    return new PickLlmRouter(settings, state)
        .route(
            Recorded.query(),
            new Pool(Stream.of(pool).map(m -> new Pool.Member(m, 1)).toList()),
            new Draws(draw));
  }

  private static String first(Route route) {
    return route.ranked().getFirst().member();
  }

  @Test
  void membersAreDrawnByTheirProbabilities() {
    var state =
        new OnlineState(
            Map.of(
                "a",
                new double[] {0.125, 1},
                "b",
                new double[] {0.5, 1},
                "c",
                new double[] {0.375, 1}),
            3);
    // By falling probability: b, c, a.
    assertEquals("b", first(drawn(state, 0, 0, "a", "b", "c")));
    assertEquals("b", first(drawn(state, 0, 0.49, "a", "b", "c")));
    assertEquals("c", first(drawn(state, 0, 0.5, "a", "b", "c")));
    assertEquals("c", first(drawn(state, 0, 0.87, "a", "b", "c")));
    Route last = drawn(state, 0, 0.875, "a", "b", "c");
    assertEquals(
        List.of(
            new Route.Choice("a", 0.125, 0.125),
            new Route.Choice("b", 0.5, 0.5),
            new Route.Choice("c", 0.375, 0.375)),
        last.ranked());
    assertEquals("a: drawn with probability 0.125.", last.explanation());
    // A tenth is spread over all; of two the shares are 1/5 and 4/5.
    Route two = drawn(state, 0.1, 0, "a", "b");
    assertEquals(0.9 * 0.8 + 0.05, two.ranked().getFirst().propensity(), 1e-12);
    assertEquals(0.9 * 0.2 + 0.05, two.ranked().getLast().propensity(), 1e-12);
    // A newcomer has the mean of those it is with: 1/4 of 1/8, 3/8 and it.
    Route newcomer = drawn(state, 0, 0.99, "c", "n", "a");
    assertEquals(1 / 3.0, shares(newcomer).get("n"), 1e-12);
    assertEquals(1 / 6.0, shares(newcomer).get("a"), 1e-12);
    assertEquals(1 / 2.0, shares(drawn(state, 0, 0, "n", "o")).get("o"), 1e-12);
  }

  @Test
  void whereNobodyWasEverGoodAllAreAlike() {
    var state = new OnlineState(Map.of("a", new double[] {0, 1}, "b", new double[] {0, 1}), 2);
    assertEquals(Map.of("a", 0.5, "b", 0.5), shares(drawn(state, 0.2, 0.7, "a", "b")));
  }

  private static Map<String, Double> shares(Route route) {
    return route.ranked().stream()
        .collect(Collectors.toMap(Route.Choice::member, Route.Choice::propensity));
  }

  @Test
  void whatItIsKeptBy() {
    var values = new PickLlmRouter(settings(Learner.Q_LEARNING, RewardShape.SUM));
    assertEquals(
        "Q_LEARNING SUM rate=0.5 w_a=1.0 w_c=0.2 w_l=0.1 c_max=0.01 l_max=9.0", values.basis());
    assertEquals(Observing.Kind.BANDIT_ARM, values.kind());
    double[] arm = {0.25, 4};
    assertEquals(Map.of("value", 0.25, "observations", 4.0), values.shown(arm));
    var automaton = new PickLlmRouter(settings(Learner.LINEAR_REWARD_INACTION, RewardShape.SUM));
    assertEquals(Map.of("probability", 0.25, "observations", 4.0), automaton.shown(arm));
    var state = new OnlineState(Map.of("a", arm), 4);
    values.restore(state, List.of());
    assertEquals(0.25, values.state().arms().get("a")[0]);
    automaton.advance(state, List.of());
    assertEquals(0.25, automaton.state().arms().get("a")[0]);
  }

  @Test
  void whoIsNewIsWorthTheMostThereCanBe() {
    var router =
        new PickLlmRouter(
            new Settings(Learner.Q_LEARNING, RewardShape.SUM, 0.5, 0, 2, 0.2, 0.1, 0.01, 9),
            new OnlineState(Map.of("a", new double[] {1.5, 4}), 4));
    Route route =
        router.route(
            Recorded.query(),
            new Pool(List.of(new Pool.Member("a", 1), new Pool.Member("n", 1))),
            new Draws());
    assertEquals(
        List.of(new Route.Choice("n", 2, 1), new Route.Choice("a", 1.5, 0)), route.ranked());
  }
}
