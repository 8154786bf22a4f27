package dev.tutti.cascade;

import dev.tutti.cascade.method.agent.Der;
import dev.tutti.cascade.method.agent.DerFit;
import dev.tutti.cascade.method.agreement.ConsistencyPolicy;
import dev.tutti.cascade.method.agreement.MixtureOfThought;
import dev.tutti.cascade.method.calibrated.CalibratedCascading;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit;
import dev.tutti.cascade.method.calibrated.CalibratedMembers;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;

/** Every method of this service, one entry each. */
public final class CascadeCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedCascade<?>> FITTED =
      List.of(new CalibratedCascadingFit(), new DerFit());

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<CascadeMethod> METHODS = of(ArtifactSource.none());

  private CascadeCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<CascadeMethod> of(ArtifactSource<LearnedCascade> learned) {
    return MethodCatalog.of(
        MethodDefinition.<CascadeMethod, CalibratedCascading.Settings>of(
                CalibratedCascadingFit.NAME,
                Family.FAMILY_CASCADE,
                "Members answer in turn until one is probably right, by calibrated confidence",
                CalibratedCascadingFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
                Members.atLeast(1),
                true,
                CalibratedCascading.class,
                CalibratedCascading.Settings.DEFAULTS,
                settings ->
                    new CalibratedCascading(
                        settings,
                        (CalibratedMembers)
                            learned
                                .require(CalibratedCascadingFit.NAME, settings.artifact())
                                .learned()))
            .fittedAs(new CalibratedCascadingFit().describe()),
        MethodDefinition.of(
            "consistency",
            Family.FAMILY_CASCADE,
            "Each member is sampled several times; where its answers agree they are taken",
            "Yue et al. 2024, Mixture-of-Thought cascade (vote, one prompt), arXiv:2310.03094",
            Set.of(Capability.CAPABILITY_GENERATION),
            Members.atLeast(1),
            true,
            ConsistencyPolicy.class,
            ConsistencyPolicy.Settings.DEFAULTS,
            ConsistencyPolicy::new),
        MethodDefinition.<CascadeMethod, Der.Settings>of(
                DerFit.NAME,
                Family.FAMILY_CASCADE,
                "A trained agent says step by step whom to ask next, and hands the answer so far on",
                DerFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_EMBEDDING),
                Members.atLeast(1),
                true,
                Der.class,
                Der.Settings.DEFAULTS,
                settings ->
                    Der.of(settings, learned.require(DerFit.NAME, settings.artifact()).learned()))
            .fittedAs(new DerFit().describe())
            .rewriting(),
        MethodDefinition.<CascadeMethod, MixtureOfThought.Settings>of(
                "mixture-of-thought",
                Family.FAMILY_CASCADE,
                "Each member is sampled in words and by programs; where they agree that is taken",
                "Yue et al. 2024, Large Language Model Cascades with Mixture of Thought"
                    + " Representations, ICLR, arXiv:2310.03094",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                MixtureOfThought.class,
                MixtureOfThought.Settings.DEFAULTS,
                MixtureOfThought::new)
            .rewriting(),
        MethodDefinition.of(
            "model-cascading",
            Family.FAMILY_CASCADE,
            "Members answer in order until one is confident enough of its own answer",
            "Varshney & Baral 2022, Model Cascading, EMNLP, arXiv:2210.05528",
            Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
            Members.atLeast(1),
            true,
            ModelCascading.class,
            ModelCascading.Settings.DEFAULTS,
            ModelCascading::new));
  }
}
