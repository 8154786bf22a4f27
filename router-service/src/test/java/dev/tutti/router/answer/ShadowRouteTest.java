package dev.tutti.router.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Shadow;
import dev.tutti.learning.Parameters;
import dev.tutti.router.Estimate;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.method.estimate.EstimatedRouter;
import dev.tutti.router.method.selection.BestQuality;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShadowRouteTest {

  private static final Query QUERY = new Query(List.of(new Query.Message(Query.Role.USER, "?")));
  private static final Pool POOL =
      new Pool(List.of(new Pool.Member("a", 1), new Pool.Member("b", 1)));

  @Test
  void aShadowTellsItsRankingBesideTheActiveChoice() {
    EstimatedRouter live = router(1, 0.9, 0.1);
    Optional<ShadowRoute> shadow = asked(live.beside(Optional.of(router(2, 0.3, 0.4))));
    Shadow told = shadow.orElseThrow().told(live.route(QUERY, POOL, new SplittableRandom(1)));
    assertEquals("ours", told.getArtifact());
    assertEquals(2, told.getArtifactVersion());
    assertEquals("a", told.getActiveChoice());
    assertEquals("b", told.getRanked(0).getMember());
    assertEquals(0.4, told.getRanked(0).getScore());
    assertEquals(1, told.getRanked(0).getPropensity());
    assertEquals(0, told.getRanked(1).getPropensity());
  }

  @Test
  void whatFailsInShadowIsNobodysFailure() {
    EstimatedRouter broken = router(2, Double.NaN, 0);
    assertTrue(asked(router(1, 0.9, 0.1).beside(Optional.of(broken))).isEmpty());
    assertTrue(asked(router(1, 0.9, 0.1)).isEmpty());
  }

  private static Optional<ShadowRoute> asked(EstimatedRouter live) {
    return ShadowRoute.of(live, QUERY, POOL, new SplittableRandom(1));
  }

  private static EstimatedRouter router(int version, double... quality) {
    return new EstimatedRouter(
        new QualityEstimator() {
          @Override
          public Estimate estimate(Query query) {
            return Estimate.of(quality, Estimate.Scale.OUTCOME);
          }

          @Override
          public Parameters parameters() {
            return Parameters.of(List.of("a", "b"));
          }
        },
        new BestQuality(),
        0,
        new Fitted.Source("ours", version));
  }
}
