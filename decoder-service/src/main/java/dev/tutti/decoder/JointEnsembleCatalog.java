package dev.tutti.decoder;

import dev.tutti.decoder.method.routing.CiterEnsemble;
import dev.tutti.decoder.method.routing.EtrEnsemble;
import dev.tutti.decoder.method.routing.ExpertTokens;
import dev.tutti.decoder.method.routing.ExpertTokensFit;
import dev.tutti.decoder.method.routing.TokenRouterFit;
import dev.tutti.decoder.method.routing.TokenRouters;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.method.token.UniteEnsemble;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;

/** The ensembles during inference that there are, one line a method. */
public final class JointEnsembleCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedMethod<?, LearnedEnsemble, ?>> FITTED =
      List.of(new ExpertTokensFit(), new TokenRouterFit());

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<JointEnsemble> METHODS = of(ArtifactSource.none());

  private JointEnsembleCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<JointEnsemble> of(ArtifactSource<LearnedEnsemble> learned) {
    return MethodCatalog.of(
        MethodDefinition.<JointEnsemble, CiterEnsemble.Settings>of(
                TokenRouterFit.NAME,
                Family.FAMILY_TOKEN,
                "A member writes while its router trusts what it would write; the next ones write"
                    + " the rest.",
                TokenRouterFit.PAPER,
                Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION, Capability.CAPABILITY_HIDDEN_STATE),
                new Members(2, 16),
                false,
                CiterEnsemble.class,
                CiterEnsemble.Settings.DEFAULTS,
                settings -> citer(settings, learned))
            .fittedAs(new TokenRouterFit().describe()),
        MethodDefinition.<JointEnsemble, EtrEnsemble.Settings>of(
                ExpertTokensFit.NAME,
                Family.FAMILY_TOKEN,
                "The first member hands over for good to the one whose own token it finds the most"
                    + " probable.",
                ExpertTokensFit.PAPER,
                Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION, Capability.CAPABILITY_HIDDEN_STATE),
                new Members(2, 16),
                false,
                EtrEnsemble.class,
                EtrEnsemble.Settings.DEFAULTS,
                settings -> etr(settings, learned))
            .fittedAs(new ExpertTokensFit().describe()),
        MethodDefinition.of(
            "gac",
            Family.FAMILY_TOKEN,
            "Averages the members' next-token probabilities over the union of their"
                + " vocabularies.",
            "Yu et al. 2024, Breaking the Ceiling of the LLM Community by Treating Token"
                + " Generation as a Classification for Ensembling, https://arxiv.org/abs/2406.12585",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            GacEnsemble.class,
            GacEnsemble.Settings.DEFAULTS,
            GacEnsemble::new),
        MethodDefinition.of(
            "unite",
            Family.FAMILY_TOKEN,
            "Averages the members' probabilities over the union of their most probable pieces;"
                + " endpoints that tell these can be members.",
            "Yao et al. 2024, Determine-Then-Ensemble: Necessity of Top-k Union for Large"
                + " Language Model Ensembling, https://arxiv.org/abs/2410.03777",
            Set.of(Capability.CAPABILITY_TOP_LOGPROBS),
            new Members(1, 16),
            false,
            UniteEnsemble.class,
            UniteEnsemble.Settings.DEFAULTS,
            UniteEnsemble::new));
  }

  private static CiterEnsemble citer(
      CiterEnsemble.Settings settings, ArtifactSource<LearnedEnsemble> learned) {
    LiveArtifact<LearnedEnsemble> live = learned.require(TokenRouterFit.NAME, settings.artifact());
    return new CiterEnsemble(settings, (TokenRouters) live.learned(), live.artifact().version());
  }

  private static EtrEnsemble etr(
      EtrEnsemble.Settings settings, ArtifactSource<LearnedEnsemble> learned) {
    LiveArtifact<LearnedEnsemble> live = learned.require(ExpertTokensFit.NAME, settings.artifact());
    return new EtrEnsemble(settings, (ExpertTokens) live.learned(), live.artifact().version());
  }
}
