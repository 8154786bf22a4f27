package dev.tutti.router.method.elo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Recorded;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.RouterContract;
import dev.tutti.router.method.elo.EagleRouter.LocalInit;
import dev.tutti.router.method.elo.EagleRouter.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EagleRouterTest extends RouterContract {

  private static final float[] X = {1, 0, 0, 0, 0, 0, 0, 0};
  private static final float[] Y = {0, 1, 0, 0, 0, 0, 0, 0};
  private static final Pool AB =
      new Pool(List.of(new Pool.Member("a", 1), new Pool.Member("b", 1)));

  private final EagleRouter learned = new EagleRouter(new Settings());

  @Override
  protected Router router() {
    if (learned.state().observed() == 0) {
      feedback(300, 1).forEach(learned::observe);
    }
    return learned;
  }

  private static List<Feedback> feedback(int count, long seed) {
    var random = new SplittableRandom(seed);
    var log = new ArrayList<Feedback>();
    for (int i = 0; i < count; i++) {
      float[] x = Recorded.near(i, random);
      String first = "m" + random.nextInt(4);
      String second = "m" + (4 + random.nextInt(4));
      log.add(
          i % 3 == 0
              ? new Feedback.Rated(x, first, random.nextDouble(), 0.001, 1)
              : new Feedback.Compared(x, first, second, random.nextInt(3) / 2.0));
    }
    return log;
  }

  @Test
  void anEloSequenceByHand() {
    var eagle = new EagleRouter(new Settings());
    // Equal: E = 0.5, 16 points.
    eagle.observe(new Feedback.Compared(X, "a", "b", 1));
    assertRatings(eagle, 1016, 984);
    // E_a = 1 / (1 + 10^(-32/400)) = 0.545922; a loses: 32 * -0.545922 = -17.469.
    eagle.observe(new Feedback.Compared(X, "a", "b", 0));
    assertRatings(eagle, 998.530502, 1001.469498);
    // E_a = 1 / (1 + 10^(2.938996/400)) = 0.495771; a tie: 32 * 0.004229 = 0.135.
    eagle.observe(new Feedback.Compared(Y, "a", "b", 0.5));
    assertRatings(eagle, 998.665839, 1001.334161);
    // Against the par of 1000: E = 0.498080; right: 32 * 0.501920.
    eagle.observe(new Feedback.Rated(Y, "a", 1, 0, 0));
    assertRatings(eagle, 1014.727279, 1001.334161);
    assertArrayEquals(new double[] {1014.727279, 4}, eagle.state().arms().get("a"), 1e-5);
  }

  private static void assertRatings(EagleRouter eagle, double a, double b) {
    assertEquals(a, eagle.state().arms().get("a")[0], 1e-5);
    assertEquals(b, eagle.state().arms().get("b")[0], 1e-5);
  }

  @Test
  void theLocalRatingByHand() {
    // Far away a wins, near b wins; one neighbour.
    for (LocalInit init : LocalInit.values()) {
      var eagle = new EagleRouter(new Settings(0.5, 1, 32, init, 0));
      eagle.observe(new Feedback.Compared(X, "a", "b", 1));
      eagle.observe(new Feedback.Compared(X, "a", "b", 1));
      eagle.observe(new Feedback.Compared(Y, "a", "b", 0));
      double a = eagle.state().arms().get("a")[0];
      double b = eagle.state().arms().get("b")[0];
      double localA = init == LocalInit.FLAT ? 1000 : a;
      double localB = init == LocalInit.FLAT ? 1000 : b;
      double moved = 32 * (0 - 1 / (1 + Math.pow(10, (localB - localA) / 400)));
      Route route = eagle.route(Recorded.query(Y), AB, new SplittableRandom(1));
      for (Route.Choice choice : route.ranked()) {
        double expected =
            choice.member().equals("a")
                ? 0.5 * a + 0.5 * (localA + moved)
                : 0.5 * b + 0.5 * (localB - moved);
        assertEquals(expected, choice.score(), 1e-9, init + " " + choice.member());
      }
    }
  }

  @Test
  void whatIsNearDecides() {
    var eagle = new EagleRouter(new Settings(0.3, 1, 32, LocalInit.GLOBAL, 0));
    for (int i = 0; i < 30; i++) {
      eagle.observe(new Feedback.Compared(X, "a", "b", 1));
      eagle.observe(new Feedback.Compared(Y, "a", "b", 0));
    }
    assertEquals("a", first(eagle, X));
    assertEquals("b", first(eagle, Y));
  }

  private static String first(EagleRouter eagle, float[] x) {
    return names(eagle.route(Recorded.query(x), AB, new SplittableRandom(1))).getFirst();
  }

  @Test
  void theLogRebuildsTheStateBitForBit() {
    List<Feedback> log = feedback(1500, 2);
    var one = new EagleRouter(new Settings());
    log.forEach(one::observe);
    var other = new EagleRouter(new Settings());
    log.subList(0, 700).forEach(other::observe);
    var goesOn =
        new EagleRouter(new Settings(), OnlineState.of(other.state().bytes()), log.subList(0, 700));
    log.subList(700, 1500).forEach(goesOn::observe);
    assertArrayEquals(one.state().bytes(), goesOn.state().bytes());
    var random = new SplittableRandom(3);
    for (int i = 0; i < 100; i++) {
      var query = Recorded.query(Recorded.near(i, random));
      assertEquals(
          one.route(query, pool(9), new SplittableRandom(i)),
          goesOn.route(query, pool(9), new SplittableRandom(i)));
    }
  }

  /** What is remembered is the same, in whatever portions it came. */
  @Test
  void theOldestFeedbackIsForgotten() {
    List<Feedback> log = feedback(EagleRouter.MOST + 2 * EagleRouter.CHUNK + 77, 5);
    var grown = new EagleRouter(new Settings());
    var random = new SplittableRandom(6);
    OnlineState state = OnlineState.EMPTY;
    for (int at = 0; at < log.size(); ) {
      int end = Math.min(log.size(), at + 1 + random.nextInt(3_000));
      for (Feedback feedback : log.subList(at, end)) {
        state = grown.learn(state, feedback);
      }
      grown.advance(state, log.subList(at, end));
      at = end;
    }
    assertEquals(log.size(), state.observed());
    List<Feedback> last = log.subList(log.size() - grown.remembered(), log.size());
    var restored = new EagleRouter(new Settings(), state, last);
    for (int i = 0; i < 50; i++) {
      var query = Recorded.query(Recorded.near(i, random));
      assertEquals(
          grown.route(query, pool(9), new SplittableRandom(i)),
          restored.route(query, pool(9), new SplittableRandom(i)));
    }
  }

  @Test
  void aCallWithoutAnAnswerIsRefused() {
    var eagle = new EagleRouter(new Settings());
    assertThrows(
        IllegalArgumentException.class,
        () -> eagle.observe(new Feedback.Failed(X, "a", Set.of("a"))));
    assertEquals(0, eagle.state().observed());
  }

  @Test
  void nobodyIsComparedWithItself() {
    assertThrows(IllegalArgumentException.class, () -> new Feedback.Compared(X, "a", "a", 1));
    assertThrows(
        IllegalArgumentException.class, () -> new Feedback.Compared(X, "a", "b", Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Feedback.Rated(X, "a", 1.1, 0, 0));
  }

  @Test
  void allFeedbackOnAQueryIsOneNeighbour() {
    var log =
        List.<Feedback>of(
            new Feedback.Compared(X, "a", "b", 1),
            new Feedback.Compared(Y, "a", "b", 0),
            new Feedback.Compared(X.clone(), "c", "b", 1),
            new Feedback.Rated(X.clone(), "a", 1, 0, 0));
    var index = FeedbackIndex.of(List.of());
    for (Feedback feedback : log) {
      index = index.with(List.of(feedback));
    }
    var onX = List.of(log.get(0), log.get(2), log.get(3));
    assertEquals(onX, index.nearest(X, 1));
    assertEquals(onX, FeedbackIndex.of(log).nearest(X, 1));
    assertEquals(log, index.nearest(X, 2));
  }

  @Test
  void theDefaultsAreThePapers() {
    assertEquals(new Settings(0.5, 20, 32, LocalInit.GLOBAL, 0.05), new Settings());
  }

  @Test
  void whatItIsKeptBy() {
    var eagle = new EagleRouter(new Settings(0.5, 20, 24, LocalInit.GLOBAL, 0));
    assertEquals("k=24.0", eagle.basis());
    assertEquals(Observing.Kind.ELO_RATING, eagle.kind());
    assertEquals(
        Map.of("rating", 1010.0, "observations", 3.0), eagle.shown(new double[] {1010, 3}));
    assertEquals(22_000, eagle.remembered());
  }

  /** A share of three quarters, unlike the other's, and two neighbours of three. */
  @Test
  void theScoreIsMixedFromBothRatings() {
    var eagle = new EagleRouter(new Settings(0.75, 2, 40, LocalInit.FLAT, 0));
    eagle.observe(new Feedback.Rated(X, "a", 1, 0, 0));
    eagle.observe(new Feedback.Rated(Y, "a", 0, 0, 0));
    eagle.observe(new Feedback.Rated(new float[] {0.6f, 0.8f, 0, 0, 0, 0, 0, 0}, "b", 1, 0, 0));
    double a = eagle.state().arms().get("a")[0];
    Route route = eagle.route(Recorded.query(Y), AB, new SplittableRandom(1));
    // b gained 20 points, here as everywhere; of a only its loss is near.
    assertEquals("b", route.ranked().getFirst().member());
    assertEquals(1020, route.ranked().getFirst().score(), 1e-9);
    assertEquals(0.75 * a + 0.25 * 980, route.ranked().getLast().score(), 1e-9);
  }
}
