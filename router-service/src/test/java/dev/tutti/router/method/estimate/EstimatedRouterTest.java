package dev.tutti.router.method.estimate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.learning.Parameters;
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
import dev.tutti.router.method.selection.UnsureRandom;
import java.util.List;
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
}
