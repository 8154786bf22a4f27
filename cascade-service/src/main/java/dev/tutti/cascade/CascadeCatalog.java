package dev.tutti.cascade;

import dev.tutti.cascade.method.agreement.ConsistencyPolicy;
import dev.tutti.cascade.method.calibrated.CalibratedCascading;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit;
import dev.tutti.cascade.method.calibrated.CalibratedMembers;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.cascade.method.demonstration.EcoAssistant;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;

/** Every method of this service, one entry each. */
public final class CascadeCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedCascade<?>> FITTED = List.of(new CalibratedCascadingFit());

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
        MethodDefinition.<CascadeMethod, EcoAssistant.Settings>of(
                "eco-assistant",
                Family.FAMILY_CASCADE,
                "The cheapest member first; accepted answers become examples for later questions",
                "Zhang et al. 2023, EcoAssistant, arXiv:2310.03046",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                EcoAssistant.class,
                EcoAssistant.Settings.DEFAULTS,
                EcoAssistant::new)
            .with(
                new MethodRole(
                    EcoAssistant.ASSISTANT,
                    Members.atLeast(1),
                    Set.of(),
                    "Answers, in the order of the recipe: the cheapest comes first.",
                    true),
                new MethodRole(
                    EcoAssistant.VERIFIER,
                    new Members(0, 1),
                    Set.of(),
                    "Says of each answer whether it does; without one the user does, by feedback.",
                    false))
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
