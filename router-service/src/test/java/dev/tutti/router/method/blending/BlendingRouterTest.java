package dev.tutti.router.method.blending;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.RouterContract;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BlendingRouterTest extends RouterContract {

  @Override
  protected Router router() {
    return new BlendingRouter();
  }

  @Test
  void theRaceOfTwoByHand() {
    Pool pool = new Pool(List.of(new Pool.Member("b", 3), new Pool.Member("a", 1)));
    // a: -ln(1 - 0.5) / 0.25 = 2.773; b: -ln(1 - 0.9) / 0.75 = 3.070
    assertEquals(List.of("a", "b"), names(route(pool, 0.5, 0.9)));
    // b: -ln(1 - 0.8) / 0.75 = 2.146
    assertEquals(List.of("b", "a"), names(route(pool, 0.5, 0.8)));
    Route route = route(pool, 0.5, 0.8);
    assertEquals(new Route.Choice("b", 0.75, 0.75), route.ranked().getFirst());
    assertEquals(new Route.Choice("a", 0.25, 0.25), route.ranked().getLast());
    assertEquals("Drawn at random for turn 1: b, with probability 0.750.", route.explanation());
  }

  @Test
  void equalWeightsAreThePapersUniformDraw() {
    Pool pool =
        new Pool(
            List.of(new Pool.Member("a", 1), new Pool.Member("b", 1), new Pool.Member("c", 1)));
    route(pool, 1L).ranked().forEach(c -> assertEquals(1.0 / 3, c.propensity(), 1e-15));
  }

  @Test
  void theOrderIsSuccessiveSamplingWithoutReplacement() {
    Pool pool =
        new Pool(
            List.of(new Pool.Member("a", 1), new Pool.Member("b", 2), new Pool.Member("c", 3)));
    int draws = 30_000;
    var seen = new HashMap<String, Integer>();
    for (long seed = 0; seed < draws; seed++) {
      seen.merge(String.join("", names(route(pool, seed))), 1, Integer::sum);
    }
    // First by share of 6, second by share of what the first left.
    Map<String, Double> expected =
        Map.of(
            "abc", draws / 6.0 * 2 / 5,
            "acb", draws / 6.0 * 3 / 5,
            "bac", draws / 3.0 * 1 / 4,
            "bca", draws / 3.0 * 3 / 4,
            "cab", draws / 2.0 * 1 / 3,
            "cba", draws / 2.0 * 2 / 3);
    assertFits(expected, seen);
  }

  @Test
  void weightsNearTheLimitsOfDoublesKeepTheirRatio() {
    for (double scale : new double[] {Double.MAX_VALUE / 2, Double.MIN_NORMAL}) {
      Pool pool = new Pool(List.of(new Pool.Member("a", scale), new Pool.Member("b", 2 * scale)));
      Route route = route(pool, 5L);
      double a =
          route.ranked().stream()
              .filter(c -> c.member().equals("a"))
              .findFirst()
              .orElseThrow()
              .propensity();
      assertEquals(1.0 / 3, a, 1e-12);
    }
  }

  private Route route(Pool pool, double... numbers) {
    Iterator<Double> next = java.util.Arrays.stream(numbers).iterator();
    RandomGenerator random =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            throw new AssertionError("only doubles are drawn");
          }

          @Override
          public double nextDouble() {
            return next.next();
          }
        };
    return router().route(QUERY, pool, random);
  }

  private Route route(Pool pool, long seed) {
    return router().route(QUERY, pool, new SplittableRandom(seed));
  }

  @Test
  void largeWeightsAreSharesOfTheirSum() {
    Pool pool = new Pool(List.of(new Pool.Member("b", 60), new Pool.Member("a", 20)));
    // As 3 and 1.
    Route route = route(pool, 0.5, 0.8);
    assertEquals(List.of("b", "a"), names(route));
    assertEquals(0.75, route.ranked().getFirst().propensity(), 1e-15);
    assertEquals(List.of("a", "b"), names(route(pool, 0.5, 0.9)));
  }
}
