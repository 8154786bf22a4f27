package dev.tutti.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every router keeps to; its test extends this. */
public abstract class RouterContract {

  protected static final Query QUERY =
      new Query(
          List.of(new Query.Message(Query.Role.USER, "What is 2 + 2?")),
          new float[] {0.6f, 0.8f, 0, 0, 0, 0, 0, 0});

  /** Upper 0.1 % points of the chi-square distribution, by degrees of freedom from 1. */
  private static final double[] CHI_SQUARE = {10.828, 13.816, 16.266, 18.467, 20.515, 22.458};

  /** The router. */
  protected abstract Router router();

  @Test
  void oneMemberIsAskedForSure() {
    Route route = route(pool(1), 1);
    assertEquals(List.of("m0"), names(route));
    assertEquals(1, route.ranked().getFirst().propensity());
  }

  @Test
  void theWholePoolIsRankedAndNobodyElse() {
    for (int size = 1; size <= 64; size++) {
      Pool pool = pool(size);
      for (long seed = 0; seed < 20; seed++) {
        assertEquals(
            pool.members().stream().map(Pool.Member::name).sorted().toList(),
            names(route(pool, seed)).stream().sorted().toList());
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameRouteForAnyOrderOfThePool() {
    var random = new Random(7);
    for (long seed = 0; seed < 200; seed++) {
      Pool pool = pool(2 + random.nextInt(10));
      var shuffled = new ArrayList<>(pool.members());
      Collections.shuffle(shuffled, random);
      assertEquals(route(pool, seed), route(new Pool(shuffled), seed));
    }
  }

  @Test
  void propensitiesSumToOne() {
    for (int size = 1; size <= 64; size++) {
      assertEquals(
          1,
          route(pool(size), size).ranked().stream().mapToDouble(Route.Choice::propensity).sum(),
          1e-12);
    }
  }

  @Test
  void membersAreChosenAsOftenAsTheirPropensitySays() {
    Pool pool = pool(5);
    int draws = 20_000;
    var first = new HashMap<String, Integer>();
    for (long seed = 0; seed < draws; seed++) {
      first.merge(names(route(pool, seed)).getFirst(), 1, Integer::sum);
    }
    Map<String, Double> expected =
        route(pool, 0).ranked().stream()
            .filter(c -> c.propensity() > 0)
            .collect(Collectors.toMap(Route.Choice::member, c -> draws * c.propensity()));
    assertTrue(expected.keySet().containsAll(first.keySet()), first.toString());
    assertFits(expected, first);
  }

  @Test
  void manyThreadsGetWhatOneGets() {
    Pool pool = pool(9);
    Router router = router();
    List<Route> one = LongStream.range(0, 500).mapToObj(s -> route(router, pool, s)).toList();
    List<Route> many =
        LongStream.range(0, 500).parallel().mapToObj(s -> route(router, pool, s)).toList();
    assertEquals(one, many);
  }

  @Test
  void theExplanationNamesTheFirst() {
    Route route = route(pool(3), 1);
    assertFalse(route.explanation().isBlank());
    assertTrue(route.explanation().contains(names(route).getFirst()), route.explanation());
  }

  /** Pearson's test at 0.1 %, which a fixed seed passes or fails for good. */
  protected static void assertFits(Map<String, Double> expected, Map<String, Integer> seen) {
    if (expected.size() < 2) {
      return;
    }
    double statistic = 0;
    for (var entry : expected.entrySet()) {
      double difference = seen.getOrDefault(entry.getKey(), 0) - entry.getValue();
      statistic += difference * difference / entry.getValue();
    }
    assertTrue(
        statistic < CHI_SQUARE[expected.size() - 2],
        "chi-square %s, expected %s, seen %s".formatted(statistic, expected, seen));
  }

  /** Members m0, m1, ... of different weights. */
  protected static Pool pool(int size) {
    return new Pool(
        IntStream.range(0, size).mapToObj(i -> new Pool.Member("m" + i, 0.5 + i)).toList());
  }

  private Route route(Pool pool, long seed) {
    return route(router(), pool, seed);
  }

  private static Route route(Router router, Pool pool, long seed) {
    return router.route(QUERY, pool, new SplittableRandom(seed));
  }

  protected static List<String> names(Route route) {
    return route.ranked().stream().map(Route.Choice::member).toList();
  }
}
