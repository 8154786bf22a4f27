package dev.tutti.router.answer;

import dev.tutti.generation.v1.Shadow;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * What a version in shadow would have decided about the same query and pool, with the same chance.
 *
 * @param source the version
 * @param route its ranking
 */
record ShadowRoute(Fitted.Source source, Route route) {

  private static final Logger LOG = Logger.getLogger(ShadowRoute.class);

  /** Asks whoever is in shadow; empty where nobody is. Nothing that goes wrong there is told. */
  static Optional<ShadowRoute> of(Fitted live, Query query, Pool pool, RandomGenerator random) {
    Optional<? extends Router> shadow = live.shadow();
    if (shadow.isEmpty() || !(shadow.get() instanceof Fitted fitted)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ShadowRoute(fitted.source(), shadow.get().route(query, pool, random)));
    } catch (RuntimeException e) {
      LOG.debugf(e, "Shadow %s decided nothing", fitted.source());
      return Optional.empty();
    }
  }

  /**
   * As a decision tells it.
   *
   * @param live the ranking that counts
   */
  Shadow told(Route live) {
    Shadow.Builder told =
        Shadow.newBuilder()
            .setArtifact(source.artifact())
            .setArtifactVersion(source.version())
            .setActiveChoice(live.ranked().getFirst().member());
    for (Route.Choice choice : route.ranked()) {
      told.addRankedBuilder()
          .setMember(choice.member())
          .setScore(choice.score())
          .setPropensity(choice.propensity());
    }
    return told.build();
  }
}
