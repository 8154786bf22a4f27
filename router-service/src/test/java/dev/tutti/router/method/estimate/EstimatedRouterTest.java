package dev.tutti.router.method.estimate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Draws;
import dev.tutti.router.Estimate;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.Recorded;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.RouterContract;
import dev.tutti.router.method.selection.BestQuality;
import dev.tutti.router.method.selection.Calibration;
import dev.tutti.router.method.selection.CheapestLabelled;
import dev.tutti.router.method.selection.CheapestWithinMargin;
import dev.tutti.router.method.selection.LatencyLimit;
import dev.tutti.router.method.selection.QualityMinusCost;
import dev.tutti.router.method.selection.RequestBudget;
import dev.tutti.router.method.selection.UnsureRandom;
import dev.tutti.router.method.selection.WinProbability;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EstimatedRouterTest extends RouterContract {

  @Override
  protected Router router() {
    return new EstimatedRouter(new Fixed(0.3, 0.8, 0.6), new BestQuality());
  }

  /** Knows m0, m1 and m2. */
  private record Fixed(double... quality) implements QualityEstimator {
    @Override
    public List<String> members() {
      return List.of("m0", "m1", "m2");
    }

    @Override
    public Estimate estimate(Query query) {
      return Estimate.of(quality, Estimate.Scale.OUTCOME);
    }

    @Override
    public Parameters parameters() {
      return Parameters.of(members());
    }
  }

  @Nested
  class Exploring extends RouterContract {
    @Override
    protected Router router() {
      return new EstimatedRouter(
          new Fixed(0.3, 0.8, 0.6), new BestQuality(), 0.2, Fitted.Source.NONE);
    }
  }

  @Nested
  class Unsure extends RouterContract {
    @Override
    protected Router router() {
      return new EstimatedRouter(
          new Fixed(0.3, 0.5, 0.4), new UnsureRandom(0.6), 0.1, Fitted.Source.NONE);
    }
  }

  @Test
  void whoIsUnknownIsTakenForTheMean() {
    Route route =
        new EstimatedRouter(new Fixed(0.3, 0.8, 0.7), new BestQuality())
            .route(
                QUERY,
                new Pool(
                    List.of(
                        new Pool.Member("new", 1),
                        new Pool.Member("m0", 1),
                        new Pool.Member("m1", 1))),
                new SplittableRandom(1));
    assertEquals(List.of("m1", "new", "m0"), names(route));
    assertEquals(0.55, route.ranked().get(1).score(), 1e-12);
  }

  @Test
  void numbersThatAreNoneAreRefused() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      var router = new EstimatedRouter(new Fixed(bad, 0.8, 0.6), new BestQuality());
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  router.route(
                      QUERY, new Pool(List.of(new Pool.Member("m0", 1))), new SplittableRandom(1)));
      assertTrue(e.getMessage().contains(Double.toString(bad)), e.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new EstimatedRouter(new Fixed(1, 1, 1), new BestQuality(), 1.1, Fitted.Source.NONE));
    assertThrows(IllegalArgumentException.class, () -> new Pool.Member("a", 1, Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> new Pool.Member("a", 1, 0, -1));
    assertThrows(IllegalArgumentException.class, () -> Recorded.query(Float.NaN));
  }

  private static EstimatedRouter.Settings settings(
      EstimatedRouter.Rule rule,
      OptionalDouble theta,
      OptionalDouble alpha,
      OptionalDouble mostUsd,
      OptionalDouble mostSeconds) {
    return new EstimatedRouter.Settings(
        "", rule, 7, 0.25, theta, alpha, 0.75, mostUsd, mostSeconds, 0);
  }

  @Test
  void eachRuleHasItsOwnSetting() {
    var none = OptionalDouble.empty();
    var calibration =
        new Calibration(OptionalDouble.of(0.875), OptionalDouble.of(0.125), List.of());
    var expected =
        Map.of(
            EstimatedRouter.Rule.BEST_QUALITY, new BestQuality(),
            EstimatedRouter.Rule.QUALITY_MINUS_COST, new QualityMinusCost(7),
            EstimatedRouter.Rule.CHEAPEST_WITHIN_MARGIN, new CheapestWithinMargin(0.25),
            EstimatedRouter.Rule.CHEAPEST_LABELLED, new CheapestLabelled(0.125),
            EstimatedRouter.Rule.WIN_PROBABILITY, new WinProbability(0.875),
            EstimatedRouter.Rule.UNSURE_RANDOM, new UnsureRandom(0.75));
    for (EstimatedRouter.Rule rule : EstimatedRouter.Rule.values()) {
      assertEquals(
          expected.get(rule),
          settings(rule, none, none, none, none).selection(calibration),
          rule.name());
    }
    assertEquals(
        new CheapestLabelled(0.5),
        settings(EstimatedRouter.Rule.CHEAPEST_LABELLED, none, none, none, none)
            .selection(Calibration.NONE));
    assertEquals(
        new WinProbability(0.5),
        settings(EstimatedRouter.Rule.WIN_PROBABILITY, none, none, none, none)
            .selection(Calibration.NONE));
    var set = OptionalDouble.of(0.375);
    assertEquals(
        new CheapestLabelled(0.375),
        settings(EstimatedRouter.Rule.CHEAPEST_LABELLED, set, none, none, none)
            .selection(calibration));
    assertEquals(
        new WinProbability(0.375),
        settings(EstimatedRouter.Rule.WIN_PROBABILITY, none, set, none, none)
            .selection(calibration));
    assertEquals(
        new LatencyLimit(3, new RequestBudget(0.02, new BestQuality())),
        settings(
                EstimatedRouter.Rule.BEST_QUALITY,
                none,
                none,
                OptionalDouble.of(0.02),
                OptionalDouble.of(3))
            .selection(calibration));
    assertEquals(
        new EstimatedRouter.Settings(
            "", EstimatedRouter.Rule.BEST_QUALITY, 10, 0.05, none, none, 0.6, none, none, 0),
        new EstimatedRouter.Settings(EstimatedRouter.Rule.BEST_QUALITY));
  }

  @Test
  void exploringByHand() {
    var router =
        new EstimatedRouter(new Fixed(0.3, 0.8, 0.6), new BestQuality(), 0.25, Fitted.Source.NONE);
    // 0.25 is not below 0.25.
    Route best = router.route(QUERY, pool(3), new Draws(0.25));
    assertEquals(List.of("m1", "m2", "m0"), names(best));
    assertEquals(0.75 + 0.25 / 3, best.ranked().getFirst().propensity(), 1e-15);
    assertEquals(0.25 / 3, best.ranked().getLast().propensity(), 1e-15);
    assertEquals(
        "m1: estimated quality 0.800 (deviation 0.000), cost 0.000000 USD.", best.explanation());
    Route drawn = router.route(QUERY, pool(3), new Draws(0.24, 0.9));
    assertEquals(List.of("m0", "m1", "m2"), names(drawn));
    assertEquals(0.25 / 3, drawn.ranked().getFirst().propensity(), 1e-15);
    assertTrue(
        drawn.explanation().endsWith("USD. Drawn at random, to learn."), drawn.explanation());
    // Who never explores draws no number.
    new EstimatedRouter(new Fixed(0.3, 0.8, 0.6), new BestQuality())
        .route(QUERY, pool(3), new Draws());
  }

  @Test
  void whereNobodyIsKnownAllAreAHalf() {
    Route route =
        new EstimatedRouter(new Fixed(0.3, 0.8, 0.7), new BestQuality())
            .route(QUERY, new Pool(List.of(new Pool.Member("new", 1))), new SplittableRandom(1));
    assertEquals(new Route.Choice("new", 0.5, 1, 0.5), route.ranked().getFirst());
  }

  /** The strong one of an equal pair is the one that the fit found large. */
  @Test
  void sizesReachTheRule() {
    var pool = new Pool(List.of(new Pool.Member("m0", 1), new Pool.Member("m1", 1)));
    for (int large : new int[] {0, 1}) {
      var sizes = large == 0 ? List.of(2, 1, 3) : List.of(1, 2, 3);
      var router =
          new EstimatedRouter(
              new Fixed(0.5, 0.5, 0.5), new WinProbability(0.5), 0, Fitted.Source.NONE, sizes);
      assertEquals("m" + large, names(router.route(QUERY, pool, new Draws())).getFirst());
    }
  }

  @Test
  void whatItStandsOnAndWhatIsInItsShadow() {
    var source = new Fitted.Source("art", 3);
    var other = new EstimatedRouter(new Fixed(1, 1, 1), new BestQuality());
    var router =
        new EstimatedRouter(new Fixed(1, 1, 1), new BestQuality(), 1, source)
            .beside(Optional.of(other));
    assertEquals(source, router.source());
    assertEquals(Optional.of(other), router.shadow());
    assertEquals(Optional.empty(), other.shadow());
    assertEquals(List.of("m0", "m1", "m2"), router.members());
    assertThrows(
        IllegalArgumentException.class,
        () -> new EstimatedRouter(new Fixed(1, 1, 1), new BestQuality(), -0.1, source));
  }
}
