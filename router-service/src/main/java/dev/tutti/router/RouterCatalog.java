package dev.tutti.router;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.method.v1.Family;
import dev.tutti.router.method.bandit.MetaLlmRouter;
import dev.tutti.router.method.bandit.PickLlmRouter;
import dev.tutti.router.method.blending.BlendingRouter;
import dev.tutti.router.method.elo.EagleRouter;
import dev.tutti.router.method.estimate.EstimatedRouter;
import dev.tutti.router.method.selection.Calibration;
import dev.tutti.type.v1.Capability;
import java.util.ArrayList;
import java.util.Set;
import java.util.function.Function;

/** Every method of this service, one entry each; the pretrained ones are {@link FittedMethods}. */
public final class RouterCatalog {

  /** The methods by name, where nothing learned is kept and no feedback taken. */
  public static final MethodCatalog<Router> METHODS = of(ArtifactSource.none(), false);

  private RouterCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<Router> of(ArtifactSource<QualityEstimator> learned) {
    return of(learned, true);
  }

  /**
   * The methods by name.
   *
   * @param takesFeedback whether queries come with embeddings and feedback reaches the routers that
   *     learn from it
   */
  private static MethodCatalog<Router> of(
      ArtifactSource<QualityEstimator> learned, boolean takesFeedback) {
    var definitions = new ArrayList<MethodDefinition<Router>>();
    definitions.add(
        MethodDefinition.of(
            "blending",
            Family.FAMILY_ROUTER,
            "At every turn a member is drawn at random, by weight, and answers the whole history",
            "Lu et al. 2024, Blending Is All You Need, arXiv:2401.02994",
            Set.of(Capability.CAPABILITY_GENERATION),
            Members.atLeast(1),
            true,
            BlendingRouter.class,
            new BlendingRouter.Settings(),
            _ -> new BlendingRouter()));
    definitions.add(
        learner(
            takesFeedback,
            "eagle",
            "Elo ratings over all feedback and over that on similar queries",
            "Zhao, Jin, Mao 2024, Eagle, arXiv:2409.15518",
            EagleRouter.class,
            new EagleRouter.Settings(),
            EagleRouter::new));
    definitions.add(
        learner(
            takesFeedback,
            "metallm",
            "A contextual bandit, LinUCB, over query embeddings",
            "Nguyen et al. 2024, MetaLLM, arXiv:2407.10834",
            MetaLlmRouter.class,
            new MetaLlmRouter.Settings(),
            MetaLlmRouter::new));
    definitions.add(
        learner(
            takesFeedback,
            "pickllm",
            "A bandit that does not look at the query and settles on the best reward",
            "Sikeridis et al. 2024, PickLLM, arXiv:2412.12170",
            PickLlmRouter.class,
            new PickLlmRouter.Settings(),
            PickLlmRouter::new));
    for (FittedEstimator<?> method : FittedMethods.ALL) {
      definitions.add(fitted(learned, method));
    }
    return MethodCatalog.of(definitions);
  }

  private static <S extends Record> MethodDefinition<Router> learner(
      boolean takesFeedback,
      String name,
      String summary,
      String paper,
      Class<? extends Router> type,
      S defaults,
      Function<S, ? extends Router> constructor) {
    return MethodDefinition.of(
        name,
        Family.FAMILY_ROUTER,
        summary,
        paper,
        Set.of(
            Capability.CAPABILITY_GENERATION,
            Capability.CAPABILITY_EMBEDDING,
            Capability.CAPABILITY_FEEDBACK),
        Members.atLeast(1),
        true,
        type,
        defaults,
        settings -> {
          if (!takesFeedback) {
            throw new IllegalArgumentException(
                "%s learns from feedback, and this service takes none.".formatted(name));
          }
          return constructor.apply(settings);
        });
  }

  private static MethodDefinition<Router> fitted(
      ArtifactSource<QualityEstimator> learned, FittedEstimator<?> method) {
    return MethodDefinition.<Router, EstimatedRouter.Settings>of(
            method.name(),
            Family.FAMILY_ROUTER,
            method.summary(),
            method.paper(),
            Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_EMBEDDING),
            Members.atLeast(1),
            true,
            EstimatedRouter.class,
            new EstimatedRouter.Settings(method.rule()),
            settings ->
                estimated(settings, learned.require(method.name(), settings.artifact()))
                    .beside(
                        learned
                            .shadow(settings.artifact())
                            .map(shadow -> estimated(settings, shadow))))
        .fittedAs(method.describe());
  }

  private static EstimatedRouter estimated(
      EstimatedRouter.Settings settings, LiveArtifact<QualityEstimator> live) {
    Calibration calibration = Calibration.of(live.artifact().parameters());
    return new EstimatedRouter(
        live.learned(),
        settings.selection(calibration),
        settings.exploration(),
        new Fitted.Source(settings.artifact(), live.artifact().version()),
        calibration.sizes());
  }
}
