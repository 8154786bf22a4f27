package dev.tutti.router.method.bandit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.numerics.Draws;
import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplorationTest {

  private static final Pool POOL =
      new Pool(
          List.of(
              new Pool.Member("d", 1, 0.5, 0),
              new Pool.Member("b", 1, 0.1, 0),
              new Pool.Member("c", 1, 0.2, 0),
              new Pool.Member("a", 1, 0.1, 0)));

  private static final Map<String, Double> SCORES = Map.of("a", 0.5, "b", 0.5, "c", 0.5, "d", 0.75);

  private static Route route(double epsilon, Double... draws) {
    return Exploration.greedy(POOL, SCORES::get, epsilon, new Draws(draws), "worth");
  }

  private static List<String> names(Route route) {
    return route.ranked().stream().map(Route.Choice::member).toList();
  }

  @Test
  void theBestComesFirstThenTheCheaperThenByName() {
    Route route = route(0);
    assertEquals(List.of("d", "a", "b", "c"), names(route));
    assertEquals(new Route.Choice("d", 0.75, 1), route.ranked().getFirst());
    assertEquals(new Route.Choice("c", 0.5, 0), route.ranked().getLast());
    assertEquals("d: worth 0.750.", route.explanation());
  }

  @Test
  void sometimesTheFirstIsDrawnFromAll() {
    // 0.2 is not below 0.2.
    Route best = route(0.2, 0.2);
    assertEquals(List.of("d", "a", "b", "c"), names(best));
    assertEquals(0.2 / 4 + 0.8, best.ranked().getFirst().propensity(), 1e-15);
    assertEquals(0.2 / 4, best.ranked().getLast().propensity(), 1e-15);
    assertEquals("d: worth 0.750.", best.explanation());
    // The third of the ranking; the best keeps its own probability.
    Route drawn = route(0.2, 0.19, 0.6);
    assertEquals(List.of("b", "d", "a", "c"), names(drawn));
    assertEquals(0.2 / 4, drawn.ranked().getFirst().propensity(), 1e-15);
    assertEquals(0.2 / 4 + 0.8, drawn.ranked().get(1).propensity(), 1e-15);
    assertEquals("b: worth 0.500. Drawn at random, to learn.", drawn.explanation());
  }
}
